# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is done with a workload whose rollout failed: nothing, a pause, or the earlier template again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.json_patch import below
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import how_far, rollout_status
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.steady import await_steady
from ansible_collections.saferestart.k8s.plugins.module_utils._run.undo import delete_stuck


def require_possible(workload: Workload, params: Mapping[str, Any]) -> None:
    """Raises TargetError for what could not be done when the time comes."""
    on_failure = params["on_failure"]
    if on_failure != "leave" and not params["wait"]:
        raise TargetError(f"on_failure: {on_failure} needs wait, since nobody would see {workload} fail otherwise.")
    if on_failure == "pause" and workload.kind != "Deployment":
        raise TargetError(f"on_failure: only a Deployment can be paused, {workload} cannot; take leave or undo.")
    if on_failure == "undo" and workload.update_strategy == "OnDelete":
        raise TargetError(
            f"on_failure: {workload} has the update strategy OnDelete: its controller would not bring back what was "
            "before; take leave."
        )


def react(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    workload: Workload,
    template: JsonObject,
    patched: JsonObject,
) -> str:
    """Do what `params` say, and say in a sentence what became of it; empty where nothing is to be done.

    `template` is the one from before, `patched` the workload as the change left it. If somebody has changed the
    template since, theirs stays. Raises nothing: the failure of the rollout itself is what has to be told.
    """
    what = params["on_failure"]
    if what == "leave":
        return ""
    seen: JsonObject = {"op": "test", "path": "", "value": workload.type.template(patched)}
    back: JsonObject = {"op": "replace", "path": "", "value": template}
    body = below(workload.type.template_path, [seen] if what == "pause" else [seen, back])
    if what == "pause":
        body.append({"op": "add", "path": "/spec/paused", "value": True})
    resource = workload.type.resource
    try:
        changed = api.patch(resource, workload.namespace, workload.name, body, JSON_PATCH, dry_run=False)
    except SafeRestartError as error:
        return f"on_failure: {what} did not work either: {error}"
    if what == "pause":
        return "It was paused (on_failure): to go on, kubectl rollout resume."
    try:
        with waiting() as tell:
            state = _await_earlier(api, clock, Deadline(clock, params["wait_timeout"]), workload, changed, tell)
    except SafeRestartError as error:
        state = f"whether its pods are available is not known: {error}"
    return f"The earlier template was put back (on_failure), and {state.rstrip('.')}."


def _await_earlier(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    workload: Workload,
    undone: JsonObject,
    tell: Callable[[str], None],
) -> str:
    """Wait for the pods of the template that was put back, and say how far it came."""
    if not has_rules(undone):
        return "whether its pods are available cannot be told of such a type"
    start, only = Listing([undone], undone["metadata"]["resourceVersion"]), f"metadata.name={workload.name}"
    resource, status = workload.type.resource, rollout_status(undone, undone)
    for objects in observe(api, clock, deadline, resource, workload.namespace, field_selector=only, start=start):
        if workload.uid not in objects:
            return "then the workload was deleted"
        status = rollout_status(objects[workload.uid], undone)
        if status.done:
            listing = api.list(POD, workload.namespace, workload.selector)
            problem, _pods = await_steady(api, clock, deadline, workload, listing, lambda _pod: False, tell)
            return f"its pods are not available: {problem}" if problem else "all its pods are available"
        if status.failed:
            break
        tell(f"{workload}: its earlier template was put back: {how_far(objects[workload.uid])}")
        try:
            delete_stuck(api, workload, objects[workload.uid])
        except ApiError as error:
            return f"its controller waits for a pod that could not be deleted; delete it (kubectl delete pod): {error}"
    return f"its pods are not available: {status.message}"
