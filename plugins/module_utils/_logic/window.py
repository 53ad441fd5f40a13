# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How many pods of each owner may be away at a time, where pods go away for a moment and come back themselves. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.availability import Availability
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    counted,
    may_go,
    reread,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


class Window:
    """A sliding window for each owner: the next pod may go as soon as one is back, not when all of a batch are."""

    def __init__(self, groups: Collection[Group], min_ready_seconds: int | None) -> None:
        """For the seconds see Availability."""
        self.groups = list(groups)
        self._availability = Availability(min_ready_seconds)
        self._pods: dict[str, tuple[JsonObject, Pod]] = {}
        self._available: set[str] = set()
        self._tallies: tuple[set[str], dict[str, tuple[int, int]]] = (set(), {})

    def pod(self, uid: str) -> Pod | None:
        """One of them; None where it is gone."""
        return self._pods[uid][1] if uid in self._pods else None

    def obj(self, uid: str) -> JsonObject | None:
        """The same as the API serves it."""
        return self._pods[uid][0] if uid in self._pods else None

    def see(self, objects: Mapping[str, JsonObject], now: float, wall: datetime) -> set[str]:
        """The pods as they are, at a moment on the monotonic and the wall clock; the UIDs of those that changed."""
        self._availability.begin(objects, now, wall)
        was = self._pods
        self._pods = reread(was, objects)
        self.groups = [counted(group, self._members(group)) for group in self.groups]
        self.pass_time(now)
        return {uid for uid in was.keys() | self._pods.keys() if was.get(uid) is not self._pods.get(uid)}

    def pass_time(self, now: float) -> None:
        """Nothing changed, but some may have been Ready for long enough by now."""
        self._available = {
            uid for group in self.groups for uid in self._availability.available(group, self._members(group), now)
        }
        self._tallies = (set(), {})

    def moments(self, now: float) -> Iterator[float]:
        """When it may be otherwise although nothing changes."""
        for group in self.groups:
            yield from self._availability.moments(group, self._members(group), now)

    def closed(self, pod: Pod, away: Collection[str]) -> str:
        """Why this pod has to stay for now; empty if it may go. `away` are the UIDs of those that are not back."""
        group = next(group for group in self.groups if group.owns(pod))
        available, in_flight = self._tally(group, away)
        counts = pod.uid in self._available
        if may_go(group, pod, available=available, counts=counts, in_flight=in_flight):
            return ""
        missing = max((group.desired or 0) - available, in_flight)
        return f"{missing} of {group.desired} pods of {group} are not available, and max_unavailable is {group.window}"

    def _tally(self, group: Group, away: Collection[str]) -> tuple[int, int]:
        """How many of its pods are available and not away, and how many are away; counted once for many questions."""
        if self._tallies[0] != away:
            self._tallies = (set(away), {})
        tallies = self._tallies[1]
        if group.uid not in tallies:
            available = sum(group.owns(self._pods[uid][1]) for uid in self._available if uid not in away)
            in_flight = sum(uid in self._pods and group.owns(self._pods[uid][1]) for uid in away)
            tallies[group.uid] = (available, in_flight)
        return tallies[group.uid]

    def _members(self, group: Group) -> list[JsonObject]:
        return [obj for obj, pod in self._pods.values() if group.owns(pod)]
