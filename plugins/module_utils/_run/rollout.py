# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A rollout: the pod template of a workload is changed, its controller replaces the pods, and that is proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import without_secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    expected,
    live_pods,
    replaced,
    survivors,
    untouched,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import (
    partition,
    replicas,
    rollout_status,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe

#: Shown by `kubectl rollout history`; the controllers copy it to the revision that they make.
CHANGE_CAUSE = "kubernetes.io/change-cause"
SAME_TEMPLATE = "the pod template is the same as before: nothing restarts"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a pod template that is to be made.

    `obj` is the workload as it was read. `send` makes the change, or with True only has the server judge it
    (dryRun=All), and returns the object. `undone` says, of the object as it is seen later, what took the change back,
    or nothing. `diff` makes the result's diff from the object that `send` returned.
    """

    strategy: str
    workload: Workload
    obj: JsonObject
    send: Callable[[bool], JsonObject]
    plan: Sequence[JsonObject] = ()
    warnings: Sequence[str] = ()
    undone: Callable[[JsonObject], str] | None = None
    diff: Callable[[JsonObject], JsonObject] | None = None

    @property
    def template(self) -> JsonObject:
        """The pod template as it was read."""
        return self.workload.type.template(self.obj)

    @property
    def partition(self) -> Partition:
        """The pods that the controller leaves alone."""
        return Partition(partition(self.obj), int((self.obj["spec"].get("ordinals") or {}).get("start", 0)))

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
        """The pods from before that should be gone."""
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
    pods = live_pods(workload, _list_pods(api, workload).items) if looks else []
    rollout = Rollout(change, tuple(Pod.from_object(entry) for entry in pods))
    patched = change.send(check_mode)
    plan = list(change.plan)
    diff = change.difference(patched)

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
        return made | {"diff": diff}

    if workload.type.template(patched) == change.template:
        plan = [{"workload": str(workload), "action": "skip", "reason": SAME_TEMPLATE}]
        return result(untouched(rollout.before, SAME_TEMPLATE), changed=_differ(change.obj, patched))
    if check_mode or not params["wait"]:
        return result(expected(rollout.before, change.partition))
    try:
        problem, pods = _await_proof(api, clock, Deadline(clock, params["wait_timeout"]), rollout, patched)
    except SafeRestartError as error:
        words = f"{workload}: the rollout was started, but not observed to its end: {error}"
        raise RestartFailed(words, result([])) from error
    if problem is None:
        return result(rollout.outcomes(pods, done=True))
    words = f"{workload}: the rollout did not succeed: {problem}.\n{diagnose(api, workload, *rollout.split(pods))}"
    raise RestartFailed(words.strip(), result(rollout.outcomes(pods, done=False)))


def not_selected(
    api: ClusterApi, clock: Clock, strategy: str, workload: Workload, expression: str, began: float
) -> dict[str, Any]:
    """The result for a workload of which the option `select` is not true: nothing is done."""
    words = f"select {expression!r} is not true of it"
    plan = [{"workload": str(workload), "action": "skip", "reason": words}]
    seconds = clock.monotonic() - began
    return restart_result(strategy, workload, plan, [], changed=False, seconds=seconds, requests=api.requests)


def with_reason(body: JsonObject, reason: str | None) -> JsonObject:
    """The body of a patch, with the reason as the object's change cause, if there is one."""
    if not reason:
        return body
    meta = body.get("metadata") or {}
    return body | {"metadata": meta | {"annotations": {**(meta.get("annotations") or {}), CHANGE_CAUSE: reason}}}


def require_rollable(workload: Workload, obj: JsonObject) -> None:
    """Raises TargetError where a change of the template restarts nothing."""
    if workload.paused:
        raise TargetError(
            f"{workload} is paused: its controller would not start a rollout. Resume it first (kubectl rollout resume)."
        )
    if workload.update_strategy == "OnDelete":
        raise TargetError(
            f"{workload} has the update strategy OnDelete: its controller replaces only what somebody has deleted. "
            "Delete its pods instead, or change spec.updateStrategy.type to RollingUpdate."
        )
    if partition(obj) >= (count := replicas(obj)) > 0:
        raise TargetError(
            f"{workload} has a partition of {partition(obj)}, which holds back all {count} of its pods. "
            "Lower spec.updateStrategy.rollingUpdate.partition first."
        )


def rollout_plan(
    workload: Workload, obj: JsonObject, params: Mapping[str, Any], check_mode: bool
) -> tuple[list[JsonObject], list[str]]:
    """What a change of the template is going to do and why, and of that, as warnings, what a user may not expect."""
    kept = Partition(partition(obj), int((obj["spec"].get("ordinals") or {}).get("start", 0)))
    words = f"its controller replaces all pods, update strategy {workload.update_strategy}"
    plan, warnings = [], []
    if workload.kind != "DaemonSet" and replicas(obj) == 0:
        words = "it is scaled to 0: the template changes, and no pod is restarted"
    elif kept.size:
        below = f"ordinals below {kept.start + kept.size} (spec.updateStrategy.rollingUpdate.partition)"
        words = f"its controller replaces the pods from the highest ordinal down, but not those with {below}"
        warnings.append(f"{workload} is restarted in part: the pods with {below} stay as they are.")
    plan.append({"workload": str(workload), "action": "rollout", "reason": words})
    if not params["wait"] and not check_mode:
        words = "wait is false: no pod is looked at, nothing is proven"
        plan.append({"workload": str(workload), "action": "no_wait", "reason": words})
    return plan, warnings


def template_diff(workload: Workload, before: JsonObject, after: JsonObject) -> JsonObject:
    """Two templates, as --diff shows them, with the values of what is named like a secret hidden."""
    return {
        "before_header": str(workload),
        "after_header": str(workload),
        "before": without_secret_values(workload.type.at_template(before)),
        "after": without_secret_values(workload.type.at_template(after)),
    }


def _differ(before: JsonObject, after: JsonObject) -> bool:
    """Whether the change has changed anything, if not the template."""
    meta = ("labels", "annotations")
    return before["spec"] != after["spec"] or any(before["metadata"].get(k) != after["metadata"].get(k) for k in meta)


def _await_proof(
    api: ClusterApi, clock: Clock, deadline: Deadline, rollout: Rollout, patched: JsonObject
) -> tuple[str | None, list[JsonObject]]:
    """Wait until the controller is done and no pod from before is left.

    Returns what went wrong, None if nothing did, and the workload's pods at that time.
    """
    workload = rollout.change.workload
    problem = _await_controller(api, clock, deadline, rollout.change, patched)
    listing = _list_pods(api, workload)
    if problem:
        return problem, live_pods(workload, listing.items)
    pods: list[JsonObject] = []
    selector = workload.selector
    # Mostly over with the listing; not when the rollout was undone meanwhile, or a node no longer takes daemons.
    for objects in observe(api, clock, deadline, POD, workload.namespace, label_selector=selector, start=listing):
        pods = live_pods(workload, objects.values())
        if not rollout.unfinished(pods):
            return None, pods
    return rollout.unfinished(pods), pods


def _await_controller(
    api: ClusterApi, clock: Clock, deadline: Deadline, change: Change, patched: JsonObject
) -> str | None:
    """Watch the workload until its controller is done with the rollout. What went wrong, or None."""
    workload, status = change.workload, rollout_status(patched)
    start = Listing([patched], patched["metadata"]["resourceVersion"])
    only = f"metadata.name={workload.name}"
    resource = workload.type.resource
    for objects in observe(api, clock, deadline, resource, workload.namespace, field_selector=only, start=start):
        if workload.uid not in objects:
            return "it was deleted meanwhile"
        if lost := change.lost(objects[workload.uid]):
            return lost
        status = rollout_status(objects[workload.uid])
        if status.done:
            return None
        if status.failed:
            return status.message
    return f"not done after {deadline.seconds:g} s (wait_timeout): {status.message}"


def _list_pods(api: ClusterApi, workload: Workload) -> Listing:
    return api.list(POD, workload.namespace, workload.selector)
