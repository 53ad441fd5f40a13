# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What became of pods that were to be replaced, and why some were not, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import place, pod_outcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Its controller takes it away itself once the Job has counted the pod (KEP-2307).
_JOB_FINALIZER = "batch.kubernetes.io/job-tracking"


def outcomes(
    groups: Sequence[Group],
    chosen: Sequence[Pod],
    objects: Mapping[str, JsonObject],
    available: Collection[str],
    refused: Mapping[str, str],
) -> list[PodOutcome]:
    """Each chosen pod, then the new ones that took nobody's place.

    `objects` are the pods as they are now, by UID; `refused` has the server's reason why a pod was not let go.
    """
    pods = [Pod.from_object(obj) for obj in objects.values()]
    found: list[PodOutcome] = []
    for group in groups:
        kind = _kind(chosen, group)
        fresh = {place(kind, pod): pod for pod in group.fresh(pods)}
        spare = sum(pod.uid in available for pod in fresh.values())
        for pod in (pod for pod in chosen if pod.uid in group.initial):
            if pod.uid not in group.asked:
                reason = refused.get(pod.uid) or "not tried"
                found.append(pod_outcome(pod, pod, "skipped", reason))
            elif pod.uid in objects:
                found.append(pod_outcome(pod, None, "failed", f"deleted, and {lingering(objects[pod.uid])}"))
            elif group.key in group.initial:
                found.append(pod_outcome(pod, None, "restarted", "deleted; nobody makes a new one"))
            else:
                new = fresh.pop(place(kind, pod), None)
                # Unpaired, so that each new pod that is available makes up for one old pod that is gone.
                ready = new.uid in available if new else spare > 0
                spare -= new is None
                words = _not_ready(objects, new) if not ready else "deleted, and replaced by another pod"
                found.append(pod_outcome(pod, new, "restarted" if ready else "failed", words))
        for pod in fresh.values():
            ready = pod.uid in available
            words = "new pod" if ready else _not_ready(objects, pod)
            found.append(pod_outcome(None, pod, "restarted" if ready else "failed", words))
    return found


def lingering(obj: JsonObject) -> str:
    """Why a pod that was deleted is still there."""
    meta = obj["metadata"]
    if held := finalizers(obj):
        return f"held back by its finalizers: {', '.join(held)}"
    if "deletionTimestamp" not in meta:
        return "not terminating yet"
    node = obj["spec"].get("nodeName", "")
    where = f"; its node {node} may not answer" if node else ""
    return f"terminating since {meta['deletionTimestamp']} (its end, grace period included){where}"


def finalizers(obj: JsonObject) -> list[str]:
    """The finalizers that somebody else has to take away before the pod can go."""
    return [entry for entry in obj["metadata"].get("finalizers") or [] if entry != _JOB_FINALIZER]


def unfinished(
    groups: Iterable[Group],
    objects: Mapping[str, JsonObject],
    available: Collection[str],
    refused: Mapping[str, str],
) -> list[str]:
    """What is still missing, a sentence for each reason; empty when all has been replaced."""
    pods = [Pod.from_object(obj) for obj in objects.values()]
    said: list[str] = []
    for group in groups:
        said += [refused[pod.uid] for pod in group.todo if pod.uid in refused][:1]
        said += [f"{pod} is {lingering(objects[pod.uid])}." for pod in group.mine(pods) if pod.uid in group.asked]
        waiting = group.waiting(pods, available)
        if waiting and not group.asked & objects.keys():
            said.append(f"{waiting} of {len(group.asked)} pods of {group.key} have no Ready pod in their place.")
        if group.todo:
            said.append(f"Not touched: {', '.join(pod.name for pod in group.todo)}.")
            unready = [pod.name for pod in group.mine(pods) if pod.uid in group.initial - group.asked and not pod.ready]
            if unready and not waiting:
                said.append(f"Not Ready before already, and counted (max_unavailable): {', '.join(unready)}.")
    return said


def _kind(chosen: Iterable[Pod], group: Group) -> str:
    """The kind of the group's controller, as rollout_pods has it: pods of a ReplicaSet are not paired."""
    owners = (pod.owner for pod in chosen if pod.uid in group.initial)
    kind = next((owner.kind for owner in owners if owner), "")
    return kind if kind in ("StatefulSet", "DaemonSet") else "Deployment"


def _not_ready(objects: Mapping[str, JsonObject], pod: Pod | None) -> str:
    """Why what should have taken the pod's place has not."""
    if pod is None:
        return "deleted, and no other pod is Ready in its place"
    failure = pod_failure(objects[pod.uid])
    return f"its replacement is not Ready: {'; '.join(failure.reasons)}" if failure else "its replacement is too young"
