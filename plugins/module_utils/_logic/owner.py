# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which workload a pod is of, by the pod alone."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS

_HASH = WORKLOADS["Deployment"].hash_label


def owner_of(pod: Pod) -> tuple[str, str] | None:
    """Kind and name of the Deployment, StatefulSet or DaemonSet that made it; None for any other pod.

    A ReplicaSet is named after its Deployment and the pod's template hash, see Workload.owns.
    """
    owner = pod.owner
    if owner is None:
        return None
    if owner.kind == "ReplicaSet":
        name, hyphen, tail = owner.name.rpartition("-")
        return ("Deployment", name) if hyphen and tail == pod.labels.get(_HASH) else None
    return (owner.kind, owner.name) if owner.kind in WORKLOADS else None
