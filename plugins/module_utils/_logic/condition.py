# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A JMESPath expression as a condition that an object fulfils or does not. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

try:
    import jmespath
except ImportError:
    jmespath = None  # type: ignore[assignment]

#: Whether the library is where this runs: what a role checks on the controller, a module may do elsewhere.
CAN_COMPILE = jmespath is not None


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


def _is_true(value: object) -> bool:
    """JMESPath's own truth, in which 0 is true (JMESPath specification, or-expressions)."""
    return value is not None and value is not False and value not in ("", [], {})
