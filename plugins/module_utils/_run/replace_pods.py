# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Replacing pods by deleting them, so many at a time, and waiting for those that their controllers make instead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group, groups, is_alive
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe

#: Between two evictions of a pod whose disruption budget has no room, as kubectl drain does it.
EVICT_SECONDS = 5.0
NO_ROOM, CONFLICT, OVERLAP = 429, 409, 500


@dataclass(frozen=True, slots=True)
class How:
    """How pods are taken down: `method` is `delete` or `evict`; None is each pod's own grace period."""

    method: str = "delete"
    grace_seconds: int | None = None
    max_unavailable: str = "1"
    min_ready_seconds: int = 0


class Replacing:
    """One run over pods. `problem` is empty while all goes well; the pods as last seen are in `objects`."""

    def __init__(self, api: ClusterApi, clock: Clock, chosen: Sequence[Pod], listing: Listing, how: How) -> None:
        self._api, self._clock, self._how, self._listing = api, clock, how, listing
        everybody = [Pod.from_object(obj) for obj in listing.items]
        self.chosen = list(chosen)
        self.groups = groups(chosen, everybody, how.max_unavailable)
        self.objects: dict[str, JsonObject] = {obj["metadata"]["uid"]: obj for obj in listing.items}
        self.problem = ""
        self.no_room: dict[str, str] = {}
        """What the server said of the pods that it did not let go, by UID."""
        self._again: dict[str, float] = {}
        self._ready_since: dict[str, float] = {}

    @property
    def asked(self) -> set[str]:
        """UIDs of the pods that were deleted, or found to be gone."""
        return set().union(*(group.asked for group in self.groups))

    def pods(self) -> list[Pod]:
        """The pods as last seen."""
        return [Pod.from_object(obj) for obj in self.objects.values()]

    def run(self, deadline: Deadline, namespace: str, selector: str) -> bool:
        """Take down and wait, until every pod has been replaced (True), something is wrong, or the time is over."""
        watch = observe(
            self._api,
            self._clock,
            deadline,
            POD,
            namespace,
            label_selector=selector,
            start=self._listing,
            wake=self._nap,
        )
        for objects in watch:
            self.objects = objects
            if self._step():
                return True
            if self.problem:
                return False
        return False

    def take_down_all(self) -> None:
        """Ask for the end of all of them at once, and wait for nothing."""
        for group in self.groups:
            while group.todo and self._take_down(group, group.todo[0]):
                pass
            if group.todo:
                self.problem = self.no_room.get(group.todo[0].uid, self.problem)
                return

    def available(self) -> set[str]:
        """UIDs of the pods that have been Ready for long enough."""
        now = self._clock.monotonic()
        return {uid for uid, since in self._ready_since.items() if now - since >= self._how.min_ready_seconds}

    def _step(self) -> bool:
        """Take down what may be taken down by now. True when all has been replaced."""
        pods = self.pods()
        self._note_ready(pods)
        available = self.available()
        for group in self.groups:
            while not self.problem and (pod := group.next(pods, available)):
                if not self._take_down(group, pod):
                    break
        return all(not group.todo and group.waiting(pods, available) == 0 for group in self.groups)

    def _note_ready(self, pods: Sequence[Pod]) -> None:
        now = self._clock.monotonic()
        ready = {pod.uid for pod in pods if pod.ready and is_alive(pod)}
        self._ready_since = {uid: self._ready_since.get(uid, now) for uid in ready}

    def _take_down(self, group: Group, pod: Pod) -> bool:
        """Ask for one pod's end. False if it has to wait, or cannot be."""
        if self._again.get(pod.uid, -math.inf) > self._clock.monotonic():
            return False
        call, grace = (self._evict if self._how.method == "evict" else self._delete), self._how.grace_seconds
        try:
            call(pod, grace)
        except NotFound:
            pass  # somebody else was quicker: what is wanted is that it is gone
        except ApiError as error:
            if error.status == NO_ROOM and self._how.method == "evict":
                self.no_room[pod.uid] = str(error)
                self._again[pod.uid] = self._clock.monotonic() + EVICT_SECONDS
                return False
            if error.status != CONFLICT:
                self.problem = str(error)
                return False
        except SafeRestartError as error:
            self.problem = str(error)
            return False
        self.no_room.pop(pod.uid, None)
        self._again.pop(pod.uid, None)
        group.asked.add(pod.uid)
        group.todo.remove(pod)
        return True

    def _delete(self, pod: Pod, grace: int | None) -> None:
        self._api.delete(POD, pod.namespace, pod.name, uid=pod.uid, grace_seconds=grace)

    def _evict(self, pod: Pod, grace: int | None) -> None:
        self._api.evict(pod.namespace, pod.name, uid=pod.uid, grace_seconds=grace)

    def _nap(self) -> float | None:
        """Seconds until something can be done although nothing has changed."""
        now = self._clock.monotonic()
        moments = [again for again in self._again.values() if again > now]
        moments += [since + self._how.min_ready_seconds for since in self._ready_since.values()]
        return min((moment - now for moment in moments if moment > now), default=None)
