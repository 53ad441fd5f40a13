# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.disruption_budget import covering
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod

POD = Pod.from_object(pod("cart-a", meta={"labels": {"app": "cart", "tier": "web"}}))


@pytest.mark.parametrize(
    ("selector", "covers"),
    [
        ({"matchLabels": {"app": "cart"}}, True),
        ({"matchLabels": {"app": "cart", "tier": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["cart", "shop"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "cart"}, "matchExpressions": [{"key": "zone", "operator": "Exists"}]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_which_budgets_cover_a_pod(selector: JsonObject | None, covers: bool) -> None:
    assert covering([{"metadata": {"name": "one"}, "spec": {"selector": selector}}], POD) == ["one"] * covers
