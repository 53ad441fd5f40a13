# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Putting an earlier pod template back, and removing what keeps a StatefulSet's controller from following."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.json_patch import below
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stuck import (
    may_be_stuck,
    stuck_pods,
    wanted_revision,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    JSON_PATCH,
    POD,
    STRATEGIC_MERGE_PATCH,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

STUCK = "not Ready, and of the revision that is undone: its controller would wait for it to become Ready"


def undo_template(
    api: ClusterApi,
    workload: Workload,
    template: JsonObject,
    annotations: Mapping[str, str | None] | None = None,
    *,
    dry_run: bool = False,
) -> JsonObject:
    """Put `template` in the place of the pod template, in one request, and return the object.

    `annotations` are changes of the workload's own, None removes one; only for built-in types. The built-in types get a
    strategic merge patch that says to replace, which has the effect of kubectl's and may be sent twice.
    """
    if workload.type.built_in:
        body: JsonObject = workload.type.at_template({**template, "$patch": "replace"})
        if annotations:
            body = {"metadata": {"annotations": dict(annotations)}} | body
        return _patch(api, workload, body, STRATEGIC_MERGE_PATCH, dry_run)
    back = below(workload.type.template_path, [{"op": "replace", "path": "", "value": template}])
    return _patch(api, workload, back, JSON_PATCH, dry_run)


def _patch(
    api: ClusterApi, workload: Workload, body: JsonObject | list[JsonObject], content_type: str, dry_run: bool
) -> JsonObject:
    return api.patch(workload.type.resource, workload.namespace, workload.name, body, content_type, dry_run=dry_run)


def find_stuck(api: ClusterApi, workload: Workload, obj: JsonObject, revision: str) -> list[Pod]:
    """The pods that are in the way of a StatefulSet's going to `revision`; no request where none can be.

    `obj` is the workload as it is now, `revision` the name of a ControllerRevision.
    """
    if not revision or not may_be_stuck(workload, obj):
        return []
    return stuck_pods(workload, obj, revision, api.list(POD, workload.namespace, workload.selector).items)


def delete_stuck(api: ClusterApi, workload: Workload, obj: JsonObject) -> list[Pod]:
    """Delete the pods that are in the way of a StatefulSet's going to the revision that it wants now, and return them.

    Nothing is done until the controller has seen the workload as it is in `obj`: it would make such a pod again from
    the revision that is undone. One that is gone or another one meanwhile is left alone.
    """
    deleted = []
    for pod in find_stuck(api, workload, obj, wanted_revision(obj)):
        try:
            api.delete(POD, pod.namespace, pod.name, uid=pod.uid)
        except ApiError as error:
            if error.status not in (404, 409):
                raise
        else:
            deleted.append(pod)
    return deleted


def stuck_plan(pods: list[Pod]) -> list[JsonObject]:
    """Stuck pods as entries of a plan."""
    return [{"pod": pod.name, "action": "delete_stuck", "reason": STUCK} for pod in pods]


@dataclass(frozen=True, slots=True)
class Unstick:
    """Deletes stuck pods each time that it is shown the workload, and writes them into `plan`: a Change's `attend`."""

    api: ClusterApi
    workload: Workload
    plan: list[JsonObject] = field(default_factory=list)

    def __call__(self, obj: JsonObject) -> None:
        """Look at the workload as it is now."""
        deleted = stuck_plan(delete_stuck(self.api, self.workload, obj))
        self.plan.extend(entry for entry in deleted if entry not in self.plan)
