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
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.availability import Availability
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.deletion import (
    job_refusal,
    job_warning,
    leave_entry,
    leave_words,
    nothing_to_do,
    plan_entry,
    refusal,
    skip_entry,
    warnings_about,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    allowed,
    in_order,
    is_available,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JOB, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import (
    all_pods,
    desired_pods,
    group_of,
    read_groups,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rolling_delete import Replaced, rolling_delete
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
    young: list[Pod] = field(default_factory=list)
    """Those that are left alone, and perhaps waited for: they may be in the place of what was taken down before."""
    warnings: list[str] = field(default_factory=list)


def pod_delete(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError, with nothing deleted, if one of the pods must not be, and RestartFailed with all done so far
    when a pod cannot be taken down, or nothing Ready takes its place within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    _require_sense(params)
    moment = None if params["older_than"] is None else cutoff(params["older_than"], clock.now())
    plan = _plan(api, clock, params, moment)

    def result(
        pods: Sequence[PodOutcome], *, changed: bool, awaited: Sequence[PodOutcome] | None = None
    ) -> dict[str, Any]:
        if awaited is None:
            awaited = [_left(pod, moment) for pod in plan.young]
        return restart_result(
            f"pod_{plan.how.method}",
            plan.target.workload,
            plan.entries,
            [*pods, *awaited, *plan.skipped],
            changed=changed,
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=plan.warnings,
        )

    if check_mode:
        outcomes = _asked(api, plan)
        return result(outcomes, changed=bool(plan.pods))
    awaited = None
    if params["wait"]:
        deadline = Deadline(clock, params["wait_timeout"])
        target, groups = plan.target, plan.how.groups
        selector, listing = all_pods(api, target, groups) if groups else (target.selector, target.listing)
        replaced = rolling_delete(api, clock, deadline, target.namespace, selector, listing, plan.pods, plan.how)
        outcomes, problem = replaced.pods, replaced.problem
        awaited = _awaited(plan, replaced, moment)
    else:
        outcomes, problem = _without_waiting(api, plan)
    changed = any(entry.outcome != "skipped" for pod in outcomes for entry in pod.containers)
    done = result(outcomes, changed=changed, awaited=awaited)
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


def _plan(api: ClusterApi, clock: Clock, params: Mapping[str, Any], moment: datetime | None) -> _Plan:
    """Look at every pod before the first one is touched. Raises TargetError if one must not be deleted.

    Pods that were not created before `moment` are left alone.
    """
    target = _target(api, params, moment)
    objects = {obj["metadata"]["uid"]: obj for obj in target.listing.items}
    young = {pod.uid for pod in target.pods if not is_older(pod, moment)}
    todo = in_order(
        pod for pod in target.pods if pod.uid not in young and not nothing_to_do(pod, force=params["force"])
    )
    refused = {pod.uid: words for pod in todo if (words := refusal(pod, allow_unowned=params["allow_unowned"]))}
    # Nothing is going to happen: no owner has to be asked.
    groups = [] if refused else _groups(api, clock, params, target, todo, moment)
    plan = _Plan(target, todo, _how(params, groups, moment))
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
            plan.young.append(pod)
        elif words := nothing_to_do(pod, force=params["force"]):
            plan.entries.append(skip_entry(pod, words))
            plan.skipped.append(PodOutcome.whole(pod, pod, "skipped", words))
    return plan


def _target(api: ClusterApi, params: Mapping[str, Any], moment: datetime | None) -> Target:
    """The pods that are meant. An earlier run may have taken down the last one of a workload: then it is waited for."""
    if moment is None or params["name"] is None or params["allow_empty"]:
        return resolve(api, params)
    target = resolve(api, {**params, "allow_empty": True})
    wanted = target.obj is not None and params["select"] is None and desired_pods(target.obj) > 0
    return target if target.pods or wanted else resolve(api, params)


def _groups(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    target: Target,
    todo: Sequence[Pod],
    moment: datetime | None,
) -> list[Group]:
    """The owners of the pods that are taken down, and with `moment` those of which some may have been before.

    For the latter an owner has to say how many it wants, and to have fewer by the listing that is there already.
    """
    if moment is None:
        return read_groups(api, target.namespace, todo, params["max_unavailable"])
    others = [pod for pod in target.pods if pod.owner and not pod.mirror and pod.phase not in ("Succeeded", "Failed")]
    groups = read_groups(api, target.namespace, [*todo, *others], params["max_unavailable"])
    if not groups and target.workload and target.obj:
        groups = [group_of(target.workload, target.obj, params["max_unavailable"])]
    lacking = _lacking(clock, params, target, groups)
    return [group for group in groups if group in lacking or any(group.owns(pod) for pod in todo)]


def _lacking(clock: Clock, params: Mapping[str, Any], target: Target, groups: Sequence[Group]) -> list[Group]:
    """The owners that are known to want more pods than do their work, of those that the target's listing has."""
    objects, now = {obj["metadata"]["uid"]: obj for obj in target.listing.items}, clock.monotonic()
    availability = Availability(params["min_ready_seconds"])
    availability.begin(objects, now, clock.now())
    pods = {uid: Pod.from_object(obj) for uid, obj in objects.items()}

    def works(group: Group) -> int:
        members = [objects[uid] for uid, pod in pods.items() if group.owns(pod)]
        return len(availability.available(group, members, now))

    return [group for group in groups if group.desired is not None and works(group) < group.desired]


def _left(pod: Pod, moment: datetime | None) -> PodOutcome:
    """What became of a pod that was left alone."""
    return PodOutcome.whole(pod, pod, "unchanged", leave_words(moment))


def _awaited(plan: _Plan, replaced: Replaced, moment: datetime | None) -> list[PodOutcome]:
    """What became of pods that were not to be taken down, and of new ones that are in the place of none of ours."""
    outcomes, seen = [], {pod.uid: (pod, good) for pod, good in replaced.awaited}
    for pod in plan.young:
        now, good = seen.pop(pod.uid, (None, False))
        if now is None:
            outcomes.append(_left(pod, moment))
        elif good:
            outcomes.append(PodOutcome.whole(pod, now, "unchanged", f"{leave_words(moment)}, and it is Ready by now"))
        else:
            kind: OutcomeKind = "failed" if replaced.problem else "unchanged"
            outcomes.append(PodOutcome.whole(pod, now, kind, f"{leave_words(moment)}, and it is not Ready yet"))
    for now, good in seen.values():
        words = "it was made during this run, but not in the place of a pod that this run took down, and is "
        words += "Ready" if good else "not Ready"
        outcomes.append(PodOutcome.whole(None, now, "unchanged" if good or not replaced.problem else "failed", words))
    return outcomes


def _how(params: Mapping[str, Any], groups: Sequence[Group], moment: datetime | None) -> How:
    return How(
        groups,
        params["method"],
        0 if params["force"] else params["grace_seconds"],
        params["min_ready_seconds"],
        renew=True,
        since=moment,
    )


def _jobs(api: ClusterApi, plan: _Plan, group: Group) -> dict[str, str]:
    """The pods that their Job would not replace, with the reason; a warning if it does."""
    if group.kind != "Job" or not any(group.owns(pod) for pod in plan.pods):
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
    _selector, listing = all_pods(api, plan.target, plan.how.groups) if plan.pods else ("", plan.target.listing)
    for group in plan.how.groups:
        mine = {pod.uid: pod for pod in plan.pods if group.owns(pod)}
        members = [obj for obj in listing.items if group.owns(Pod.from_object(obj))]
        working = {obj["metadata"]["uid"] for obj in members if is_available(group, obj)}
        down = max(0, (group.desired or 0) - len(working)) if group.uid else 0
        more = [uid for uid in mine if uid in working]
        if len(mine) > group.window or (more and down + len(more) > group.window):
            raise TargetError(
                f"wait is false, so nobody would see when the next pod may go: {len(mine)} pods of {group} are meant, "
                f"{f'{down} are down already, ' if down else ''}and {group.window} may be down (max_unavailable). "
                "Nothing was deleted."
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
