# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which disruption budgets cover a pod. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


def covering(budgets: Iterable[JsonObject], pod: Pod) -> list[str]:
    """Names of the PodDisruptionBudgets that an eviction of the pod has to respect.

    One without a selector, or with an empty one, covers no pod there (pkg/registry/core/pod/storage/eviction.go,
    getPodDisruptionBudgets).
    """
    return sorted(obj["metadata"]["name"] for obj in budgets if _matches(obj["spec"].get("selector") or {}, pod.labels))


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """A LabelSelector (apimachinery, pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector)."""
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not wanted and not expressions:
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(entry, labels) for entry in expressions
    )


def _holds(entry: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = entry["key"], entry.get("values") or []
    match entry["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:  # DoesNotExist
            return key not in labels
