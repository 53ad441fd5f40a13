# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""pod_delete: have pods made anew by deleting or evicting them, so many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.budgets import covering
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import most_unavailable
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement_outcomes import (
    finalizers,
    outcomes,
    unfinished,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import pod_outcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, POD_DISRUPTION_BUDGET
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import last_warning
from ansible_collections.saferestart.k8s.plugins.module_utils._run.replace_pods import NO_ROOM, How, Replacing
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: The kubelet's mark of a static pod's copy (pkg/kubelet/types/constants.go); deleting the copy ends nothing.
MIRROR = "kubernetes.io/config.mirror"
OVERLAP = "more than one PodDisruptionBudget"


def pod_delete(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError, with nothing deleted, for pods that would not come back, and RestartFailed with all done so far
    for what could not be deleted, or was not replaced within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    how = _how(params)
    most_unavailable(how.max_unavailable, 1)
    target = _with_neighbours(api, resolve(api, params))
    if target.workload:
        how = replace(how, min_ready_seconds=target.workload.min_ready_seconds)
    _require_replaceable(target, params)
    plan, warnings = _plan(target, params)
    run = Replacing(api, clock, target.pods, target.listing, how)

    def result(pods: Sequence[PodOutcome], *, changed: bool) -> dict[str, Any]:
        return restart_result(
            "pod_evict" if how.method == "evict" else "pod_delete",
            target.workload,
            plan,
            pods,
            changed=changed,
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=warnings,
        )

    if check_mode:
        said = [_ask(api, pod, how) for pod in target.pods]
        for entry, words in zip(plan, said, strict=True):
            entry["reason"] = words or entry["reason"]
        done = [
            pod_outcome(pod, pod, "skipped", f"check mode: {words or 'it would be deleted'}")
            for pod, words in zip(target.pods, said, strict=True)
        ]
        return result(done, changed=bool(target.pods))
    if not params["wait"]:
        _require_no_window(run)
        run.take_down_all()
    elif not run.run(Deadline(clock, params["wait_timeout"]), target.namespace, target.selector):
        said = [run.problem or f"Not done after {params['wait_timeout']} s (wait_timeout)."]
        said += unfinished(run.groups, run.objects, run.available(), run.no_room)
        said += _explained(api, target, run)
        run.problem = "\n".join(said)
    found = outcomes(run.groups, run.chosen, run.objects, run.available(), run.no_room) if params["wait"] else []
    made = result(found, changed=bool(run.asked))
    if run.problem:
        raise RestartFailed(run.problem, made)
    return made


def _how(params: Mapping[str, Any]) -> How:
    """The options on how to delete. Raises TargetError for a grace period that would be none."""
    grace = params["grace_seconds"]
    if params["force"]:
        if params["method"] == "evict":
            raise TargetError("force: a pod is not evicted by force; take method delete, which asks no budget.")
        grace = 0
    elif grace is not None and grace < 1:
        raise TargetError(
            f"grace_seconds: {grace} would take the pod off the API server without waiting for its end. "
            "Take 1 or more, or say force."
        )
    return How(params["method"], grace, params["max_unavailable"])


def _with_neighbours(api: ClusterApi, target: Target) -> Target:
    """The target with a listing in which a pod's replacement will show: that of one pod by name has no other."""
    if target.selector or not target.pods:
        return target
    return replace(target, listing=api.list(POD, target.namespace))


def _require_replaceable(target: Target, params: Mapping[str, Any]) -> None:
    """Raises TargetError for pods that would not come back."""
    mirrors = {obj["metadata"]["uid"] for obj in target.listing.items if MIRROR in (_annotations(obj))}
    if names := ", ".join(pod.name for pod in target.pods if pod.uid in mirrors):
        raise TargetError(
            f"Static pods cannot be restarted by deleting them, only their copies on the API server would be: {names}. "
            "Signal their processes (container_restart), or change their files on the node."
        )
    if params["allow_unowned"]:
        return
    if names := ", ".join(pod.name for pod in target.pods if pod.owner is None):
        raise TargetError(
            f"No controller owns these pods, so nothing would bring them back: {names}. "
            "Take resource_replace with force, or allow_unowned to delete them for good."
        )


def _require_no_window(run: Replacing) -> None:
    """Raises TargetError where not waiting would mean more pods down at once than is allowed."""
    for group in run.groups:
        if len(group.todo) > group.limit:
            raise TargetError(
                f"wait is false, so that all {len(group.todo)} pods of {group.key} would be deleted at once, and "
                f"max_unavailable allows {group.limit}. Wait, or raise it."
            )


def _plan(target: Target, params: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """What is going to be done to each pod, and what a user may not expect of it."""
    objects = {obj["metadata"]["uid"]: obj for obj in target.listing.items}
    plan, warnings = [], []
    for pod in target.pods:
        owner = f"{pod.owner.kind} {pod.owner.name} makes another one" if pod.owner else "nobody makes another one"
        plan.append({"pod": pod.name, "action": params["method"], "reason": params.get("reason") or owner})
        if held := finalizers(objects[pod.uid]) if pod.uid in objects else []:
            warnings.append(f"{pod} goes only when its finalizers are taken away: {', '.join(held)}.")
        if params["force"] and pod.owner and pod.owner.kind == "StatefulSet":
            warnings.append(f"{pod} is deleted by force: it may still run while another one has its name and volumes.")
    return plan, warnings


def _ask(api: ClusterApi, pod: Pod, how: How) -> str:
    """What the server says against it in a dry run; nothing if it would be done. Raises ApiError for other errors."""
    try:
        if how.method == "evict":
            api.evict(pod.namespace, pod.name, uid=pod.uid, grace_seconds=how.grace_seconds, dry_run=True)
        else:
            api.delete(POD, pod.namespace, pod.name, uid=pod.uid, grace_seconds=how.grace_seconds, dry_run=True)
    except ApiError as error:
        if error.status != NO_ROOM:
            raise
        return f"no room now, it would be waited for: {error}"
    return ""


def _explained(api: ClusterApi, target: Target, run: Replacing) -> list[str]:
    """What a person would look up next: the budgets that overlap, or why a controller makes no pod."""
    if OVERLAP in run.problem:
        pod = next(group.todo[0] for group in run.groups if group.todo)
        try:
            names = covering(api.list(POD_DISRUPTION_BUDGET, target.namespace).items, pod.labels)
        except SafeRestartError as error:
            return [f"Which ones could not be read: {error}"]
        return [f"{pod} is covered by {', '.join(names)}: change their selectors, or take method delete."]
    for group in run.groups:
        if group.waiting(run.pods(), run.available()) and not group.fresh(run.pods()):
            owner = next((pod.owner for pod in target.pods if pod.uid in group.initial), None)
            return last_warning(api, target.namespace, owner.uid) if owner else []
    return []


def _annotations(obj: dict[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = obj["metadata"].get("annotations") or {}
    return found
