# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role takes none of its own variables for a misspelt one, which would make every run fail, and finds one that is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = {path.parents[1].name: path.parents[1] for path in Path(__file__).parents[2].glob("roles/*/vars/main.yml")}


def load(path: Path) -> Any:
    """A YAML file; nothing where there is none."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


STRICT = sorted(name for name, path in ROLES.items() if f"__{name}_strays" in load(path / "vars" / "main.yml"))


def tasks(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All of them, those in blocks too."""
    for entry in entries:
        yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks(entry.get(part) or [])


def own(role: Path) -> set[str]:
    """The variables that the role itself has or makes, other than those that are private."""
    names = {*load(role / "vars" / "main.yml"), *load(role / "defaults" / "main.yml")}
    names |= load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"].keys()
    for path in role.glob("tasks/*.yml"):
        for task in tasks(load(path)):
            names |= (task.get("ansible.builtin.set_fact") or {}).keys()
            names |= {task["register"]} if "register" in task else set()
    return {name for name in names if name.startswith(f"{role.name}_")}


@pytest.fixture(scope="module")
def strays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each role calls a stray of all its own variables and a misspelt one, as Ansible itself says."""
    folder = tmp_path_factory.mktemp("strays")
    found = folder / "found.json"
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {name: "" for role in STRICT for name in (*own(ROLES[role]), f"{role}_mispelt")},
        "vars_files": [str(ROLES[role] / "vars" / "main.yml") for role in STRICT],
        "tasks": [
            *(
                {
                    "ansible.builtin.set_fact": {f"found_{role}": f"{{{{ __{role}_strays }}}}"},
                    "vars": {"role_path": str(ROLES[role])},
                }
                for role in STRICT
            ),
            {
                "ansible.builtin.copy": {
                    "content": "{{ dict(roles | zip(query('ansible.builtin.vars', *names))) | to_json }}",
                    "dest": str(found),
                    "mode": "0600",
                },
                "vars": {"roles": STRICT, "names": [f"found_{role}" for role in STRICT]},
            },
        ],
    }
    (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    words = [sys.executable, "-m", "ansible", "playbook", "--inventory", "localhost,", "--connection", "local"]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(folder), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    ran = subprocess.run([*words, "play.json"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said: dict[str, list[str]] = json.loads(found.read_text(encoding="utf-8"))
    return said


@pytest.mark.parametrize("name", STRICT)
def test_what_is_the_roles_own_is_no_stray_and_a_misspelt_one_is(name: str, strays: dict[str, list[str]]) -> None:
    assert own(ROLES[name])
    assert strays[name] == [f"{name}_mispelt"]


def test_the_roles_with_many_options_look_for_strays() -> None:
    assert {"safe_restart", "staged_restart", "fleet_restart", "restart_report", "restart_rbac"} <= set(STRICT)


@pytest.mark.parametrize("name", sorted(ROLES.keys() - set(STRICT)))
def test_a_role_that_looks_for_none_has_none(name: str) -> None:
    assert [variable for variable in load(ROLES[name] / "vars" / "main.yml") if not variable.startswith("__")] == []
