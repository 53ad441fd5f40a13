# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A rollout: the pod template of a workload is changed, its controller replaces the pods, and that is proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import is_older
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import ended_meanwhile, pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import in_order
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    expected,
    live_pods,
    replaced,
    survivors,
    untouched,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import (
    RolloutStatus,
    how_far,
    observed,
    rollout_status,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_failure import react
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import group_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rolling_delete import rolling_delete
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import template_diff
from ansible_collections.saferestart.k8s.plugins.module_utils._run.steady import await_steady
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import How

SAME_TEMPLATE = "the pod template is the same as before: nothing restarts"
GOING_ON = "it was there before this run, which only waited for the end of a rollout that was under way"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a pod template that is to be made.

    `obj` is the workload as it was read. `send` makes the change, or with True only has the server judge it
    (dryRun=All), and returns the object. `undone` says, of the object as it is seen later, what took the change back,
    or nothing. `diff` makes the result's diff from the object that `send` returned. `attend` is shown the workload
    each time it is seen while the rollout goes on, and may help it along; what it adds to `plan` is in the result.
    `stays` says of a pod from before why it is not to be replaced, or nothing.
    """

    strategy: str
    workload: Workload
    obj: JsonObject
    send: Callable[[bool], JsonObject]
    plan: Sequence[JsonObject] = ()
    warnings: Sequence[str] = ()
    undone: Callable[[JsonObject], str] | None = None
    diff: Callable[[JsonObject], JsonObject] | None = None
    older_than: datetime | None = None
    """Where no pod was created before that, there is nothing to do."""
    under_way: bool = False
    """An earlier run made the change: nothing is sent, and only the pods of before `older_than` have to go."""
    held_back: bool = False
    """The pods below a partition are replaced too: deleted, since the controller leaves them alone."""
    attend: Callable[[JsonObject], None] | None = None
    stays: Callable[[Pod], str] | None = None

    def replaces(self, pod: Pod) -> bool:
        """Whether the pod has to be another one at the end."""
        ours = self.under_way or self.workload.update_strategy == "OnDelete"
        return not ours or is_older(pod, self.older_than)

    def by_hand(self, pod: Pod) -> bool:
        """Whether nobody but us replaces the pod."""
        if self.workload.update_strategy == "OnDelete":
            return is_older(pod, self.older_than) and not self.partition.keeps(pod)
        return self.held_back and Partition.from_object(self.obj).keeps(pod)

    @property
    def template(self) -> JsonObject:
        """The pod template as it was read."""
        return self.workload.type.template(self.obj)

    @property
    def partition(self) -> Partition:
        """The pods that are left alone."""
        return Partition() if self.held_back else Partition.from_object(self.obj, self.stays)

    def lost(self, obj: JsonObject) -> str:
        """What took the change back, if anything did."""
        if self.undone:
            return self.undone(obj)
        if self.workload.type.template(obj) != self.template:
            return ""
        return "its template is the one from before again, by a rollout undo or by a tool that keeps its own copy"

    def difference(self, patched: JsonObject) -> JsonObject:
        """The change, as --diff shows it."""
        if self.diff:
            return self.diff(patched)
        return template_diff(self.workload, self.template, self.workload.type.template(patched))


@dataclass(frozen=True, slots=True)
class Rollout:
    """One rollout that was begun: the change, and the pods from before."""

    change: Change
    before: tuple[Pod, ...]

    def still_there(self, pods: Sequence[JsonObject]) -> list[Pod]:
        """The pods from before that should be gone. A CloneSet that updates in place keeps them."""
        if self.change.workload.update_strategy.startswith("InPlace"):
            return []
        return survivors(self.before, [Pod.from_object(obj) for obj in pods], self.change.partition)

    def unfinished(self, pods: Sequence[JsonObject]) -> str:
        """What is not over yet, by the pods: the last word, or the only one where its status has no rules."""
        obj, (new, _old) = self.change.obj, self.split(pods)
        ready = sum(pod_failure(entry) is None for entry in new)
        count = obj["spec"].get("replicas")
        wanted = max(len(new), count if isinstance(count, int) else len(self.before))
        if names := ", ".join(pod.name for pod in self.still_there(pods)):
            says = "its controller says that it is done, but there" if has_rules(obj) else "there"
            return f"{says} are still pods from before: {names}"
        if not has_rules(obj) and ready < wanted:
            return f"{ready} of {wanted} new pods are Ready"
        return ""

    def split(self, pods: Sequence[JsonObject]) -> tuple[list[JsonObject], list[JsonObject]]:
        """The new pods among these, and the old ones."""
        uids = {pod.uid for pod in self.before}
        new = [obj for obj in pods if obj["metadata"]["uid"] not in uids]
        return new, [obj for obj in pods if obj["metadata"]["uid"] in uids]

    def outcomes(self, pods: Sequence[JsonObject], *, done: bool) -> list[PodOutcome]:
        """What became of every pod."""
        failures = [failure for obj in pods if (failure := pod_failure(obj))]
        broken = {failure.uid: "; ".join(failure.reasons) for failure in failures}
        after = [Pod.from_object(obj) for obj in pods]
        return replaced(self.change.workload.kind, self.before, after, self.change.partition, broken, done=done)


def roll(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool, change: Change, began: float
) -> dict[str, Any]:
    """The result of a module that changes a pod template; `began` is when it did, by the monotonic clock.

    A template that is not changed restarts nothing, and is a success that says so. `params` has `wait` and
    `wait_timeout`. Raises RestartFailed when the rollout was started and its end cannot come or was not proven.
    """
    workload = change.workload
    looks = bool(workload.selector) and (params["wait"] or check_mode)
    pods = live_pods(workload, _list_pods(api, workload).items) if looks or change.older_than else []
    rollout = Rollout(change, tuple(pod for pod in map(Pod.from_object, pods) if change.replaces(pod)))
    plan = change.plan
    diff: JsonObject | None = None

    def result(pods: Sequence[PodOutcome], *, changed: bool = True) -> dict[str, Any]:
        made = restart_result(
            change.strategy,
            workload,
            plan,
            pods,
            changed=changed,
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=change.warnings,
        )
        return made | ({"diff": diff} if diff else {})

    due = (pod for pod in rollout.before if is_older(pod, change.older_than) and not change.partition.keeps(pod))
    if change.older_than and not any(due):
        words = f"none of its pods was created before {time_text(change.older_than)} (older_than)"
        plan = [{"workload": str(workload), "action": "skip", "reason": words}]
        return result(untouched(map(Pod.from_object, pods), words), changed=False)
    patched = change.obj if change.under_way else change.send(check_mode)
    diff = change.difference(patched)
    if not change.under_way and workload.type.template(patched) == change.template:
        if params["wait"] and not check_mode and _is_under_way(workload, patched):
            words = "the pod template already is as asked for: the end of the rollout that is under way is waited for"
            plan = [{"workload": str(workload), "action": "go_on", "reason": words}]
            undone = change.undone or (lambda _seen: "")
            going = replace(change, under_way=True, undone=undone, stays=lambda _pod: GOING_ON)
            rest = partial(result, changed=_differ(change.obj, patched))
            return prove(api, clock, params, Rollout(going, rollout.before), patched, rest)
        plan = [{"workload": str(workload), "action": "skip", "reason": SAME_TEMPLATE}]
        return result(untouched(rollout.before, SAME_TEMPLATE), changed=_differ(change.obj, patched))
    if check_mode:
        return result(expected(rollout.before, change.partition), changed=not change.under_way)
    if not params["wait"]:
        return result([], changed=not change.under_way)
    return prove(api, clock, params, rollout, patched, result)


def prove(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    rollout: Rollout,
    patched: JsonObject,
    result: Callable[[Sequence[PodOutcome]], dict[str, Any]],
) -> dict[str, Any]:
    """Wait for the end of a rollout that was begun, and return what `result` makes of its pods.

    `params` has `wait_timeout`, in seconds, and `on_failure`; `patched` is the workload as the rollout began. Raises
    RestartFailed with the result as far as it got.
    """
    change, workload = rollout.change, rollout.change.workload
    try:
        with waiting() as tell:
            problem, pods = _await_proof(api, clock, Deadline(clock, params["wait_timeout"]), rollout, patched, tell)
    except SafeRestartError as error:
        words = f"{workload}: the rollout was started, but not observed to its end: {error}"
        raise RestartFailed(words, result([])) from error
    new, old = rollout.split(pods)
    if problem is None:
        made = result(rollout.outcomes(pods, done=True))
        return made | {"warnings": [*made["warnings"], *ended_meanwhile(new)]}
    said, why = [f"{workload}: the rollout did not succeed: {problem}."], diagnose(api, workload, new, old)
    said += [line for line in why.splitlines() if line not in problem]
    outcomes = rollout.outcomes(pods, done=False)
    if change.under_way and params.get("on_failure") != "leave":
        said.append("Nothing was done about it (on_failure): what was before the earlier run is not known.")
    else:
        said.append(react(api, clock, params, workload, change.template, patched))
    raise RestartFailed("\n".join(filter(None, said)), result(outcomes))


def _is_under_way(workload: Workload, obj: JsonObject) -> bool:
    """Whether the controller is still at the template that there is. With OnDelete nobody can tell."""
    return has_rules(obj) and workload.update_strategy != "OnDelete" and not rollout_status(obj).done


def _differ(before: JsonObject, after: JsonObject) -> bool:
    """Whether the change has changed anything, if not the template."""
    meta = ("labels", "annotations")
    return before["spec"] != after["spec"] or any(before["metadata"].get(k) != after["metadata"].get(k) for k in meta)


def _await_proof(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    rollout: Rollout,
    patched: JsonObject,
    tell: Callable[[str], None],
) -> tuple[str | None, list[JsonObject]]:
    """Wait until the controller is done, no pod from before is left, and the new ones last.

    Returns what went wrong, None if nothing did, and the workload's pods at that time.
    """
    workload = rollout.change.workload
    problem = _await_controller(api, clock, deadline, rollout.change, patched, tell)
    listing = _list_pods(api, workload)
    by_hand = [pod for pod in rollout.before if rollout.change.by_hand(pod)]
    if by_hand and not problem:
        problem = _replace(api, clock, deadline, rollout.change, by_hand, listing)
        listing = _list_pods(api, workload)
    if problem:
        return problem, live_pods(workload, listing.items)
    # Mostly no pod is left; some are where the rollout was undone meanwhile, or a node no longer takes daemons.
    kept = {pod.uid for pod in rollout.before if rollout.change.partition.keeps(pod)}
    return await_steady(api, clock, deadline, workload, listing, lambda pod: pod.uid in kept, tell, rollout.unfinished)


def _await_controller(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    change: Change,
    patched: JsonObject,
    tell: Callable[[str], None],
) -> str | None:
    """Watch the workload until its controller is done with the rollout. What went wrong, or None."""
    workload, status = change.workload, _status(change, patched)
    start = Listing([patched], patched["metadata"]["resourceVersion"])
    only = f"metadata.name={workload.name}"
    resource = workload.type.resource
    for objects in observe(api, clock, deadline, resource, workload.namespace, field_selector=only, start=start):
        if workload.uid not in objects:
            return "it was deleted meanwhile"
        if lost := change.lost(objects[workload.uid]):
            return lost
        status = _status(change, objects[workload.uid])
        if status.done:
            return None
        if status.failed:
            return status.message
        tell(f"{workload}: {how_far(objects[workload.uid])}")
        if change.attend:
            change.attend(objects[workload.uid])
    return f"not done after {deadline.seconds:g} s (wait_timeout): {status.message}"


def _status(change: Change, obj: JsonObject) -> RolloutStatus:
    """How far the controller is; with OnDelete all that it does by itself is to see the new template."""
    if change.workload.update_strategy == "OnDelete":
        return observed(obj)
    return rollout_status(obj, None if change.under_way else change.obj)


def _replace(
    api: ClusterApi, clock: Clock, deadline: Deadline, change: Change, pods: Sequence[Pod], listing: Listing
) -> str | None:
    """Delete the pods that the controller does not replace, one after the other. What went wrong, or None."""
    workload = change.workload
    there = {obj["metadata"]["uid"] for obj in listing.items}
    chosen = in_order(pod for pod in pods if pod.uid in there)
    how = How([group_of(workload, change.obj, "1")], method="delete")
    return rolling_delete(api, clock, deadline, workload.namespace, workload.selector, listing, chosen, how).problem


def _list_pods(api: ClusterApi, workload: Workload) -> Listing:
    return api.list(POD, workload.namespace, workload.selector)
