# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""JMESPath expressions over live objects: which pods are meant, whether something holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

try:
    import jmespath
except ImportError:
    jmespath = None  # type: ignore[assignment]


def condition(option: str, expression: str) -> Callable[[JsonObject], bool]:
    """Whether the expression is true of an object as JMESPath has it: neither null nor false nor empty.

    Raises TargetError, at once or when it is applied, for what is no such expression, cannot be applied to the object,
    or without the library. `option` is what the user calls it.
    """
    if jmespath is None:
        raise TargetError(f"{option} needs the Python library jmespath where the module runs: pip install jmespath.")
    if not expression.strip():
        raise TargetError(f"{option} is empty: leave it out.")

    def unusable(error: Exception) -> TargetError:
        return TargetError(f"{option}: {expression!r} cannot be used: {' '.join(str(error).split())}.")

    try:
        compiled = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise unusable(error) from error

    def holds(obj: JsonObject) -> bool:
        try:
            return _is_true(compiled.search(obj))
        except jmespath.exceptions.JMESPathError as error:
            raise unusable(error) from error

    return holds


def selected_uids(objects: Sequence[JsonObject], expression: str) -> frozenset[str]:
    """UIDs of the objects that the option `select` chooses. Raises TargetError."""
    holds = condition("select", expression)
    return frozenset(obj["metadata"]["uid"] for obj in objects if holds(obj))


def is_selected(obj: JsonObject, expression: str | None) -> bool:
    """Whether the one object is meant, as every object is where there is no expression. Raises TargetError."""
    return expression is None or bool(selected_uids([obj], expression))


def _is_true(value: object) -> bool:
    """JMESPath's own truth, in which 0 is true (JMESPath specification, or-expressions)."""
    return value is not None and value is not False and value not in ("", [], {})
