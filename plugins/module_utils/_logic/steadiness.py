# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether new pods last. Without a readiness probe a controller calls them available as soon as they run. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.availability import Availability
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import UNPROBED_SECONDS, Pod, unprobed_seconds
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: So many pods are named.
_MOST_NAMED = 3
#: A container that has been started anew so often, and has ended once more, is given up: for over a minute by then the
#: kubelet has waited 10, 20 and 40 s before it tried again (pkg/kubelet/kuberuntime/kuberuntime_manager.go, doBackOff).
MOST_RESTARTS = 4
#: They are looked at one by one: what their owner asks for is no matter.
_ALL = Group("", "", "")


class Steadiness:
    """Told what is seen of a workload's pods, and when, it says whether the new ones last.

    Those do that have been Ready for UNPROBED_SECONDS; at once those that have a readiness probe, or whose controller
    has waited for as long (minReadySeconds). Only pods that run, or have run, when it is first told of any count: an
    autoscaler may make more meanwhile.
    """

    def __init__(self, min_ready_seconds: int, left_alone: Callable[[Pod], bool]) -> None:
        """`min_ready_seconds` is what the controller waits for; pods that are left alone are not new."""
        self._min_ready_seconds, self._left_alone = min_ready_seconds, left_alone
        self._availability = Availability(UNPROBED_SECONDS)
        self._watched: set[str] | None = None
        self._fallen: dict[str, JsonObject] = {}
        """Those that were not Ready and have not lasted since, by UID, as they were then."""
        self.given_up = False
        """One has ended so often that it is waited for no longer."""
        self.pause: float | None = None
        """In how many seconds, if nothing changes, those that run have lasted; None where some do not."""

    def see(self, pods: Sequence[JsonObject], now: float) -> str:
        """The pods as they are now, in seconds of a monotonic clock: what is to be waited for, empty for nothing."""
        if self._watched is None:
            self._watched = {obj["metadata"]["uid"] for obj in pods if self._is_unproven(obj)}
        mine = {uid: obj for obj in pods if (uid := obj["metadata"]["uid"]) in self._watched}
        members = list(mine.values())
        lasting = self._availability.available(_ALL, members, now)
        down = {uid: obj for uid, obj in mine.items() if pod_failure(obj)}
        self._fallen = {uid: obj for uid, obj in (self._fallen | down).items() if uid in mine and uid not in lasting}
        moments = list(self._availability.moments(_ALL, members, now))
        self.pause = max(moments) - now if moments and not down else None
        self.given_up = any(_restarts(obj) >= MOST_RESTARTS for obj in down.values())
        if down:
            why = next(filter(None, map(_last_end, down.values())), "")
            return f"{len(down)} of {len(mine)} new pods did not stay Ready{why}"
        if len(lasting) < len(mine):
            return f"new pods without a readiness probe have to run for {UNPROBED_SECONDS} s"
        return ""

    @property
    def problem(self) -> str | None:
        """What is wrong with the new pods, as far as they were seen; None where each has been Ready all the time."""
        if not self._fallen:
            return None
        told = some_of(map(pod_failure, self._fallen.values()), _MOST_NAMED, "; ")
        return f"its controller says that it is done, but new pods without a readiness probe do not stay Ready: {told}"

    def at_worst(self, pods: Sequence[JsonObject]) -> list[JsonObject]:
        """These pods; one that has not lasted as it was when it was not Ready, since it may run again just now."""
        return [self._fallen.get(obj["metadata"]["uid"], obj) for obj in pods]

    def _is_unproven(self, obj: JsonObject) -> bool:
        """Whether it is a new pod that nothing but its running speaks for."""
        if self._min_ready_seconds >= UNPROBED_SECONDS:
            return False
        pod = Pod.from_object(obj)
        return pod.phase == "Running" and unprobed_seconds(pod.containers) > 0 and not self._left_alone(pod)


def _restarts(obj: JsonObject) -> int:
    """How often the container of the pod was started anew that was most often."""
    return max(container.restart_count for container in Pod.from_object(obj).containers)


def _last_end(obj: JsonObject) -> str:
    """How a container of the pod has ended, in numbers: a program's own words may hold a secret."""
    for container in Pod.from_object(obj).containers:
        if container.termination and not container.ready:
            return f" (container {container.name}: exit code {container.termination.exit_code})"
    return ""
