# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""rollout_restart: have the controller replace all pods of a workload, as kubectl does, and prove that it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    expected,
    live_pods,
    replaced,
    survivors,
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
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod, parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, WORKLOADS, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

#: kubectl's own, so that `kubectl rollout history` and everyone else sees the same thing (objectrestarter.go).
ANNOTATION = "kubectl.kubernetes.io/restartedAt"
CONTENT_TYPE = "application/strategic-merge-patch+json"


@dataclass(frozen=True, slots=True)
class Rollout:
    """One rollout that is to be made: the workload, what it leaves alone, and how it was before."""

    workload: Workload
    annotation: str | None
    partition: Partition
    before: tuple[Pod, ...]

    def still_there(self, pods: Sequence[JsonObject]) -> list[Pod]:
        """The pods from before that should be gone."""
        return survivors(self.before, [Pod.from_object(obj) for obj in pods], self.partition)

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
        return replaced(self.workload.kind, self.before, after, self.partition, broken, done=done)


def rollout_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the annotation before and after.

    Raises TargetError, with nothing changed, for a workload whose controller would restart nothing, and RestartFailed
    when the rollout was started and its end cannot come or was not proven within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    _require_restartable(workload, obj)
    old_value = _annotation(obj)
    new_value = next_value(clock.now(), old_value)
    kept = Partition(partition(obj), int((obj["spec"].get("ordinals") or {}).get("start", 0)))
    plan, warnings = _plan(workload, obj, kept, waits=params["wait"] or check_mode)

    def result(pods: Sequence[PodOutcome]) -> dict[str, Any]:
        made = restart_result(
            "rollout_restart",
            workload,
            plan,
            pods,
            changed=True,
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=warnings,
        )
        return made | {"diff": _diff(workload, old_value, new_value)}

    looks = params["wait"] or check_mode
    pods = live_pods(workload, _list_pods(api, workload).items) if looks else []
    rollout = Rollout(workload, old_value, kept, tuple(Pod.from_object(entry) for entry in pods))
    resource, body = WORKLOADS[workload.kind], _template_annotations({ANNOTATION: new_value})
    patched = api.patch(resource, workload.namespace, workload.name, body, CONTENT_TYPE, dry_run=check_mode)
    if check_mode or not params["wait"]:
        return result(expected(rollout.before, kept))
    try:
        problem, pods = _await_proof(api, clock, Deadline(clock, params["wait_timeout"]), rollout, patched)
    except SafeRestartError as error:
        words = f"{workload}: the rollout was started, but not observed to its end: {error}"
        raise RestartFailed(words, result([])) from error
    if problem is None:
        return result(rollout.outcomes(pods, done=True))
    words = f"{workload}: the rollout did not succeed: {problem}.\n{diagnose(api, workload, *rollout.split(pods))}"
    raise RestartFailed(words.strip(), result(rollout.outcomes(pods, done=False)))


def next_value(now: datetime, current: str | None) -> str:
    """The annotation's new value: RFC 3339, UTC, whole seconds, and later than the one that is there.

    An equal value would be an empty patch; one used shortly before would bring back the pods of that earlier rollout.
    """
    value = now.astimezone(UTC).replace(microsecond=0)
    try:
        last = parse_time(current)
    except ValueError:  # written by somebody else, in another form
        last = None
    if last is not None and last.tzinfo is not None:
        value = max(value, last.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1))
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _require_restartable(workload: Workload, obj: JsonObject) -> None:
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


def _plan(
    workload: Workload, obj: JsonObject, kept: Partition, *, waits: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """What is going to happen and why, and of that what a user may not expect."""
    words = f"its controller replaces all pods, update strategy {workload.update_strategy}"
    plan, warnings = [], []
    if workload.kind != "DaemonSet" and replicas(obj) == 0:
        words = "it is scaled to 0: the template changes, and no pod is restarted"
    elif kept.size:
        below = f"ordinals below {kept.start + kept.size} (spec.updateStrategy.rollingUpdate.partition)"
        words = f"its controller replaces the pods from the highest ordinal down, but not those with {below}"
        warnings.append(f"{workload} is restarted in part: the pods with {below} stay as they are.")
    plan.append({"workload": str(workload), "action": "rollout", "reason": words})
    if not waits:
        words = "wait is false: no pod is looked at, nothing is proven"
        plan.append({"workload": str(workload), "action": "no_wait", "reason": words})
    return plan, warnings


def _await_proof(
    api: ClusterApi, clock: Clock, deadline: Deadline, rollout: Rollout, patched: JsonObject
) -> tuple[str | None, list[JsonObject]]:
    """Wait until the controller is done and no pod from before is left.

    Returns what went wrong, None if nothing did, and the workload's pods at that time.
    """
    workload = rollout.workload
    problem = _await_controller(api, clock, deadline, rollout, patched)
    listing = _list_pods(api, workload)
    if problem:
        return problem, live_pods(workload, listing.items)
    pods: list[JsonObject] = []
    selector = workload.selector
    # Mostly over with the listing; not when the rollout was undone meanwhile, or a node no longer takes daemons.
    for objects in observe(api, clock, deadline, POD, workload.namespace, label_selector=selector, start=listing):
        pods = live_pods(workload, objects.values())
        if not rollout.still_there(pods):
            return None, pods
    names = ", ".join(pod.name for pod in rollout.still_there(pods))
    return f"its controller says that it is done, but there are still pods from before: {names}", pods


def _await_controller(
    api: ClusterApi, clock: Clock, deadline: Deadline, rollout: Rollout, patched: JsonObject
) -> str | None:
    """Watch the workload until its controller is done with the rollout. What went wrong, or None."""
    workload, status = rollout.workload, rollout_status(patched)
    start = Listing([patched], patched["metadata"]["resourceVersion"])
    only = f"metadata.name={workload.name}"
    resource = WORKLOADS[workload.kind]
    for objects in observe(api, clock, deadline, resource, workload.namespace, field_selector=only, start=start):
        if workload.uid not in objects:
            return "it was deleted meanwhile"
        if _annotation(objects[workload.uid]) in (None, rollout.annotation):
            return f"its template lost {ANNOTATION} meanwhile, by a rollout undo or by a tool that keeps its own copy"
        status = rollout_status(objects[workload.uid])
        if status.done:
            return None
        if status.failed:
            return status.message
    return f"not done after {deadline.seconds:g} s (wait_timeout): {status.message}"


def _list_pods(api: ClusterApi, workload: Workload) -> Listing:
    return api.list(POD, workload.namespace, workload.selector)


def _annotation(obj: JsonObject) -> str | None:
    """The time of the last rollout restart, as it is written on the template."""
    annotations = (obj["spec"]["template"].get("metadata") or {}).get("annotations") or {}
    value: str | None = annotations.get(ANNOTATION)
    return value


def _diff(workload: Workload, old: str | None, new: str) -> JsonObject:
    """The change, as --diff shows it."""
    before = _template_annotations({} if old is None else {ANNOTATION: old})
    header = str(workload)
    return {
        "before_header": header,
        "after_header": header,
        "before": before,
        "after": _template_annotations({ANNOTATION: new}),
    }


def _template_annotations(annotations: dict[str, str]) -> JsonObject:
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}
