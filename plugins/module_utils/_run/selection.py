# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which live objects the option `select` of a module means."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.condition import condition
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


def selected_uids(objects: Sequence[JsonObject], expression: str) -> frozenset[str]:
    """UIDs of the objects that the option `select` chooses. Raises TargetError."""
    holds = condition("select", expression)
    return frozenset(obj["metadata"]["uid"] for obj in objects if holds(obj))


def is_selected(obj: JsonObject, expression: str | None) -> bool:
    """Whether the one object is meant, as every object is where there is no expression. Raises TargetError."""
    return expression is None or bool(selected_uids([obj], expression))
