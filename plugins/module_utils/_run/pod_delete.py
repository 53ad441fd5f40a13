# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""pod_delete: have pods replaced by evicting or deleting them, some at a time, each one's replacement proven Ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff, is_older
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.deletion import (
    job_refusal,
    job_warning,
    leave_entry,
    nothing_to_do,
    plan_entry,
    refusal,
    skip_entry,
    warnings_about,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group, allowed, in_order
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JOB, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import all_pods, read_groups
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rolling_delete import rolling_delete
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import DONE, How, take_down
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve


@dataclass(slots=True)
class _Plan:
    """What is going to be done: the pods in their order, how, and what there is to say about it."""

    target: Target
    pods: list[Pod]
    how: How
    entries: list[JsonObject] = field(default_factory=list)
    skipped: list[PodOutcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def pod_delete(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError, with nothing deleted, if one of the pods must not be, and RestartFailed with all done so far
    when a pod cannot be taken down, or nothing Ready takes its place within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    _require_sense(params)
    moment = None if params["older_than"] is None else cutoff(params["older_than"], clock.now())
    plan = _plan(api, params, moment)

    def result(pods: Sequence[PodOutcome], *, changed: bool) -> dict[str, Any]:
        return restart_result(
            f"pod_{plan.how.method}",
            plan.target.workload,
            plan.entries,
            [*pods, *plan.skipped],
            changed=changed,
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=plan.warnings,
        )

    if check_mode:
        outcomes = _asked(api, plan)
        return result(outcomes, changed=bool(plan.pods))
    if params["wait"]:
        deadline = Deadline(clock, params["wait_timeout"])
        target = plan.target
        selector, listing = all_pods(api, target, plan.how.groups) if plan.pods else (target.selector, target.listing)
        outcomes, problem = rolling_delete(
            api, clock, deadline, plan.target.namespace, selector, listing, plan.pods, plan.how
        )
    else:
        outcomes, problem = _without_waiting(api, plan)
    done = result(outcomes, changed=any(entry.outcome != "skipped" for pod in outcomes for entry in pod.containers))
    if problem is None:
        return done
    there = [pod for pod in outcomes if pod.after and pod.containers]
    left = [str(pod.before) for pod in there if pod.containers[0].outcome == "skipped"]
    untouched = f"\nNot touched: {', '.join(left)}." if left else ""
    whose = f"{plan.target.workload}: " if plan.target.workload else ""
    raise RestartFailed(f"{whose}not all pods were replaced: {problem}.{untouched}", done)


def _require_sense(params: Mapping[str, Any]) -> None:
    """Raises TargetError for options that contradict each other, before anything is asked."""
    allowed(params["max_unavailable"], 1)
    grace = params["grace_seconds"]
    if grace is not None and grace < 1 and not (params["force"] and grace == 0):
        raise TargetError("grace_seconds has to be 1 or more: 0 removes a pod without word from its node, see force.")
    if grace and params["force"]:
        raise TargetError("force means no grace period at all: leave out grace_seconds.")


def _plan(api: ClusterApi, params: Mapping[str, Any], moment: datetime | None) -> _Plan:
    """Look at every pod before the first one is touched. Raises TargetError if one must not be deleted.

    Pods that were not created before `moment` are left alone.
    """
    target = resolve(api, params)
    objects = {obj["metadata"]["uid"]: obj for obj in target.listing.items}
    young = {pod.uid for pod in target.pods if not is_older(pod, moment)}
    todo = in_order(
        pod for pod in target.pods if pod.uid not in young and not nothing_to_do(pod, force=params["force"])
    )
    refused = {pod.uid: words for pod in todo if (words := refusal(pod, allow_unowned=params["allow_unowned"]))}
    # Nothing is going to happen: no owner has to be asked.
    groups = [] if refused else read_groups(api, target.namespace, todo, params["max_unavailable"])
    plan = _Plan(target, todo, _how(params, groups))
    for group in groups:
        refused |= _jobs(api, plan, group)
    if refused:
        words = "; ".join(f"{pod}: {refused[pod.uid]}" for pod in todo if pod.uid in refused)
        raise TargetError(f"Nothing was deleted, {len(refused)} of {len(target.pods)} pods must not be: {words}.")
    for pod in todo:
        group = next(group for group in groups if group.owns(pod))
        plan.entries.append(plan_entry(pod, group, params["method"], params["reason"], force=params["force"]))
        plan.warnings += warnings_about(objects[pod.uid], pod, group, force=params["force"])
    for pod in target.pods:
        if moment and pod.uid in young:
            plan.entries.append(leave_entry(pod, moment))
            plan.skipped.append(PodOutcome.whole(pod, pod, "unchanged", plan.entries[-1]["reason"]))
        elif words := nothing_to_do(pod, force=params["force"]):
            plan.entries.append(skip_entry(pod, words))
            plan.skipped.append(PodOutcome.whole(pod, pod, "skipped", words))
    return plan


def _how(params: Mapping[str, Any], groups: Sequence[Group]) -> How:
    return How(
        groups,
        params["method"],
        0 if params["force"] else params["grace_seconds"],
        params["min_ready_seconds"],
        renew=True,
    )


def _jobs(api: ClusterApi, plan: _Plan, group: Group) -> dict[str, str]:
    """The pods that their Job would not replace, with the reason; a warning if it does."""
    if group.kind != "Job":
        return {}
    try:
        job = api.get(JOB, plan.target.namespace, group.name)
    except ApiError as error:
        plan.warnings.append(f"How many more failures the Job {group.name} allows could not be read: {error}")
        return {}
    if words := job_refusal(job):
        return {pod.uid: words for pod in plan.pods if group.owns(pod)}
    plan.warnings.append(job_warning(job))
    return {}


def _asked(api: ClusterApi, plan: _Plan) -> list[PodOutcome]:
    """The outcomes of a check run: the server judges each pod as it is now (dryRun=All)."""
    outcomes = []
    for pod, entry in zip(plan.pods, plan.entries, strict=False):
        answer = take_down(api, plan.how, pod, dry_run=True)
        words = f"check mode: it would be {DONE[plan.how.method]}"
        if answer.kind == "later":
            words += f", no room now: {answer.words}"
            entry["reason"] += f"; no room now: {answer.words}"
        elif answer.kind == "gone":
            words = answer.words
        outcomes.append(PodOutcome.whole(pod, pod, "skipped", words))
    return outcomes


def _without_waiting(api: ClusterApi, plan: _Plan) -> tuple[list[PodOutcome], str | None]:
    """Take them all down at once. Raises TargetError, with nothing deleted, where that is more than may be down."""
    for group in plan.how.groups:
        count = sum(group.owns(pod) for pod in plan.pods)
        if count > group.window:
            raise TargetError(
                f"wait is false, so nobody would see when the next pod may go: {count} pods of {group} are meant, and "
                f"{group.window} may be down (max_unavailable). Nothing was deleted."
            )
    outcomes: list[PodOutcome] = []
    problem: str | None = None
    for pod in plan.pods:
        if problem is not None:
            outcomes.append(PodOutcome.whole(pod, pod, "skipped", "not touched"))
            continue
        try:
            answer = take_down(api, plan.how, pod)
        except SafeRestartError as error:
            problem = str(error).rstrip(".")
            outcomes.append(PodOutcome.whole(pod, pod, "skipped", f"not touched: {problem}"))
            continue
        if answer.kind == "taken":
            words = f"{DONE[plan.how.method]}; wait is false: what takes its place was not looked at"
            outcomes.append(PodOutcome.whole(pod, None, "deleted", words))
            continue
        problem = answer.words if answer.kind == "later" else None
        outcomes.append(PodOutcome.whole(pod, pod if problem else None, "skipped", answer.words))
    return outcomes, problem
