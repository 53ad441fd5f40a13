# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers of one pod are followed from before a signal until they are Ready again: the proof of a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Followed, Following, Patience
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod, unprobed_seconds
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: What a pod has by default; the kubelet reports an end only after a moment, however short the pod's own period is.
GRACE_SECONDS = 30


def patience_for(params: Mapping[str, Any], target: Target, pod: Pod, containers: Sequence[Container]) -> Patience:
    """By the options grace_seconds, wait_timeout and min_ready_seconds.

    Without a readiness probe a container is Ready as soon as it runs.
    """
    grace, steady = params["grace_seconds"], params["min_ready_seconds"]
    if grace is None:
        grace = max(pod.grace_seconds, GRACE_SECONDS)
    if steady is None:
        wanted = target.workload.min_ready_seconds if target.workload else 0
        steady = max(wanted, unprobed_seconds(containers))
    return Patience(grace, params["wait_timeout"], steady)


def require_time(params: Mapping[str, Any]) -> None:
    """Raises TargetError where the options leave no time to see anything in; for wait_timeout _entry.py does."""
    for name in ("grace_seconds", "watch_seconds"):
        if params.get(name) is not None and params[name] < 1:
            raise TargetError(f"{name} has to be 1 or more: nothing is proven in no time. Nothing was sent.")


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

    They are followed from when they were listed, or with `afresh` from now on. For `lost` see Following.
    """
    deadline = Deadline(clock, patience.grace)
    following = Following(containers, pod, patience, clock.monotonic(), lost=lost)
    for seen in watch_pod(api, clock, deadline, target, pod, afresh=afresh):
        if followed := following.see(seen, clock.monotonic()):
            return followed
        deadline.restart(following.due - clock.monotonic())
    return following.at_end()


def watch_pods(
    api: ClusterApi, clock: Clock, deadline: Deadline, target: Target, start: Listing | None
) -> Iterator[dict[str, JsonObject]]:
    """All pods of the target's listing, see observe(); each time a copy: the next change may come while it is read."""
    names = [obj["metadata"]["name"] for obj in target.listing.items]
    alone = f"metadata.name={names[0]}" if len(names) == 1 and not target.selector else ""
    selector, namespace = target.selector, target.namespace
    pods = observe(api, clock, deadline, POD, namespace, label_selector=selector, field_selector=alone, start=start)
    return (dict(objects) for objects in pods)


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
