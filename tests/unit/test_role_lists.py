# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles and playbooks offer is what the modules do: lists that two places have to know are the same in both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    ACCOUNT,
    GATES,
    IN_PLACE,
    STALE_CONFIG,
    WORKLOAD,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import canary, role_options, stages
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_decision import FALLBACKS
from ansible_collections.saferestart.k8s.tests import awx_import

ROOT = Path(__file__).resolve().parents[2]
MODULE = {**IN_PLACE, **ACCOUNT}
#: What the role understands besides the module's own choices.
MORE_CHOICES = {"on_timeout": {"pods"}}


def role(name: str) -> dict[str, dict[str, Any]]:
    """The options of a role, without its name before theirs."""
    text = (ROOT / "roles" / name / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return {option.removeprefix(f"{name}_"): spec for option, spec in options.items()}


def told(name: str, option: str) -> str:
    """What the role's argument_specs and its README say of it."""
    texts = role(name)[option]["description"]
    return "\n".join([*texts, (ROOT / "roles" / name / "README.md").read_text(encoding="utf-8")])


SAFE_RESTART = role("safe_restart")
SHARED = sorted(SAFE_RESTART.keys() & MODULE.keys() - {"namespace", "containers"})


def test_the_role_has_options_of_the_module() -> None:
    assert {"signal", "canary", "gates", "lock", "on_timeout", "wait_timeout"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_an_option_of_the_role_is_that_of_the_module(name: str) -> None:
    mine, its = SAFE_RESTART[name], MODULE[name]
    if "choices" in its:
        assert set(mine["choices"]) == {"", *its["choices"], *MORE_CHOICES.get(name, ())}
    # what the module has no default for is empty in the role
    assert mine["default"] == its["default"] if "default" in its else not mine["default"]


def test_what_a_canary_and_the_gates_can_be() -> None:
    assert set(canary.NAMES) == MODULE["canary"]["options"].keys()
    gates = GATES["gates"]["options"]
    assert set(role_options.GATES) == gates.keys()
    assert {tuple(sorted(gate["choices"])) for gate in gates.values()} == {tuple(sorted(role_options.LEVELS))}
    assert all(f"C({name})" in told("safe_restart", "canary") for name in canary.NAMES)
    assert all(f"C({name})" in told("safe_restart", "gates") for name in role_options.GATES)
    assert all(f"V({level})" in told("safe_restart", "gates") for level in role_options.LEVELS)


def test_every_fallback_is_offered_and_told_of() -> None:
    (question,) = [entry for entry in awx_import.load("survey")["spec"] if entry["variable"] == "safe_restart_fallback"]
    assert question["choices"] == list(FALLBACKS)
    text = told("safe_restart", "fallback")
    assert all(f"V({way})" in text and f"| `{way}` |" in text for way in FALLBACKS)


def test_every_option_of_a_gate_is_told_of() -> None:
    text = told("staged_restart", "stages")
    assert all(f"C({name})" in text and f"gate.{name}`" in text for name in stages.GATE)


def test_every_format_of_a_report_can_be_written() -> None:
    text = (ROOT / "roles" / "restart_report" / "vars" / "main.yml").read_text(encoding="utf-8")
    endings = yaml.safe_load(text)["__restart_report_endings"]
    assert role("restart_report")["formats"]["choices"] == ["", *endings]
    assert all(f"__restart_report_{name}:" in text for name in endings)


@pytest.mark.parametrize(
    ("playbook", "option", "choices"),
    [
        ("restart_by_label", "restart_by_label_kinds", WORKLOAD["kind"]["choices"]),
        ("stale_config", "stale_config_uses", STALE_CONFIG["uses"]["choices"]),
    ],
)
def test_a_playbook_offers_what_its_module_does(playbook: str, option: str, choices: list[str]) -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    (options,) = [value for name, value in play["vars"].items() if name.endswith("_options")]
    assert options[option]["choices"] == choices


@pytest.mark.parametrize("playbook", ["restart_by_label", "stale_config", "pid1_audit"])
def test_a_playbook_knows_all_variables_that_it_tells_of(playbook: str) -> None:
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    (play,) = yaml.safe_load(text)
    (options,) = [value for name, value in play["vars"].items() if name.endswith("_options")]
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert set(re.findall(rf"\b{playbook}_\w+", comments)) == options.keys()
