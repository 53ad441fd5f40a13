# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role's argument_specs promise is what its defaults do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted(path.parent for path in (Path(__file__).resolve().parents[2] / "roles").glob("*/meta"))


def load(path: Path) -> dict[str, Any]:
    """A YAML file; nothing where there is none."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return loaded


def faults(role: str, specs: dict[str, Any], defaults: dict[str, Any]) -> list[str]:
    """Everything in which the two differ."""
    options: dict[str, dict[str, Any]] = {}
    for entry in specs.values():
        options |= entry.get("options") or {}
    optional = {name for name, option in options.items() if not option.get("required")}
    found = [f"{name}: is required and has a default" for name in options.keys() - optional if name in defaults]
    found += [
        f"{name}: says a default and is required" for name in options.keys() - optional if "default" in options[name]
    ]
    found += [f"{name}: is not in defaults/main.yml" for name in optional - defaults.keys()]
    found += [f"{name}: is not in argument_specs" for name in defaults.keys() - options.keys()]
    found += [
        f"{name}: argument_specs say {options[name].get('default')!r}, defaults/main.yml {defaults[name]!r}"
        for name in optional & defaults.keys()
        if options[name].get("default") != defaults[name]
    ]
    found += [f"{name}: does not begin with {role}_" for name in options if not name.startswith(f"{role}_")]
    return sorted(found)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_argument_specs_and_defaults_agree(role: Path) -> None:
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    assert "main" in specs
    assert faults(role.name, specs, load(role / "defaults" / "main.yml")) == []


def test_there_is_a_role() -> None:
    assert ROLES


@pytest.mark.parametrize(
    ("options", "defaults", "fault"),
    [
        ({"r_a": {"default": 1}}, {"r_a": 2}, "r_a: argument_specs say 1, defaults/main.yml 2"),
        ({"r_a": {}}, {"r_a": ""}, "r_a: argument_specs say None, defaults/main.yml ''"),
        ({"r_a": {"required": True}}, {"r_a": 1}, "r_a: is required and has a default"),
        ({"r_a": {"required": True, "default": 1}}, {}, "r_a: says a default and is required"),
        ({"r_a": {"default": 1}}, {}, "r_a: is not in defaults/main.yml"),
        ({}, {"r_a": 1}, "r_a: is not in argument_specs"),
        ({"a": {"required": True}}, {}, "a: does not begin with r_"),
    ],
)
def test_a_fault_is_found(options: dict[str, Any], defaults: dict[str, Any], fault: str) -> None:
    assert faults("r", {"main": {"options": options}}, defaults) == [fault]
