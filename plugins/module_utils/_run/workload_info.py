# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""workload_info: the workloads of a cluster with their pods. A list of each kind, and one of the pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.owner import owner_of
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_counts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS, Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import require_name, require_namespace

#: Namespace, kind and name of a workload.
_Key = tuple[str, str, str]


def workload_info(api: ClusterApi, clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module. Raises TargetError for a namespace that does not exist."""
    began = clock.monotonic()
    workloads: list[JsonObject] = []
    for namespace in dict.fromkeys(params["namespaces"]) or [""]:
        if namespace:
            require_name("namespaces", namespace)
        found = list(_objects(api, namespace, params))
        if namespace and not found:
            require_namespace(api, namespace)
        pods = _pods(api, namespace) if found else {}
        workloads += [_entry(workload, obj, pods) for workload, obj in found]
    workloads.sort(key=lambda entry: (entry["namespace"], entry["kind"], entry["name"]))
    return {
        "changed": False,
        "workloads": workloads,
        "summary": {
            "workloads": len(workloads),
            "pods": sum(len(entry["pods"]) for entry in workloads),
            "seconds": round(clock.monotonic() - began, 2),
            "api_requests": api.requests,
        },
    }


def _objects(api: ClusterApi, namespace: str, params: Mapping[str, Any]) -> Iterator[tuple[Workload, JsonObject]]:
    """The workloads that are meant."""
    selector = ",".join(params["label_selectors"])
    for kind in dict.fromkeys(params["kinds"]):
        for obj in api.list(WORKLOADS[kind].resource, namespace, selector).items:
            yield Workload.from_object(obj), obj


def _pods(api: ClusterApi, namespace: str) -> Mapping[_Key, list[Pod]]:
    """The pods that are there to stay, by their workload; the most useful one to look at first."""
    found: dict[_Key, list[Pod]] = defaultdict(list)
    for obj in api.list(POD, namespace).items:
        pod = Pod.from_object(obj)
        owner = owner_of(pod)
        if owner and pod.active:
            found[pod.namespace, *owner].append(pod)
    for pods in found.values():
        pods.sort(key=lambda pod: (not pod.ready, pod.phase != "Running", pod.name))
    return found


def _entry(workload: Workload, obj: JsonObject, pods: Mapping[_Key, list[Pod]]) -> JsonObject:
    """A workload as the module returns it."""
    mine = pods.get((workload.namespace, workload.kind, workload.name), [])
    counts = rollout_counts(obj)
    return workload.to_result() | {
        "labels": obj["metadata"].get("labels") or {},
        "wanted": counts["wanted"],
        "ready": counts["ready"],
        "pods": [
            {"name": pod.name, "uid": pod.uid, "node": pod.node, "ready": pod.ready, "phase": pod.phase}
            for pod in mine
            if workload.owns(pod)
        ],
    }
