# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which workload a pod is of, by the pod alone."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import TEMPLATES, WORKLOADS


def maker_of(pod: Pod) -> tuple[str, str] | None:
    """Kind and name of what keeps the pod there, by what the pod says; None for a pod without a controller.

    A ReplicaSet is named after what has made it and the hash of the pod's template, see Workload.owns. One that was
    made by hand is the last that is known.
    """
    owner = pod.owner
    if owner is None:
        return None
    if owner.kind == "ReplicaSet":
        for kind, known in TEMPLATES.items():
            suffix = f"-{pod.labels.get(known.hash_label)}"
            if known.hash_label in pod.labels and owner.name.endswith(suffix):
                return kind, owner.name.removesuffix(suffix)
    return owner.kind, owner.name


def owner_of(pod: Pod) -> tuple[str, str] | None:
    """Kind and name of the Deployment, StatefulSet or DaemonSet that made it; None for any other pod."""
    found = maker_of(pod)
    return found if found and found[0] in WORKLOADS else None
