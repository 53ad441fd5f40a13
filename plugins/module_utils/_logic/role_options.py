# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is wrong with the options of the roles that restart, before anything is asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic import canary as canaries
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.condition import CAN_COMPILE
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.http_url import is_http_url
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.object_name import is_label
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import allowed
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_decision import FALLBACKS
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.survey_answers import whole_number
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.workload_words import KINDS_MEANT, named_workloads
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number

#: What container_restart may do about each of its gates; a unit test holds both against its options.
GATES = ("env", "image", "registry", "node", "pressure")
LEVELS = ("refuse", "warn", "ignore")


def option_faults(values: Mapping[str, Any], prefix: str, now: datetime) -> list[str]:
    """What no module could make sense of, each with the name of its variable, which is `prefix` and the option's.

    `values` are of the right types already, see survey_answers(). The modules would find the same, but only after every
    container was looked at.
    """
    checks: dict[str, Callable[[Any], object]] = {
        "namespace": _label,
        "workloads": _workloads,
        "containers": _labels,
        "fallback": lambda ways: _known(ways, FALLBACKS),
        "signal": signal_number,
        "older_than": lambda text: cutoff(text, now),
        "max_unavailable": lambda text: allowed(text, 1),
        "wait_timeout": _positive,
        "canary": _canary,
        "gates": _gates,
        "url": _url,
    }
    found = []
    for name, check in checks.items():
        if values.get(name) in (None, "", {}, []):
            continue
        try:
            check(values[name])
        except (SafeRestartError, ValueError) as error:
            text = str(error).removeprefix(f"{name}: ").removeprefix(f"{name}.").removesuffix(" Nothing was sent.")
            found.append(f"{prefix}{name}: {text.rstrip('.')}")
    return found


def _label(text: str) -> None:
    if not is_label(text):
        raise ValueError(f"{text!r} is no name, those have up to 63 lower-case letters, digits and '-'")


def _labels(names: Sequence[str]) -> None:
    for name in names:
        _label(name)


def _workloads(words: Sequence[str]) -> None:
    if strangers := named_workloads(words)[1]:
        raise ValueError(
            f"it needs kind/name, as in deployment/cart, with one of the kinds {KINDS_MEANT}. "
            f"Found: {' '.join(strangers)}"
        )


def _positive(value: int) -> None:
    if value < 1:
        raise ValueError("nothing could be proven in 0 seconds, it has to be 1 or more")


def _canary(canary: Mapping[str, Any]) -> None:
    """The values are not shown: a URL may hold a password."""
    _known(canary, canaries.NAMES)
    if not canary.keys() & set(canaries.PROOFS):
        raise ValueError(f"it has nothing to prove, there are {', '.join(canaries.PROOFS)}")
    for name in ("soak_seconds", "timeout"):
        if name in canary and whole_number(canary[name]) is None:
            raise ValueError(f"{name} is no whole number from 0 on")
    for name in ("until", "url"):
        if name in canary and not isinstance(canary[name], str):
            raise ValueError(f"{name} is no text")
    texts = {name: canary[name] for name in ("until", "url") if name in canary}
    if not CAN_COMPILE:  # then the module says what is wrong with it, or that the library is missing
        texts.pop("until", None)
    canaries.require_canary(texts)


def _gates(gates: Mapping[str, Any]) -> None:
    _known(gates, GATES)
    for name, level in gates.items():
        if level not in LEVELS:
            raise ValueError(f"{name} is {level!r}; there are {', '.join(LEVELS)}")


def _url(url: str) -> None:
    """It is not shown, since it may hold a password."""
    if not is_http_url(url):
        raise ValueError("it is no http:// or https:// URL with a host")


def _known(found: Sequence[str] | Mapping[str, Any], names: Sequence[str]) -> None:
    if strangers := [name for name in found if name not in names]:
        raise ValueError(f"it has {', '.join(strangers)}; there are {', '.join(names)}")
