# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which disruption budgets cover a pod. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


def covering(budgets: Iterable[JsonObject], labels: Mapping[str, str]) -> list[str]:
    """Names of the PodDisruptionBudgets whose selector matches; an empty selector matches all, none matches nothing.

    Source: staging/src/k8s.io/api/policy/v1/types.go, PodDisruptionBudgetSpec.
    """
    return [
        budget["metadata"]["name"]
        for budget in budgets
        if (selector := budget["spec"].get("selector")) is not None and _matches(selector, labels)
    ]


def _matches(selector: JsonObject, labels: Mapping[str, str]) -> bool:
    """LabelSelector (apimachinery's meta/v1/helpers.go, LabelSelectorAsSelector)."""
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _fits(entry, labels) for entry in selector.get("matchExpressions") or []
    )


def _fits(entry: JsonObject, labels: Mapping[str, str]) -> bool:
    there, among = entry["key"] in labels, labels.get(entry["key"]) in (entry.get("values") or [])
    return {
        "In": there and among,
        "NotIn": not (there and among),
        "Exists": there,
        "DoesNotExist": not there,
    }[entry["operator"]]
