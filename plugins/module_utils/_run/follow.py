# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers of one pod are followed from before a signal until they are Ready again: the proof of a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import Stage, stage
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import UNPROBED_SECONDS, Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: What a pod has by default; the kubelet reports an end only after a moment, however short the pod's own period is.
GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds: the old instances may take to end, the new ones to be Ready, and have to stay so."""

    grace: float
    wait: float
    steady: float

    @classmethod
    def of(cls, params: Mapping[str, Any], target: Target, pod: Pod, containers: Sequence[Container]) -> Patience:
        """By the options grace_seconds, wait_timeout and min_ready_seconds.

        Without a readiness probe a container is Ready as soon as it runs.
        """
        grace, steady = params["grace_seconds"], params["min_ready_seconds"]
        if grace is None:
            grace = max(pod.grace_seconds, GRACE_SECONDS)
        if steady is None:
            unprobed = any(not container.probed for container in containers)
            wanted = target.workload.min_ready_seconds if target.workload else 0
            steady = max(wanted, UNPROBED_SECONDS if unprobed else 0)
        return cls(grace, params["wait_timeout"], steady)


def require_time(params: Mapping[str, Any]) -> None:
    """Raises TargetError where the options leave no time to see anything in; for wait_timeout _entry.py does."""
    for name in ("grace_seconds", "watch_seconds"):
        if params.get(name) is not None and params[name] < 1:
            raise TargetError(f"{name} has to be 1 or more: nothing is proven in no time. Nothing was sent.")


@dataclass(frozen=True, slots=True)
class Followed:
    """How it went, in a sentence, and the pod as it was last seen."""

    kind: OutcomeKind
    reason: str
    pod: Pod | None


def follow(
    api: ClusterApi,
    clock: Clock,
    target: Target,
    pod: Pod,
    containers: Sequence[Container],
    patience: Patience,
    *,
    afresh: bool = False,
    lost: Callable[[Container], bool] = lambda _container: False,
) -> Followed:
    """Watch the pod until all these containers are Ready again, or it is clear that they will not be.

    They are followed from when they were listed, or with `afresh` from now on. Where `lost` says so of a container as
    it is, it is not waited for any longer.
    """
    deadline, total = Deadline(clock, patience.grace), None
    reached, now = Stage.UNTOUCHED, pod
    for seen in watch_pod(api, clock, deadline, target, pod, afresh=afresh):
        was, reached = reached, _reached(containers, pod, seen)
        if reached is Stage.LOST:
            return Followed("failed", "the pod was deleted meanwhile", seen)
        now = seen or now
        if total is None and reached is not Stage.UNTOUCHED:
            total = Deadline(clock, patience.wait)
            deadline.restart(total.remaining())
        if total and reached is Stage.READY and was is not Stage.READY:
            if patience.steady <= 0:
                break
            deadline.restart(min(patience.steady, total.remaining()))
        elif total and was is Stage.READY and reached is not Stage.READY:
            deadline.restart(total.remaining())
        if reached is Stage.DOWN and (gone := [entry for entry in _same(containers, now) if lost(entry)]):
            return Followed("failed", f"it cannot start ({_state(gone[0])})", now)
    if reached is Stage.READY:
        return Followed("restarted", "a new instance of the container is Ready", now)
    if reached is Stage.UNTOUCHED:
        return Followed("unchanged", f"it did not end within {patience.grace:g} s", now)
    return Followed("failed", _not_ready(containers, pod, now, patience.wait), now)


def watch_pod(
    api: ClusterApi, clock: Clock, deadline: Deadline, target: Target, pod: Pod, *, afresh: bool = False
) -> Iterator[Pod | None]:
    """The pod as it was when it was listed, and after each change; None where it is gone. See observe().

    With `afresh` it begins with the pod as it is now.
    """
    mine = [obj for obj in target.listing.items if obj["metadata"]["uid"] == pod.uid]
    start = None if afresh else Listing(mine, target.listing.resource_version)
    only = f"metadata.name={pod.name}"
    for objects in observe(api, clock, deadline, POD, pod.namespace, field_selector=only, start=start):
        yield Pod.from_object(objects[pod.uid]) if pod.uid in objects else None


def _reached(containers: Sequence[Container], pod: Pod, now: Pod | None) -> Stage:
    """How far they have come together."""
    stages = {stage(container, pod.ready, now) for container in containers}
    if len(stages) == 1:
        return stages.pop()
    return Stage.LOST if Stage.LOST in stages else Stage.DOWN


def _same(containers: Sequence[Container], now: Pod) -> list[Container]:
    """These containers as they are now."""
    return [now.container(entry.name) or entry for entry in containers]


def _state(container: Container) -> str:
    """In the kubelet's words."""
    return f"{container.state} {container.state_reason} {container.state_message}".strip()


def _not_ready(containers: Sequence[Container], pod: Pod, now: Pod, seconds: float) -> str:
    """How far the first one came that was not Ready in time."""
    before = next(entry for entry in containers if stage(entry, pod.ready, now) is not Stage.READY)
    (container,) = _same([before], now)
    if container.restart_count > before.restart_count and container.running:
        words = "it was restarted, but is not Ready"
    elif container.restart_count > before.restart_count:
        words = "it was restarted, but has ended again"
    elif container.running:
        words = "it was not restarted"
    else:
        words = "it ended and was not started again"
    return f"{words} within {seconds:g} s ({_state(container)})"
