# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is wrong with the options of the role safe_restart, before anything is asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import allowed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number

_CANARY = ("soak_seconds", "until", "url", "timeout")
_GATES = ("env", "image", "registry", "node", "pressure")
_LEVELS = ("refuse", "warn", "ignore")


def option_faults(values: Mapping[str, Any], prefix: str, now: datetime) -> list[str]:
    """What no module could make sense of, each with the name of its variable, which is `prefix` and the option's.

    `values` are of the right types already, see survey_answers(). The module container_restart would find the same,
    but only after every container was looked at.
    """
    checks: dict[str, Callable[[Any], object]] = {
        "signal": signal_number,
        "older_than": lambda text: cutoff(text, now),
        "max_unavailable": lambda text: allowed(text, 1),
        "wait_timeout": _positive,
        "canary": _canary,
        "gates": _gates,
    }
    found = []
    for name, check in checks.items():
        if values.get(name) in (None, "", {}):
            continue
        try:
            check(values[name])
        except (SafeRestartError, ValueError) as error:
            found.append(f"{prefix}{name}: {str(error).removeprefix(f'{name}: ').rstrip('.')}")
    return found


def _positive(value: int) -> None:
    if value < 1:
        raise ValueError("nothing could be proven in 0 seconds, it has to be 1 or more")


def _canary(canary: Mapping[str, Any]) -> None:
    """The values are not shown: a URL may hold a password."""
    _known(canary, _CANARY)
    for name in ("soak_seconds", "timeout"):
        if name in canary and not (str(canary[name]).isascii() and str(canary[name]).isdigit()):
            raise ValueError(f"{name} is no whole number from 0 on")


def _gates(gates: Mapping[str, Any]) -> None:
    _known(gates, _GATES)
    for name, level in gates.items():
        if level not in _LEVELS:
            raise ValueError(f"{name} is {level!r}; there are {', '.join(_LEVELS)}")


def _known(found: Mapping[str, Any], names: tuple[str, ...]) -> None:
    if strangers := [name for name in found if name not in names]:
        raise ValueError(f"it has {', '.join(strangers)}; there are {', '.join(names)}")
