# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.container_start import (
    EnvSource,
    RestartRule,
    env_sources,
)


@pytest.mark.parametrize(
    ("condition", "code", "matches"),
    [
        ({"operator": "In", "values": [3, 4]}, 4, True),
        ({"operator": "In", "values": [3, 4]}, 5, False),
        ({"operator": "NotIn", "values": [3, 4]}, 4, False),
        ({"operator": "NotIn", "values": [3, 4]}, 5, True),
        ({"operator": "Above", "values": [3]}, 4, None),
        (None, 4, None),
    ],
)
def test_a_rule_about_exit_codes(condition: Any, code: int, matches: bool | None) -> None:
    assert RestartRule.from_object({"action": "Restart", "exitCodes": condition}).matches(code) is matches


def test_what_the_environment_comes_from() -> None:
    spec = {
        "envFrom": [
            {"configMapRef": {"name": "common"}},
            {"secretRef": {"name": "all"}, "prefix": "X_"},
            {"secretRef": {"name": "perhaps", "optional": True}},
        ],
        "env": [
            {"name": "PLAIN", "value": "1"},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "ONE", "valueFrom": {"configMapKeyRef": {"name": "common", "key": "a"}}},
            {"name": "AGAIN", "valueFrom": {"configMapKeyRef": {"name": "common", "key": "a", "optional": False}}},
            {"name": "TWO", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
            {"name": "THREE", "valueFrom": {"secretKeyRef": {"name": "db", "key": "host", "optional": True}}},
        ],
    }
    assert env_sources(spec) == (
        EnvSource("ConfigMap", "common"),
        EnvSource("Secret", "all"),
        EnvSource("ConfigMap", "common", "a"),
        EnvSource("Secret", "db", "password"),
    )
    assert env_sources({}) == ()
