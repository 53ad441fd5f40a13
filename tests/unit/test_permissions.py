# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of permissions in texts and options is what _logic/permissions.py says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import RESTART_ACCOUNT
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import (
    APPS,
    CORE,
    FEATURES,
    STRATEGIES,
    Permission,
    granted,
    in_namespace,
    needed,
    permissions,
)

ROOT = Path(__file__).resolve().parents[2]
WORKLOADS = ("deployments", "statefulsets", "daemonsets")
#: What the Role of the README is for, as its text and its comments say.
README_STRATEGIES = ("in_place", "rollout_restart", "image_alias", "ephemeral")

#: The modules whose notes tell all that they need, and the strategies that are theirs.
NOTES = {
    "container_restart": "in_place",
    "container_signal": "container_signal",
    "pid1_info": "pid1_info",
    "resource_replace": "resource_replace",
    "rollout_info": "rollout_info",
    "rollout_restart": "rollout_restart",
    "rollout_undo": "rollout_undo",
    "sandbox_restart": "sandbox_restart",
    "scale_cycle": "scale_cycle",
    "set_env": "set_env",
    "template_patch": "template_patch",
}


def readme_rules() -> list[dict[str, Any]]:
    """The rules of the Role in the section "Connecting to a cluster"."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Connecting to a cluster\n")[1]
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)]
    (role,) = [block for block in blocks if isinstance(block, dict) and block.get("kind") == "Role"]
    rules: list[dict[str, Any]] = role["rules"]
    return rules


def test_the_readmes_role_is_what_all_features_and_its_strategies_need() -> None:
    assert granted(readme_rules()) == in_namespace(permissions(README_STRATEGIES, FEATURES))


def first_sentence(module: str) -> str:
    """What that module's credentials have to allow, as its notes begin to say it."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    (text,) = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "DOCUMENTATION"
        and isinstance(node.value, ast.Constant)
    ]
    notes = [note for note in yaml.safe_load(str(text))["notes"] if note.startswith("The credentials have to allow")]
    return str(notes[0]).split(". ")[0].split(", and for O(")[0]


def said(sentence: str) -> Iterator[Permission]:
    """The permissions in a sentence such as `C(get) and C(watch) on pods, and C(list) on C(replicasets)`."""
    verbs = r"((?:C\((?:get|list|watch|create|update|patch|delete)\)(?:, and |, | and )?)+) on "
    resources = r"(the workload|C\([a-z/]+\)(?: (?:or|and) C\([a-z]+\))?|pods)"
    for some, what in re.findall(verbs + resources, sentence):
        names = WORKLOADS if what == "the workload" else re.findall(r"[a-z/]{2,}", re.sub(r"\b(or|and)\b", "", what))
        group = APPS if what == "the workload" or "replicasets" in what else CORE
        yield from (Permission(group, name, verb) for name in names for verb in re.findall(r"\((\w+)\)", some))


@pytest.mark.parametrize(("module", "strategy"), NOTES.items())
def test_the_notes_tell_what_is_needed(module: str, strategy: str) -> None:
    # events are told of by sandbox_restart only, as a resource without C()
    sentence = first_sentence(module).replace(" on events", " on C(events)")
    assert set(said(sentence)) == needed(strategy)


def test_a_module_without_such_a_note_is_found() -> None:
    have = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if "have to allow" in path.read_text()}
    # these only look, and restart_account grants nothing for them
    looking = {"restart_lock_info", "stale_config_info", "workload_info"}
    assert have - {"pod_delete", "restart_account"} - looking == NOTES.keys()


def test_the_options_offer_all_of_them() -> None:
    assert RESTART_ACCOUNT["strategies"]["choices"] == sorted(STRATEGIES)
    assert RESTART_ACCOUNT["features"]["choices"] == sorted(FEATURES)


def test_the_role_offers_what_the_module_does() -> None:
    path = ROOT / "roles" / "restart_rbac" / "meta" / "argument_specs.yml"
    options = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    renamed = {"token_path": "token_file", "kubeconfig_path": "kubeconfig_file"}
    for name, option in RESTART_ACCOUNT.items():
        of_role = options.pop(f"restart_rbac_{renamed.get(name, name)}")
        # a survey's empty answer is the default
        assert of_role.get("choices") == (["", *option["choices"]] if "choices" in option else None)
        assert bool(of_role.get("required")) == bool(option.get("required"))
        if "default" in option:
            assert of_role["default"] == option["default"]
    assert options == {}
