# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How far the rollout of a custom resource is, as far as its own status can tell.

Sources: argo-rollouts' utils/rollout/rolloututil.go (GetRolloutPhase, CalculateRolloutPhase) for a Rollout; kruise's
apis/apps/v1alpha1/cloneset_types.go and pkg/controller/cloneset/cloneset_status.go for a CloneSet. Of any other type
only the observed generation is known: its pods have to tell the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

_ARGO, _KRUISE = ("argoproj.io", "Rollout"), ("apps.kruise.io", "CloneSet")


@dataclass(frozen=True, slots=True)
class CustomStatus:
    """What is still `missing`, and the `failure` with which the controller gave up; both empty when all is fine."""

    missing: str = ""
    failure: str = ""


def has_rules(obj: JsonObject) -> bool:
    """Whether the object's own status says that its rollout is done; otherwise only its pods can."""
    return _type(obj) in {_ARGO, _KRUISE} or _type(obj)[0] == "apps"


def custom_status(obj: JsonObject) -> CustomStatus:
    """Judge a custom resource as the API serves it."""
    known = _type(obj) in {_ARGO, _KRUISE}
    status, generation = obj.get("status") or {}, int(obj["metadata"].get("generation", 0))
    # A string in a Rollout. Before Argo Rollouts 0.10 it was a hash, of which nothing can be told.
    seen = str(status.get("observedGeneration", "" if known else generation))
    if not seen.isdigit() or int(seen) < generation:
        return CustomStatus("its controller has not seen the change yet")
    if _type(obj) == _ARGO:
        return _rollout(obj, status)
    return _clone_set(obj, status) if _type(obj) == _KRUISE else CustomStatus()


def _type(obj: JsonObject) -> tuple[str, str]:
    """Group and kind: other groups have a kind Deployment too."""
    return obj["apiVersion"].partition("/")[0], obj["kind"]


def _rollout(obj: JsonObject, status: JsonObject) -> CustomStatus:
    """An Argo Rollout. Its controller sums up steps, analyses and the switch of services in a phase."""
    phase, said = status.get("phase") or "not known", f" ({status['message']})" if status.get("message") else ""
    if phase == "Degraded":
        return CustomStatus(failure=f"its phase is Degraded{said}")
    if phase == "Paused":
        return CustomStatus(
            f"its phase is Paused{said}: it goes on by itself after a pause with a duration, or has to be promoted"
        )
    if phase != "Healthy":
        return CustomStatus(f"its phase is {phase}{said}")
    if status.get("stableRS") != status.get("currentPodHash"):
        return CustomStatus("its new pods are not promoted to stable yet")
    return CustomStatus(_counts(obj, status, "updatedReplicas") or _counts(obj, status, "availableReplicas"))


def _clone_set(obj: JsonObject, status: JsonObject) -> CustomStatus:
    """A CloneSet without a partition. availableReplicas is the only count that minReadySeconds is part of."""
    fields = ("updatedReplicas", "updatedReadyReplicas", "availableReplicas")
    missing = next((words for field in fields if (words := _counts(obj, status, field))), "")
    surplus = int(status.get("replicas") or 0) - _wanted(obj)
    if not missing and surplus > 0:
        missing = f"{surplus} surplus pods have not been ended yet"
    return CustomStatus(missing + _failed_condition(status) if missing else "")


def _wanted(obj: JsonObject) -> int:
    """How many pods there are to be: one where the field is left out, in both types."""
    wanted = obj["spec"].get("replicas")
    return 1 if wanted is None else int(wanted)


def _counts(obj: JsonObject, status: JsonObject, field: str) -> str:
    """What is missing while that count is below the number of pods wanted."""
    count, wanted = int(status.get(field) or 0), _wanted(obj)
    return f"{field} is {count} of {wanted}" if count < wanted else ""


def _failed_condition(status: JsonObject) -> str:
    """Why pods cannot be made or changed, as an addition to a message."""
    conditions: list[dict[str, Any]] = status.get("conditions") or []
    for entry in conditions:
        if entry.get("type") in ("FailedScale", "FailedUpdate") and entry.get("status") == "True":
            return f"; {entry['type']}: {entry.get('reason', '')}: {entry.get('message', '')}".rstrip(".: ")
    return ""
