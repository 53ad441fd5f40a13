# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How far a rollout is, from the workload object alone. Never done earlier than `kubectl rollout status` says so.

Sources: kubectl's pkg/polymorphichelpers/rollout_status.go for the rules; for what the counts mean Kubernetes'
pkg/controller/deployment/sync.go, statefulset/stateful_set_control.go and daemon/daemon_controller.go. Stricter than
kubectl: minReadySeconds counts for a StatefulSet too, its currentRevision has to have arrived, pods that a scale-down
still has to remove are waited for, and a Deployment is not done while fewer pods than wanted are available.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import custom_status, has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: A condition of the rollout: what is still missing, in words; empty when it holds.
Rule = Callable[[JsonObject], str]


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """`done`: all wanted pods are new and available. `failed`: the controller gave up. `message`: half a sentence."""

    done: bool
    failed: bool
    message: str


def rollout_status(obj: JsonObject, before: JsonObject | None = None) -> RolloutStatus:
    """Judge a Deployment, StatefulSet or DaemonSet (apps/v1), or a custom resource, as the API serves it.

    `before` is the object before its template was changed. A failure that its status told of then is not this
    rollout's: going back to an earlier template, a Deployment keeps the condition until it is complete
    (pkg/controller/deployment/progress.go, syncRolloutStatus).
    """
    if obj["apiVersion"].partition("/")[0] != "apps":
        custom = custom_status(obj)
        message = custom.failure or custom.missing or "all that its status can say is fine"
        return RolloutStatus(not custom.failure and not custom.missing, bool(custom.failure), message)
    rules = _RULES[obj["kind"]]
    missing = _not_observed(obj)
    known = before is not None and _condition(obj, "Progressing") == _condition(before, "Progressing") != {}
    failure = "" if missing or known else _failure(obj)
    if failure:
        return RolloutStatus(done=False, failed=True, message=failure)
    missing = missing or next((words for rule in rules if (words := rule(obj))), "")
    if missing:
        return RolloutStatus(done=False, failed=False, message=missing + _replica_failure(obj))
    return RolloutStatus(done=True, failed=False, message="all wanted pods are updated and available")


def scale_status(obj: JsonObject) -> RolloutStatus:
    """Judge whether a Deployment or StatefulSet has as many pods as it asks for, all available, old template or new.

    A paused Deployment is scaled, too, and a rollout that waits for somebody holds up no scaling.
    """
    wanted, made, available = replicas(obj), _count(obj, "replicas"), _count(obj, "availableReplicas")
    missing = _not_observed(obj)
    if not missing and made != wanted:
        missing = f"there are {made} pods, and {wanted} are wanted"
    if not missing and available < wanted:
        missing = f"{available} of {wanted} pods are available"
    if missing:
        return RolloutStatus(done=False, failed=False, message=missing + _replica_failure(obj))
    return RolloutStatus(done=True, failed=False, message="all wanted pods are available")


def observed(obj: JsonObject) -> RolloutStatus:
    """Whether the controller has seen the object as it is, and no more than that."""
    missing = _not_observed(obj)
    return RolloutStatus(done=not missing, failed=False, message=missing or "its controller has seen the change")


def partition(obj: JsonObject) -> int:
    """How many of a StatefulSet's first pods keep the old template (updateStrategy.rollingUpdate.partition)."""
    strategy = obj["spec"].get("updateStrategy")
    rolling = strategy.get("rollingUpdate") if isinstance(strategy, dict) else None
    size = rolling.get("partition") if isinstance(rolling, dict) else None
    return size if isinstance(size, int) else 0  # a custom resource may have a percentage there, or anything


def replicas(obj: JsonObject) -> int:
    """How many pods a Deployment or StatefulSet is to have; one where the field is left out."""
    wanted = obj["spec"].get("replicas")
    return wanted if isinstance(wanted, int) else 1


def how_far(obj: JsonObject) -> str:
    """How far a rollout is, in numbers only, for whoever waits: a server's own words may hold a secret."""
    if not has_rules(obj):  # its status may have anything in the place of a number
        return "its controller is at it"
    counts = rollout_counts(obj)
    return "{updated} of {wanted} pods are updated, {available} are available".format(**counts)


def rollout_counts(obj: JsonObject) -> dict[str, int]:
    """Pods: `wanted`, those there are, and of these the `updated`, `ready` and `available` ones."""
    if obj["kind"] == "DaemonSet":
        return {
            "wanted": _count(obj, "desiredNumberScheduled"),
            "pods": _count(obj, "currentNumberScheduled"),
            "updated": _count(obj, "updatedNumberScheduled"),
            "ready": _count(obj, "numberReady"),
            "available": _count(obj, "numberAvailable"),
        }
    return {
        "wanted": replicas(obj),
        "pods": _count(obj, "replicas"),
        "updated": _count(obj, "updatedReplicas"),
        "ready": _count(obj, "readyReplicas"),
        "available": _count(obj, "availableReplicas"),
    }


def _not_observed(obj: JsonObject) -> str:
    # Until then every other field of the status, the conditions too, is about an earlier generation.
    seen = _count(obj, "observedGeneration")
    if seen == 0 or seen < int(obj["metadata"].get("generation", 0)):
        return "its controller has not seen the change yet"
    return ""


def _failure(obj: JsonObject) -> str:
    strategy = (obj["spec"].get("updateStrategy") or {}).get("type")
    if strategy == "OnDelete":
        return "with the update strategy OnDelete a rollout never ends by itself"
    progressing = _condition(obj, "Progressing")
    if progressing.get("reason") != "ProgressDeadlineExceeded":
        return ""
    seconds = obj["spec"].get("progressDeadlineSeconds", 600)
    said = progressing.get("message", "").rstrip(".")
    return f"it exceeded its progress deadline of {seconds} s ({said}){_replica_failure(obj)}"


def _deployment_updated(obj: JsonObject) -> str:
    updated, wanted = _count(obj, "updatedReplicas"), replicas(obj)
    paused = ", and it is paused" if obj["spec"].get("paused") else ""
    return f"{updated} of {wanted} new pods have been made{paused}" if updated < wanted else ""


def _deployment_old_gone(obj: JsonObject) -> str:
    old = _count(obj, "replicas") - _count(obj, "updatedReplicas")
    return f"{old} old pods have not been ended yet" if old > 0 else ""


def _deployment_available(obj: JsonObject) -> str:
    available, wanted = _count(obj, "availableReplicas"), max(_count(obj, "updatedReplicas"), replicas(obj))
    return f"{available} of {wanted} new pods are available" if available < wanted else ""


def _stateful_set_ready(obj: JsonObject) -> str:
    ready, wanted = _count(obj, "readyReplicas"), replicas(obj)
    return f"{ready} of {wanted} pods are Ready" if ready < wanted else ""


def _stateful_set_updated(obj: JsonObject) -> str:
    updated, wanted = _count(obj, "updatedReplicas"), replicas(obj) - partition(obj)
    return f"{updated} of {wanted} pods have been updated" if updated < wanted else ""


def _stateful_set_available(obj: JsonObject) -> str:
    available, wanted = _count(obj, "availableReplicas"), replicas(obj)
    return f"{available} of {wanted} pods are available" if available < wanted else ""


def _stateful_set_surplus_gone(obj: JsonObject) -> str:
    surplus = _count(obj, "replicas") - replicas(obj)
    return f"{surplus} surplus pods have not been ended yet" if surplus > 0 else ""


def _stateful_set_revision(obj: JsonObject) -> str:
    status = obj.get("status") or {}
    if partition(obj) or status.get("updateRevision") == status.get("currentRevision"):
        return ""
    return f"revision {status.get('updateRevision')} is not the current one yet"


def _daemon_set_updated(obj: JsonObject) -> str:
    updated, wanted = _count(obj, "updatedNumberScheduled"), _count(obj, "desiredNumberScheduled")
    return f"{updated} of {wanted} nodes have the new pod" if updated < wanted else ""


def _daemon_set_available(obj: JsonObject) -> str:
    available, wanted = _count(obj, "numberAvailable"), _count(obj, "desiredNumberScheduled")
    return f"on {available} of {wanted} nodes the pod is available" if available < wanted else ""


_RULES: dict[str, tuple[Rule, ...]] = {
    "Deployment": (_deployment_updated, _deployment_old_gone, _deployment_available),
    "StatefulSet": (
        _stateful_set_ready,
        _stateful_set_updated,
        _stateful_set_available,
        _stateful_set_surplus_gone,
        _stateful_set_revision,
    ),
    "DaemonSet": (_daemon_set_updated, _daemon_set_available),
}


def _replica_failure(obj: JsonObject) -> str:
    """Why pods cannot be made at all, a full quota mostly, as an addition to a message."""
    failure = _condition(obj, "ReplicaFailure")
    if failure.get("status") != "True":
        return ""
    return f"; no pod can be made: {failure.get('reason', '')}: {failure.get('message', '')}".rstrip(".")


def _condition(obj: JsonObject, kind: str) -> dict[str, Any]:
    conditions = (obj.get("status") or {}).get("conditions") or []
    return next((entry for entry in conditions if entry["type"] == kind), {})


def _count(obj: JsonObject, field: str) -> int:
    """A number of the status; the API leaves out zeros."""
    return int((obj.get("status") or {}).get(field) or 0)
