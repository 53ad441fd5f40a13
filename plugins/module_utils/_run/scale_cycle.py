# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""scale_cycle: scale a workload to 0, wait until its pods are gone, scale it back, and prove that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.autoscaler import pointing_at
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import ended_meanwhile
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    expected,
    live_pods,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import (
    replicas,
    rollout_counts,
    scale_status,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import (
    ANNOTATION,
    down_body,
    downtime,
    left_at_zero,
    left_words,
    old_pods,
    scale_diff,
    starting_point,
    up_body,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    LockLost,
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import AUTOSCALER, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import not_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.scaling import (
    BY,
    STRATEGY,
    Cycle,
    not_restored,
    restore,
    scale_down,
    scale_up,
    unsure,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.steady import await_steady
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload


def scale_cycle(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has what its first request changes.

    Raises TargetError, with nothing changed, where there is no count to scale back to or volumes would be lost, and
    RestartFailed, with the count put back if that can be done, when anything went wrong after it was set to 0.
    """
    began = clock.monotonic()
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        made = not_selected(api, clock, STRATEGY, workload, params["select"], began)
        return made | {"warnings": _left_alone(workload, obj)}
    warnings = require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    start = starting_point(workload, obj)
    diff = scale_diff(workload, obj, start.count)
    cycle = Cycle(api, clock, params, began, workload, start, diff, [*warnings, *start.warnings])
    _plan(cycle)
    listing = api.list(POD, workload.namespace, workload.selector)
    cycle.before = tuple(Pod.from_object(entry) for entry in old_pods(workload, listing.items))
    if check_mode:
        body = up_body(obj, start.count) if start.resumed else down_body(obj, start.count)
        cycle.patch(body, dry_run=True)
        cycle.changed = True
        return cycle.result(expected(cycle.before, Partition(), BY))
    left = _down(cycle, obj, listing)
    return _up(cycle, left)


def _plan(cycle: Cycle) -> None:
    """What is going to be done, and who else sets the count."""
    start = cycle.start
    reason = cycle.params["reason"]
    why = f" ({reason})" if reason else ""
    if start.resumed:
        cycle.decide("resume", f"it is scaled to 0, and its annotation {ANNOTATION} says {start.count}{why}")
    else:
        cycle.decide("scale_down", f"from {start.count} to 0, the count is kept in its annotation {ANNOTATION}{why}")
    cycle.decide("scale_up", f"to {start.count}, as soon as no pod is left from before")
    for words in _autoscalers(cycle):
        cycle.decide("autoscaler", words)
        cycle.warnings.append(f"{cycle.workload}: {words}.")
    if not cycle.params["wait"]:
        cycle.decide("no_wait", "wait is false: it is scaled up, and no new pod is looked at")


def _autoscalers(cycle: Cycle) -> list[str]:
    """What each autoscaler that points at the workload does; a warning where that cannot be read."""
    workload = cycle.workload
    try:
        listing = cycle.api.list(AUTOSCALER, workload.namespace)
    except ApiError as error:
        cycle.warnings.append(f"Whether an autoscaler sets the count of {workload} is not known: {error}")
        return []
    return [entry.words(cycle.start.count) for entry in pointing_at(workload, listing.items)]


def _left_alone(workload: Workload, obj: JsonObject) -> list[str]:
    """A warning for a workload that is not meant, and that an earlier run has left at 0."""
    words = left_at_zero(obj)
    return [f"{workload} is not selected, and {words}."] if words else []


def _down(cycle: Cycle, obj: JsonObject, listing: Listing) -> list[JsonObject]:
    """Scale to 0 and wait until the old pods are gone. Returns those that are not, at the deadline.

    Raises RestartFailed for whatever happens from the first request on, and has tried to put the count back then.
    """
    try:
        if not cycle.start.resumed:
            scale_down(cycle, obj)
        cycle.changed = True
        with waiting() as tell:
            return _await_gone(cycle, listing, tell)
    except BaseException as error:
        if isinstance(error, ApiError | LockLost | TargetError) and not cycle.changed and not unsure(error):
            raise  # it was refused: nothing was changed
        cycle.changed = True  # for all that is known
        words = restore(cycle)
        if not isinstance(error, SafeRestartError):
            raise
        raise RestartFailed(f"{cycle.workload}: {error} {words}", cycle.result([])) from error


def _await_gone(cycle: Cycle, listing: Listing, tell: Callable[[str], None]) -> list[JsonObject]:
    """Watch the pods until none is left from before. Returns those that are, at the deadline."""
    workload, old = cycle.workload, cycle.old
    deadline = Deadline(cycle.clock, cycle.params["wait_timeout"])
    left: list[JsonObject] = []
    pods = observe(
        cycle.api,
        cycle.clock,
        deadline,
        POD,
        workload.namespace,
        label_selector=workload.selector,
        start=listing,
    )
    for objects in pods:
        left = old_pods(workload, objects.values())
        cycle.seen |= {obj["metadata"]["uid"]: obj for obj in left}
        mine = [obj for obj in left if obj["metadata"]["uid"] in old]
        # Others were made while the count went to 0, or because somebody has scaled up meanwhile.
        if not left or (not mine and replicas(cycle.read()) > 0):
            return []
        tell(f"{workload} is scaled to 0, {len(left)} of its pods are still there")
    return left


def _up(cycle: Cycle, left: Sequence[JsonObject]) -> dict[str, Any]:
    """Put the count back, whatever is left of the old pods, and wait until the new ones are available."""
    workload, count = cycle.workload, cycle.start.count
    try:
        obj = scale_up(cycle)
    except SafeRestartError as error:
        raise RestartFailed(f"{workload} was scaled to 0. {not_restored(cycle, error)}", cycle.result([])) from error
    if replicas(obj) != count:
        cycle.warnings.append(f"{workload} was scaled to {replicas(obj)} by somebody else meanwhile: that is kept.")
    try:
        problem = _still_there(cycle, left)
        if problem is None and not cycle.params["wait"]:
            return cycle.result([])
        with waiting() as tell:
            problem, pods = _await_new(cycle, obj, problem, tell)
    except SafeRestartError as error:
        words = f"{workload}: it is scaled back to {replicas(obj)}, but was not observed to its end: {error}"
        raise RestartFailed(words, cycle.result([])) from error
    if problem is None:
        old = cycle.old
        cycle.warnings += ended_meanwhile(obj for obj in pods if obj["metadata"]["uid"] not in old)
        ended = [obj for uid, obj in cycle.seen.items() if uid in old]
        return cycle.result(cycle.outcomes(pods, done=True), downtime(ended, pods))
    new = [obj for obj in pods if obj["metadata"]["uid"] not in cycle.seen]
    said = "" if left else diagnose(cycle.api, workload, new, [])
    words = f"{workload}: it is scaled back to {replicas(obj)}, but {problem}.\n{said}"
    raise RestartFailed(words.strip(), cycle.result(cycle.outcomes(pods, done=False)))


def _still_there(cycle: Cycle, left: Sequence[JsonObject]) -> str | None:
    """What is wrong if pods from before are left at the deadline."""
    if not left:
        return None
    names = "; ".join(left_words(cycle.workload, obj) for obj in left)
    return f"after {cycle.params['wait_timeout']} s (wait_timeout) there were still pods from before: {names}"


def _await_new(
    cycle: Cycle, patched: JsonObject, problem: str | None, tell: Callable[[str], None]
) -> tuple[str | None, list[JsonObject]]:
    """Unless there is a problem already, wait until the new pods last. What went wrong, or None, and the pods."""
    workload, old = cycle.workload, cycle.old
    deadline = Deadline(cycle.clock, cycle.params["wait_timeout"])
    problem = problem or _await_available(cycle, deadline, patched, tell)
    listing = cycle.api.list(POD, workload.namespace, workload.selector)
    if problem:
        return problem, live_pods(workload, listing.items)
    return await_steady(cycle.api, cycle.clock, deadline, workload, listing, lambda pod: pod.uid in old, tell)


def _await_available(cycle: Cycle, deadline: Deadline, patched: JsonObject, tell: Callable[[str], None]) -> str | None:
    """Watch the workload until it has the pods that it asks for. What went wrong, or None."""
    workload, status = cycle.workload, scale_status(patched)
    start = Listing([patched], patched["metadata"]["resourceVersion"])
    only, resource = f"metadata.name={workload.name}", workload.type.resource
    seen = observe(cycle.api, cycle.clock, deadline, resource, workload.namespace, field_selector=only, start=start)
    for objects in seen:
        if workload.uid not in objects:
            return "it was deleted meanwhile"
        if replicas(objects[workload.uid]) == 0:
            return "somebody has scaled it to 0 again meanwhile"
        status = scale_status(objects[workload.uid])
        if status.done:
            return None
        counts = rollout_counts(objects[workload.uid])
        tell("{0} is scaled back, {available} of {wanted} pods are available".format(workload, **counts))
    return f"its pods are not available after {deadline.seconds:g} s (wait_timeout): {status.message}"
