# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The owners of pods: how many pods each wants, and for how long a new one has to be Ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.owner import maker_of
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group, own_max_unavailable
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    POD,
    REPLICA_SET,
    JsonObject,
    Resource,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS, Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: Owners that are no workloads of ours, and keep a number of pods all the same.
_OTHERS = {
    "ReplicaSet": REPLICA_SET,
    "ReplicationController": Resource("v1", "ReplicationController", "replicationcontrollers"),
}


#: How often they are asked whether they still want as many pods, while a pod waits for its turn.
REFRESH_SECONDS = 15.0


def group_of(workload: Workload, obj: JsonObject, max_unavailable: str | None) -> Group:
    """The pods of a workload that was read already; without a max_unavailable, with the one of its own strategy."""
    return Group(
        uid=workload.uid,
        kind=workload.kind,
        name=workload.name,
        max_unavailable=max_unavailable or own_max_unavailable(obj),
        desired=desired_pods(obj),
        min_ready_seconds=workload.min_ready_seconds,
        workload=workload,
    )


def read_groups(api: ClusterApi, namespace: str, pods: Iterable[Pod], max_unavailable: str | None) -> list[Group]:
    """The groups that the pods belong to, each owner asked for once, see group_of(). Raises Unreachable.

    An owner that cannot be read, or is of a type that is not known, has no `desired`.
    """
    groups: list[Group] = []
    for pod in pods:
        if not any(group.owns(pod) for group in groups):
            groups.append(_read(api, namespace, pod, max_unavailable))
    return groups


def all_pods(api: ClusterApi, target: Target, groups: Sequence[Group]) -> tuple[str, Listing]:
    """A listing, and its selector, that has all pods of the target's owners: also those that were not asked for."""
    if target.workload or (not target.selector and len(target.listing.items) > 1):
        return target.selector, target.listing
    only = groups[0].workload if len(groups) == 1 else None
    selector = only.selector if only else ""
    return selector, api.list(POD, target.namespace, selector)


def refreshed(api: ClusterApi, namespace: str, group: Group) -> Group:
    """The group with what its owner wants now: it may have been scaled meanwhile. What cannot be read stays."""
    resource = WORKLOADS[group.kind].resource if group.kind in WORKLOADS else _OTHERS.get(group.kind)
    if resource is None or group.desired is None:
        return group
    try:
        obj = api.get(resource, namespace, group.name)
    except SafeRestartError:
        return group
    return replace(group, desired=desired_pods(obj)) if obj["metadata"]["uid"] == group.uid else group


def _read(api: ClusterApi, namespace: str, pod: Pod, max_unavailable: str | None) -> Group:
    owner = pod.owner
    if owner is None:
        return Group("", "", "", max_unavailable or "1")
    kind, name = maker_of(pod) or ("", "")
    if owner.kind == "ReplicaSet" and kind == "Deployment":
        obj = _get(api, WORKLOADS[kind].resource, namespace, name)
        if obj and (workload := Workload.from_object(obj)).owns(pod):
            return group_of(workload, obj, max_unavailable)
    if owner.kind in WORKLOADS:
        obj = _get(api, WORKLOADS[owner.kind].resource, namespace, owner.name)
        if obj and obj["metadata"]["uid"] == owner.uid:
            return group_of(Workload.from_object(obj), obj, max_unavailable)
    group = Group(owner.uid, owner.kind, owner.name, max_unavailable or "1")
    obj = _get(api, _OTHERS[owner.kind], namespace, owner.name) if owner.kind in _OTHERS else None
    if obj is None or obj["metadata"]["uid"] != owner.uid:
        return group
    return replace(group, desired=desired_pods(obj), min_ready_seconds=int(obj["spec"].get("minReadySeconds") or 0))


def _get(api: ClusterApi, resource: Resource, namespace: str, name: str) -> JsonObject | None:
    """The object; None where it is not there, or nobody may read it."""
    try:
        return api.get(resource, namespace, name)
    except ApiError:
        return None


def desired_pods(obj: JsonObject) -> int:
    """How many pods an owner wants."""
    if obj["kind"] == "DaemonSet":
        return int((obj.get("status") or {}).get("desiredNumberScheduled", 0))
    return replicas(obj)
