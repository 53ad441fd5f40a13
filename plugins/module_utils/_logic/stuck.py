# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods of a StatefulSet that keep it from going back to an earlier revision. Pure.

A pod that is not Ready blocks the controller, also where the revision that it was made from is no longer wanted
(Kubernetes' pkg/controller/statefulset/stateful_set_control.go, processReplica). The Kubernetes documentation has
people delete such pods by hand ("Forced rollback" in Concepts, StatefulSets). With podManagementPolicy Parallel the
controller replaces them by itself: 1.36 does.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import REVISION_HASH
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import Partition, live_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import observed, replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload


def may_be_stuck(workload: Workload, obj: JsonObject) -> bool:
    """Whether it is worth while to look at the pods of this workload, which was read just now, for stuck ones."""
    ready = int((obj.get("status") or {}).get("readyReplicas") or 0)
    return workload.kind == "StatefulSet" and workload.update_strategy != "OnDelete" and ready < replicas(obj)


def wanted_revision(obj: JsonObject) -> str:
    """The name of the revision that a StatefulSet's pods are to have; empty while its controller has yet to say so."""
    return str((obj.get("status") or {}).get("updateRevision") or "") if observed(obj).done else ""


def stuck_pods(workload: Workload, obj: JsonObject, revision: str, objects: Iterable[JsonObject]) -> list[Pod]:
    """Those of the pods `objects` that are not Ready and of another revision than this one, and have to be replaced."""
    partition = Partition.from_object(obj)
    pods = (Pod.from_object(obj) for obj in live_pods(workload, objects))
    return [
        pod
        for pod in pods
        if not pod.ready and pod.labels.get(REVISION_HASH, revision) != revision and not partition.keeps(pod)
    ]
