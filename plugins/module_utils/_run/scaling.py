# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A workload's count, set to 0 and put back: the two requests that change it, and what is done where they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    replaced,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import (
    Start,
    by_hand,
    down_body,
    restored,
    scale_diff,
    starting_point,
    up_body,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import MERGE_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

STRATEGY = "scale_cycle"
BY = "the scale cycle"
#: How often the request to scale to 0 is made anew for another version of the object.
TRIES = 5
#: How long putting the count back is tried, whatever was waited before, and the pause between two tries.
RESTORE_SECONDS = 60.0
PAUSE_SECONDS = 0.5


@dataclass(slots=True)
class Cycle:
    """One run: what it works with, and what it has found out so far."""

    api: ClusterApi
    clock: Clock
    params: Mapping[str, Any]
    began: float
    workload: Workload
    start: Start
    diff: JsonObject
    warnings: list[str]
    plan: list[JsonObject] = field(default_factory=list)
    changed: bool = False
    before: tuple[Pod, ...] = ()
    seen: dict[str, JsonObject] = field(default_factory=dict)
    """The old pods as they were last seen, by UID."""

    @property
    def old(self) -> set[str]:
        """The UIDs of the pods from before."""
        return {pod.uid for pod in self.before}

    def decide(self, action: str, reason: str) -> None:
        """Add an entry to the plan."""
        self.plan.append({"workload": str(self.workload), "action": action, "reason": reason})

    def restarted_from(self, obj: JsonObject, start: Start) -> None:
        """The object has changed since it was first read: go on from there."""
        if start.count != self.start.count:
            self.decide("count", f"its count has changed to {start.count} meanwhile: that is what is put back")
        self.start = start
        self.diff = scale_diff(self.workload, obj, start.count)

    def read(self) -> JsonObject:
        """The object as it is now. Raises NotFound where it was deleted, or is another one of that name."""
        workload = self.workload
        obj = self.api.get(workload.type.resource, workload.namespace, workload.name)
        if obj["metadata"]["uid"] != workload.uid:
            raise NotFound(f"{workload} was deleted and made anew meanwhile.", 404)
        return obj

    def patch(self, body: JsonObject, *, dry_run: bool = False, restores: bool = False) -> JsonObject:
        """The object as it is, or in a dry run would be, after the patch."""
        workload, api = self.workload, self.api.restoring if restores else self.api
        resource = workload.type.resource
        return api.patch(resource, workload.namespace, workload.name, body, MERGE_PATCH, dry_run=dry_run)

    def result(self, pods: Sequence[PodOutcome], seconds_down: int | None = None) -> dict[str, Any]:
        """The module's result, as far as the run got."""
        made = restart_result(
            STRATEGY,
            self.workload,
            self.plan,
            pods,
            changed=self.changed,
            seconds=self.clock.monotonic() - self.began,
            requests=self.api.requests,
            warnings=self.warnings,
        )
        made["summary"]["downtime_seconds"] = seconds_down
        return made | {"diff": self.diff}

    def outcomes(self, pods: Sequence[JsonObject], *, done: bool) -> list[PodOutcome]:
        """What became of every pod; `pods` are those that are there."""
        broken = {failure.uid: "; ".join(failure.reasons) for obj in pods if (failure := pod_failure(obj))}
        after = [Pod.from_object(obj) for obj in pods]
        return replaced(self.workload.kind, self.before, after, Partition(), broken, done=done, by=BY)


def scale_down(cycle: Cycle, obj: JsonObject) -> None:
    """Set the count to 0, for the version of the object that was looked at, and for a later one if there is one."""
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            cycle.patch(down_body(obj, cycle.start.count))
        except ApiError as error:
            if error.status != 409 or last:
                raise
        else:
            return
        obj = cycle.read()
        start = starting_point(cycle.workload, obj)
        cycle.restarted_from(obj, start)
        if start.resumed:  # another run was first, or the answer to this one's request was lost
            return


def scale_up(cycle: Cycle) -> JsonObject:
    """Put the count back, and return the object. A server that is away or another version is no reason to give up."""
    deadline = Deadline(cycle.clock, RESTORE_SECONDS)
    while True:
        try:
            obj = cycle.read()
            return obj if restored(obj) else cycle.patch(up_body(obj, cycle.start.count), restores=True)
        except (ApiError, Unreachable) as error:
            if deadline.passed() or not (unsure(error) or getattr(error, "status", 0) == 409):
                raise
            cycle.clock.sleep(PAUSE_SECONDS)


def restore(cycle: Cycle) -> str:
    """Put the count back after an error, and say whether that worked."""
    try:
        obj = scale_up(cycle)
    except SafeRestartError as error:
        return not_restored(cycle, error)
    return f"Its count is put back: {replicas(obj)}."


def not_restored(cycle: Cycle, error: SafeRestartError) -> str:
    """What to do about a count that could not be put back."""
    if isinstance(error, NotFound):
        return "It is not there any more."
    hand = by_hand(cycle.workload, cycle.start.count)
    return (
        f"It may still be scaled to 0, its count of {cycle.start.count} could not be put back: {error} The next run of "
        f"this module puts it back; by hand: {hand}"
    )


def unsure(error: BaseException) -> bool:
    """Whether a request may have been carried out, or may be the next time."""
    return isinstance(error, Unreachable) or (
        isinstance(error, ApiError) and (error.status in {200, 429} or error.status >= 500)
    )
