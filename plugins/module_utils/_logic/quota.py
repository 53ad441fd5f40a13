# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a pod fits into its namespace's quotas once the pod that it replaces is gone. Pure.

Sources in Kubernetes: pkg/quota/v1/evaluator/core/pods.go for what a pod is charged with,
staging/src/k8s.io/component-helpers/resource/helpers.go for how its containers add up, and
staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go for the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

Amounts = dict[str, Fraction]

_EXCEEDED = re.compile(r"exceeded quota: ([a-z0-9.-]+)")
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]+))?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = "KMGTPE"
#: Of these a quota may also be written without the prefix `requests.`.
_PLAIN = frozenset({"cpu", "memory", "ephemeral-storage"})


def exceeded(message: str) -> str:
    """The name of the quota that a refusal is about; empty for another refusal."""
    found = _EXCEEDED.search(message)
    return found[1] if found else ""


def quantity(text: str | int) -> Fraction:
    """A Kubernetes quantity (`100m`, `1Gi`, `2e3`). Raises ValueError for what is none."""
    found = _QUANTITY.fullmatch(str(text).strip())
    if found is None:
        raise ValueError(f"{text!r} is no quantity")
    number, suffix, exponent = Fraction(found[1]), found[2] or "", int(found[3] or 0)
    if suffix.endswith("i"):
        return number * (1 << 10 * (_BINARY.index(suffix[0]) + 1))
    return number * Fraction(f"1e{_DECIMAL.get(suffix, 0) + exponent}")


def charged(obj: JsonObject) -> Amounts:
    """What a pod is charged with, by the names that quotas use. One that has ended counts as an object only."""
    amounts = {"count/pods": Fraction(1)}
    if (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return amounts
    amounts["pods"] = Fraction(1)
    for name, value in _sum(obj["spec"], "requests").items():
        amounts[f"requests.{name}"] = value
        if name in _PLAIN or name.startswith("hugepages-"):
            amounts[name] = value
    limits = _sum(obj["spec"], "limits")
    return amounts | {f"limits.{name}": value for name, value in limits.items() if name in _PLAIN}


def never_fits(quotas: Iterable[JsonObject], refused_by: str, old: JsonObject, new: JsonObject) -> str:
    """Why the new pod is refused even when the old one is gone; empty if it fits then.

    Quotas with a scope are judged only where the refusal named them: whether they apply is the server's to say.
    """
    share, wanted = charged(old), charged(new)
    for entry in quotas:
        name, spec, status = entry["metadata"]["name"], entry["spec"], entry.get("status") or {}
        if name != refused_by and (spec.get("scopes") or spec.get("scopeSelector")):
            continue
        hard, used = status.get("hard") or {}, status.get("used") or {}
        for resource in sorted(hard.keys() & used.keys() & wanted.keys()):
            rest = quantity(used[resource]) - share.get(resource, Fraction(0))
            if wanted[resource] and rest + wanted[resource] > quantity(hard[resource]):
                return (
                    f"ResourceQuota {name} limits {resource} to {hard[resource]}, and {used[resource]} are used, "
                    "which is too much even without the old pod"
                )
    return ""


def _sum(spec: JsonObject, key: str) -> Amounts:
    """Requests or limits of a whole pod."""
    total: Amounts = {}
    for container in spec["containers"]:
        total = _add(total, _of(container, key))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers") or []:
        mine = _of(container, key)
        if container.get("restartPolicy") == "Always":  # it goes on, beside all that follow
            sidecars = _add(sidecars, mine)
            total = _add(total, mine)
            mine = sidecars
        else:
            mine = _add(sidecars, mine)
        peak = _most(peak, mine)
    total = _most(total, peak) | _of(spec, key)
    overhead = {name: quantity(value) for name, value in (spec.get("overhead") or {}).items()}
    if key == "limits":  # nothing is added to what has no limit
        overhead = {name: value for name, value in overhead.items() if total.get(name)}
    return _add(total, overhead)


def _of(holder: Mapping[str, Any], key: str) -> Amounts:
    """What one container asks for, or the pod as a whole. A limit stands in for a request that is left out."""
    resources = holder.get("resources") or {}
    amounts = resources.get(key) or {}
    if key == "requests":
        amounts = {**(resources.get("limits") or {}), **amounts}
    return {name: quantity(value) for name, value in amounts.items()}


def _add(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> Amounts:
    return {name: one.get(name, Fraction(0)) + other.get(name, Fraction(0)) for name in one.keys() | other.keys()}


def _most(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> Amounts:
    return {name: max(one.get(name, Fraction(0)), other.get(name, Fraction(0))) for name in one.keys() | other.keys()}
