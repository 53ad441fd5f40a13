# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Choosing pods by a JMESPath expression over their live objects."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

try:
    import jmespath
except ImportError:
    jmespath = None  # type: ignore[assignment]


def selected_uids(objects: Sequence[JsonObject], expression: str) -> frozenset[str]:
    """UIDs of the objects for which the expression is true as JMESPath has it: not null, false or empty.

    Raises TargetError for what is no such expression, cannot be applied to the objects, or without the library.
    """
    if jmespath is None:
        raise TargetError("select needs the Python library jmespath where the module runs: pip install jmespath.")
    if not expression.strip():
        raise TargetError("select is empty: leave it out to take all of the pods.")
    try:
        compiled = jmespath.compile(expression)
        return frozenset(obj["metadata"]["uid"] for obj in objects if _is_true(compiled.search(obj)))
    except jmespath.exceptions.JMESPathError as error:
        raise TargetError(f"select: {expression!r} cannot be used: {' '.join(str(error).split())}.") from error


def is_selected(obj: JsonObject, expression: str | None) -> bool:
    """Whether the one object is meant, as every object is where there is no expression. Raises TargetError."""
    return expression is None or bool(selected_uids([obj], expression))


def _is_true(value: object) -> bool:
    """JMESPath's own truth, in which 0 is true (JMESPath specification, or-expressions)."""
    return value is not None and value is not False and value not in ("", [], {})
