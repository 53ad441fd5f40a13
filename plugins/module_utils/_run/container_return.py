# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Following one container from before it was told to end until a new instance of it is Ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import Stage, stage
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: How long a container without a readiness probe has to run before it counts: one that cannot start ends at once.
UNPROBED_SECONDS = 3


def listed(target: Target, pod: Pod) -> Listing:
    """The pod in the listing that was decided on, to follow it from there."""
    mine = [obj for obj in target.listing.items if obj["metadata"]["uid"] == pod.uid]
    return Listing(mine, target.listing.resource_version)


def follow(
    api: ClusterApi,
    clock: Clock,
    pod: Pod,
    before: Container,
    *,
    start: Listing | None,
    grace: float,
    wait: float,
    steady: float,
    lost: Callable[[Container], bool] = lambda _container: False,
) -> tuple[OutcomeKind, str, Pod | None]:
    """Watch the pod until the container is Ready again, or it is clear that it will not be.

    The old one has `grace` seconds to end; the new one `wait` seconds to be Ready, and stay so for `steady`. Where
    `lost` says so of it as it is, it is not waited for any longer. None for `start`: from what is there now.
    """
    deadline = Deadline(clock, grace)
    total: Deadline | None = None
    reached, now = Stage.UNTOUCHED, pod
    only = f"metadata.name={pod.name}"
    for objects in observe(api, clock, deadline, POD, pod.namespace, field_selector=only, start=start):
        seen = Pod.from_object(objects[pod.uid]) if pod.uid in objects else None
        was, reached = reached, stage(before, pod.ready, seen)
        if reached is Stage.LOST:
            return "failed", "the pod was deleted meanwhile", seen
        now = seen or now
        if total is None and reached is not Stage.UNTOUCHED:
            total = Deadline(clock, wait)
            deadline.restart(total.remaining())
        if total and reached is Stage.READY and was is not Stage.READY:
            if steady <= 0:
                break
            deadline.restart(min(steady, total.remaining()))
        elif total and was is Stage.READY and reached is not Stage.READY:
            deadline.restart(total.remaining())
        if reached is Stage.DOWN and lost(_same(before, now)):
            return "failed", f"it cannot start ({_state(_same(before, now))})", now
    if reached is Stage.READY:
        return "restarted", "a new instance of the container is Ready", now
    if reached is Stage.UNTOUCHED:
        return "unchanged", f"PID 1 did not end within {grace:g} s", now
    return "failed", _not_ready(before, _same(before, now), wait), now


def steady_seconds(params: Mapping[str, Any], workload: Workload | None, container: Container) -> float:
    """How long it has to stay Ready. Without a readiness probe a container is Ready as soon as it runs."""
    if params["min_ready_seconds"] is not None:
        return float(params["min_ready_seconds"])
    wanted = workload.min_ready_seconds if workload else 0
    return max(wanted, 0 if container.probed else UNPROBED_SECONDS)


def _same(before: Container, now: Pod) -> Container:
    return now.container(before.name) or before


def _state(container: Container) -> str:
    return f"{container.state} {container.state_reason} {container.state_message}".strip()


def _not_ready(before: Container, container: Container, seconds: float) -> str:
    """How far a container came that was not Ready in time."""
    if container.restart_count > before.restart_count and container.running:
        words = "it was restarted, but is not Ready"
    elif container.restart_count > before.restart_count:
        words = "it was restarted, but has ended again"
    else:
        words = "it ended and was not started again"
    return f"{words} within {seconds:g} s ({_state(container)})"
