# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is done with a workload whose rollout failed: nothing, a pause, or the earlier template again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_status
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, MERGE_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.undo import delete_stuck


def require_possible(workload: Workload, on_failure: str) -> None:
    """Raises TargetError for what could not be done when the time comes."""
    if on_failure == "pause" and workload.kind != "Deployment":
        raise TargetError(f"on_failure: only a Deployment can be paused, {workload} cannot; take leave or undo.")


def react(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    workload: Workload,
    template: JsonObject,
    patched: JsonObject,
) -> str:
    """Do what `params` say, and say in a sentence what became of it; empty where nothing is to be done.

    `template` is the one from before, `patched` the workload as the change left it. Raises nothing: the failure of the
    rollout itself is what has to be told.
    """
    what = params.get("on_failure")
    try:
        if what == "pause":
            _patch(api, workload, {"spec": {"paused": True}}, MERGE_PATCH)
            return "It was paused (on_failure): to go on, kubectl rollout resume."
        if what == "undo":
            return _undo(api, clock, Deadline(clock, params["wait_timeout"]), workload, template, patched)
    except SafeRestartError as error:
        return f"on_failure: {what} did not work either: {error}"
    return ""


def _undo(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    workload: Workload,
    template: JsonObject,
    patched: JsonObject,
) -> str:
    """Put the template back and wait for its pods. Not if somebody has changed it since: theirs stays."""
    path = "/" + "/".join(workload.type.template_path)
    body = [
        {"op": "test", "path": path, "value": workload.type.template(patched)},
        {"op": "replace", "path": path, "value": template},
    ]
    undone = _patch(api, workload, body, JSON_PATCH)
    start, only = Listing([undone], undone["metadata"]["resourceVersion"]), f"metadata.name={workload.name}"
    resource, status = workload.type.resource, rollout_status(undone, undone)
    for objects in observe(api, clock, deadline, resource, workload.namespace, field_selector=only, start=start):
        if workload.uid not in objects:
            return "The earlier template was put back (on_failure), and then the workload was deleted."
        status = rollout_status(objects[workload.uid], undone)
        if status.done:
            return "The earlier template was put back (on_failure), and all its pods are available."
        if status.failed:
            break
        delete_stuck(api, workload, objects[workload.uid])
    return f"The earlier template was put back (on_failure), and its pods are not available: {status.message}."


def _patch(api: ClusterApi, workload: Workload, body: JsonObject | list[JsonObject], content_type: str) -> JsonObject:
    resource = workload.type.resource
    return api.patch(resource, workload.namespace, workload.name, body, content_type, dry_run=False)
