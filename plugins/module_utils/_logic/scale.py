# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A workload that is scaled to 0 and back: what to begin with, what to send, what is left of the old pods. Pure.

The count is written on the object in the request that sets it to 0, and both go in the request that puts it back, so
that the object itself says at any moment what is left to do. Each request names the version that it was made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

#: On the workload while it is scaled to 0: the count to put back.
ANNOTATION = "saferestart.k8s/replicas"
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a run begins. `resumed`: an earlier run set the count to 0 and did not get to its end."""

    count: int
    """How many pods there are to be at the end."""
    resumed: bool
    warnings: tuple[str, ...] = ()


def starting_point(workload: Workload, obj: JsonObject) -> Start:
    """What the object itself says. Raises TargetError where a count is not known, or volumes would be lost."""
    current, kept = replicas(obj), annotation(obj)
    if current == 0:
        return Start(_kept_count(workload, kept), resumed=True, warnings=(_resumed(workload, kept),))
    _require_kept_volumes(workload, obj)
    if kept is None:
        return Start(current, resumed=False)
    stale = (
        f"{workload} has an annotation {ANNOTATION} of {kept!r} from an earlier run that did not get to its end, and "
        f"was scaled to {current} since: {current} counts."
    )
    return Start(current, resumed=False, warnings=(stale,))


def annotation(obj: JsonObject) -> str | None:
    """The count that is to be put back, as it is written on the object."""
    value: str | None = (obj["metadata"].get("annotations") or {}).get(ANNOTATION)
    return value


def left_at_zero(obj: JsonObject) -> str:
    """What to say of an object that a scale_cycle has set to 0 and not put back; empty for any other."""
    kept = annotation(obj)
    if kept is None or replicas(obj) > 0:
        return ""
    return f"an interrupted scale_cycle left it at 0 (its annotation {ANNOTATION} says {kept!r}): run that again"


def down_body(obj: JsonObject, count: int) -> JsonObject:
    """The merge patch that sets the count to 0 and writes it down, for this version of the object alone."""
    return _body(obj, str(count), 0)


def up_body(obj: JsonObject, count: int) -> JsonObject:
    """The merge patch that puts the count back, unless somebody has set one, and removes what was written down."""
    return _body(obj, None, replicas(obj) or count)


def restored(obj: JsonObject) -> bool:
    """Whether there is nothing left to put back."""
    return replicas(obj) > 0 and annotation(obj) is None


def by_hand(workload: Workload, count: int) -> str:
    """The command that puts the count back as the module would."""
    patch = f'{{"metadata":{{"annotations":{{"{ANNOTATION}":null}}}},"spec":{{"replicas":{count}}}}}'
    return f"kubectl --namespace {workload.namespace} patch {_reference(workload)} --type=merge --patch='{patch}'"


def scale_diff(workload: Workload, obj: JsonObject, count: int) -> JsonObject:
    """What the first request changes, as --diff shows it: the last one takes it back."""
    back = replicas(obj) == 0
    kept = None if back else str(count)
    header = str(workload)
    return {
        "before_header": header,
        "after_header": header if back else f"{header}, until no pod is left",
        "before": _shown(annotation(obj), replicas(obj)),
        "after": _shown(kept, count if back else 0),
    }


def old_pods(workload: Workload, objects: Iterable[JsonObject]) -> list[JsonObject]:
    """The workload's pods that have to be gone before it is scaled up, by name; terminating ones are not gone.

    A pod that has ended and is not being deleted counts as gone: a ReplicaSet leaves it there
    (pkg/controller/controller_utils.go, IsPodActive).
    """
    mine = []
    for obj in sorted(objects, key=lambda entry: str(entry["metadata"]["name"])):
        pod = Pod.from_object(obj)
        if workload.owns(pod) and (pod.terminating or pod.phase not in ("Succeeded", "Failed")):
            mine.append(obj)
    return mine


def left_words(workload: Workload, obj: JsonObject) -> str:
    """A pod that is not gone, with what holds it."""
    meta, node = obj["metadata"], obj["spec"].get("nodeName")
    if "deletionTimestamp" not in meta:
        why = "its controller has not deleted it"
        if workload.kind == "StatefulSet":
            # pkg/controller/statefulset/stateful_set_control.go, processCondemned.
            why += ", which it does not while another one of its pods is not Ready or not gone"
    elif finalizers := meta.get("finalizers"):
        why = f"held by the finalizers {', '.join(finalizers)}"
    else:
        why = f"node {node} has not said that it has ended" if node else "it is on no node"
    return f"{meta['name']} ({why})"


def downtime(old: Iterable[JsonObject], new: Iterable[JsonObject]) -> int | None:
    """Whole seconds in which no pod was Ready: from the last old pod's end to the first new one's Ready condition.

    `old` are the pods as they were last seen. None where the pods do not say.
    """
    ends = [_ended(obj) for obj in old]
    starts = [time for obj in new if (time := _ready(obj, "True"))]
    last = max((time for time in ends if time), default=None)
    if last is None or not all(ends) or not starts:
        return None
    return max(0, int((min(starts) - last).total_seconds()))


def _kept_count(workload: Workload, kept: str | None) -> int:
    """The count that an interrupted run has written down."""
    if kept is None:
        raise TargetError(
            f"{workload} is scaled to 0, and it has no annotation {ANNOTATION} that says what to scale it back to. "
            "There is no pod to restart."
        )
    if not _COUNT.fullmatch(kept):
        target = f"kubectl --namespace {workload.namespace}"
        raise TargetError(
            f"{workload} is scaled to 0, and its annotation {ANNOTATION} is {kept!r}, which is no number of pods. "
            f"Scale it up by hand ({target} scale {_reference(workload)} --replicas=N) and remove the annotation "
            f"({target} annotate {_reference(workload)} {ANNOTATION}-)."
        )
    return int(kept)


def _resumed(workload: Workload, kept: str | None) -> str:
    return (
        f"{workload} is scaled to 0 by an earlier run that did not get to its end: it is scaled back to {kept}, as its "
        f"annotation {ANNOTATION} says."
    )


def _require_kept_volumes(workload: Workload, obj: JsonObject) -> None:
    """Raises TargetError for a StatefulSet that gives up its volumes with its pods.

    Source: pkg/controller/statefulset/stateful_set_utils.go, updateClaimOwnerRefForSetAndPod: a pod that is scaled away
    becomes the owner of its claims, which are deleted with it (KEP-1847).
    """
    if (obj["spec"].get("persistentVolumeClaimRetentionPolicy") or {}).get("whenScaled") == "Delete":
        raise TargetError(
            f"{workload} has the persistentVolumeClaimRetentionPolicy whenScaled: Delete: scaling it to 0 would delete "
            "its volume claims, and with them the data. Restart it by a rollout, or set whenScaled to Retain first."
        )


def _body(obj: JsonObject, kept: str | None, count: int) -> JsonObject:
    version = obj["metadata"]["resourceVersion"]
    return {"metadata": {"resourceVersion": version, "annotations": {ANNOTATION: kept}}, "spec": {"replicas": count}}


def _shown(kept: str | None, count: int) -> JsonObject:
    shown: dict[str, Any] = {} if kept is None else {ANNOTATION: kept}
    return {"metadata": {"annotations": shown}, "spec": {"replicas": count}}


def _reference(workload: Workload) -> str:
    return f"{workload.kind.lower()}/{workload.name}"


def _ended(obj: JsonObject) -> datetime | None:
    """When a pod stopped being Ready, or when it was to be gone if it never said so."""
    return _ready(obj, "False") or parse_time(obj["metadata"].get("deletionTimestamp"))


def _ready(obj: JsonObject, status: str) -> datetime | None:
    """Since when the pod's Ready condition has that status."""
    for entry in (obj.get("status") or {}).get("conditions") or []:
        if entry["type"] == "Ready" and entry["status"] == status:
            return parse_time(entry.get("lastTransitionTime"))
    return None
