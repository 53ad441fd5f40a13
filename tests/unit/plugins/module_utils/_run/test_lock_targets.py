# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Lockable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock_targets import lockables
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi


@pytest.mark.parametrize(
    ("params", "kind", "name"),
    [
        ({"kind": "Deployment", "name": "cart"}, "Deployment", "cart"),
        ({"kind": "Rollout", "name": "cart"}, "Rollout", "cart"),
        ({"pod": "toolbox"}, "Pod", "toolbox"),
        ({"definition": {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {}}}, "StatefulSet", "db"),
    ],
)
def test_what_is_named_costs_no_request(fake_api: FakeApi, params: dict[str, Any], kind: str, name: str) -> None:
    assert lockables(fake_api, {"namespace": "shop"} | params) == [Lockable("shop", kind, name)]


def test_a_definition_may_have_its_namespace(fake_api: FakeApi) -> None:
    definition = {"kind": "Deployment", "metadata": {"name": "cart", "namespace": "other"}, "spec": {}}
    assert lockables(fake_api, {"namespace": None, "definition": definition}) == [
        Lockable("other", "Deployment", "cart")
    ]


@pytest.mark.parametrize(
    "params",
    [
        {"namespace": "..", "kind": "Deployment", "name": "cart"},
        {"namespace": "shop", "kind": "../x", "name": "cart"},
        {"namespace": "shop", "kind": "Deployment", "name": "a/b"},
        {"namespace": None, "pod": "toolbox"},
        {"namespace": None, "definition": {"kind": "Deployment"}},
    ],
)
def test_what_is_no_name_is_an_error(fake_api: FakeApi, params: dict[str, Any]) -> None:
    with pytest.raises(TargetError):
        lockables(fake_api, params)
