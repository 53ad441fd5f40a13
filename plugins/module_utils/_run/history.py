# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Reading the rollout history of a workload."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import Revision, history
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONTROLLER_REVISION, REPLICA_SET
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload


def read_history(api: ClusterApi, workload: Workload) -> list[Revision]:
    """The revisions of the workload, oldest first: one request, by the selector, as kubectl asks."""
    resource = REPLICA_SET if workload.kind == "Deployment" else CONTROLLER_REVISION
    return history(workload, api.list(resource, workload.namespace, workload.selector).items)
