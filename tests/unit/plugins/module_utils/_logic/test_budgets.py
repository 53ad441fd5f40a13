# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.budgets import covering

LABELS = {"app": "cart", "tier": "backend"}


def expression(operator: str, *values: str, key: str = "app") -> dict[str, Any]:
    """A selector of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, "values": [*values]}]}


@pytest.mark.parametrize(
    ("selector", "covers"),
    [
        ({"matchLabels": {"app": "cart"}}, True),
        ({"matchLabels": {"app": "cart", "tier": "front"}}, False),
        ({"matchLabels": {"stage": "live"}}, False),
        ({}, True),
        (None, False),
        (expression("In", "cart", "shop"), True),
        (expression("In", "shop"), False),
        (expression("NotIn", "shop"), True),
        (expression("NotIn", "cart"), False),
        (expression("NotIn", "cart", key="stage"), True),
        (expression("Exists"), True),
        (expression("Exists", key="stage"), False),
        (expression("DoesNotExist"), False),
        (expression("DoesNotExist", key="stage"), True),
    ],
)
def test_covering(selector: dict[str, Any] | None, covers: bool) -> None:
    budget = {"metadata": {"name": "one"}, "spec": {"selector": selector}}
    assert covering([budget], LABELS) == (["one"] if covers else [])
