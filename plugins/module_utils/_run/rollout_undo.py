# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""rollout_undo: go back to an earlier pod template, as kubectl does, and prove that every pod has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import (
    CHANGE_CAUSE,
    LAST_APPLIED,
    Revision,
    comparable,
    current,
    find,
    restored_annotations,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stuck import may_be_stuck
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.history import read_history
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_failure import require_possible
from ansible_collections.saferestart.k8s.plugins.module_utils._run.resume import resume
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import not_selected, rollout_plan
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.undo import (
    Unstick,
    find_stuck,
    stuck_plan,
    undo_template,
)

STRATEGY = "rollout_undo"


def rollout_undo(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the pod template before and after.

    Raises TargetError, with nothing changed, for a revision that is not there and for a paused Deployment, and
    RestartFailed when the template was put back and the end cannot come or was not proven within `wait_timeout`
    seconds.
    """
    began = clock.monotonic()
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    require_possible(workload, params)
    warnings = require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    if LAST_APPLIED in (obj["metadata"].get("annotations") or {}):
        words = "its manifest there still has what is undone, and the next kubectl apply brings that back"
        warnings.append(f"{workload} is applied with kubectl: {words}.")
    if workload.paused:
        raise TargetError(
            f"{workload} is paused: its controller would not follow. Resume it first (kubectl rollout resume)."
        )
    revisions = read_history(api, workload)
    revision = find(workload, obj, revisions, params["to_revision"], params["to_name"])
    same = comparable(workload.type.template(obj)) == comparable(revision.template)
    plan: list[JsonObject] = []
    if not same:
        plan, more = _plan(workload, obj, revision, current(workload, obj, revisions), params, check_mode)
        warnings += more
    warnings += _not_waited_for(workload, obj, params)
    if params["delete_stuck"] and params["wait"] and check_mode:
        plan += stuck_plan(find_stuck(api, workload, obj, revision.name))

    def send(dry_run: bool) -> JsonObject:
        annotations = _annotations(workload, obj, revision, params["reason"])
        return undo_template(api, workload, revision.template, annotations, dry_run=dry_run)

    def stays(pod: Pod) -> str:
        return "it already has this template" if revision.made(pod) else ""

    unstick = Unstick(api, workload, plan) if params["delete_stuck"] else None
    change = Change(STRATEGY, workload, obj, send, plan, warnings, attend=unstick, stays=stays)
    if same:
        return resume(api, clock, params, check_mode, change, revision, began)
    return roll(api, clock, params, check_mode, change, began)


def _annotations(workload: Workload, obj: JsonObject, revision: Revision, reason: str | None) -> dict[str, str | None]:
    """What changes in the workload's annotations: as with kubectl a Deployment's are restored, others stay."""
    changes = restored_annotations(obj, revision) if workload.kind == "Deployment" else {}
    return changes | {CHANGE_CAUSE: reason} if reason else changes


def _plan(
    workload: Workload,
    obj: JsonObject,
    revision: Revision,
    now: Revision | None,
    params: Mapping[str, Any],
    check_mode: bool,
) -> tuple[list[JsonObject], list[str]]:
    """What is going to happen, and of that, as warnings, what a user may not expect."""
    words = f"the template of revision {revision.number} ({revision.name}) is put in the place of "
    words += f"that of revision {now.number}" if now else "the present one, which has no revision yet"
    undo: JsonObject = {"workload": str(workload), "action": "undo", "reason": words}
    plan, warnings = rollout_plan(workload, obj, params, check_mode)
    return [undo, *plan], warnings


def _not_waited_for(workload: Workload, obj: JsonObject, params: Mapping[str, Any]) -> list[str]:
    """A warning where pods have to be deleted, which needs waiting, and `wait` is false."""
    if params["wait"]:
        return []
    if workload.update_strategy == "OnDelete":
        return [f"{workload} has the update strategy OnDelete: its pods stay as they are until somebody deletes them."]
    if may_be_stuck(workload, obj):
        words = "has pods that are not Ready, which its controller may wait for. They are deleted only with wait"
        return [f"{workload} {words}."]
    return []
