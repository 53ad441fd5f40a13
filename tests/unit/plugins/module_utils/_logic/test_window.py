# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many pods of an owner may be away at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.window import Window
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod
from hypothesis import given, settings
from hypothesis import strategies as st

WALL = datetime(2026, 1, 2, 4, tzinfo=UTC)
OWNER = [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "uid-db", "controller": True}]


def owned(number: int, *, ready: bool = True, **more: Any) -> JsonObject:
    """A pod of the StatefulSet db."""
    return pod(f"db-{number}", ready=ready, meta={"ownerReferences": OWNER}, **more)


def group(max_unavailable: str, desired: int | None) -> Group:
    """The StatefulSet, which wants so many pods."""
    return Group("uid-db", "StatefulSet", "db", max_unavailable, desired)


def window(objects: list[JsonObject], max_unavailable: str = "1", desired: int | None = None) -> Window:
    """A window that has seen these pods."""
    made = Window([group(max_unavailable, desired or len(objects))], 0)
    made.see({obj["metadata"]["uid"]: obj for obj in objects}, 1000.0, WALL)
    return made


@pytest.mark.parametrize(
    ("ready", "max_unavailable", "away", "closed"),
    [
        ("111", "1", "", ""),
        ("111", "1", "1", "1 of 3 pods of StatefulSet db are not available, and max_unavailable is 1"),
        ("111", "2", "1", ""),
        ("101", "1", "", "1 of 3 pods of StatefulSet db are not available, and max_unavailable is 1"),
        ("101", "2", "", ""),
        ("011", "1", "", ""),  # it is down itself
        ("001", "1", "", ""),
        ("111", "50%", "", ""),
        ("1111", "50%", "1", ""),
        ("1111", "50%", "12", "2 of 4 pods of StatefulSet db are not available, and max_unavailable is 2"),
        ("111", "10%", "", ""),  # one may always be down
    ],
)
def test_whether_the_first_pod_may_go(ready: str, max_unavailable: str, away: str, closed: str) -> None:
    objects = [owned(number, ready=letter == "1") for number, letter in enumerate(ready)]
    uids = {objects[int(number)]["metadata"]["uid"] for number in away}
    assert window(objects, max_unavailable).closed(Pod.from_object(objects[0]), uids) == closed


def test_pods_that_are_not_there_count_as_missing() -> None:
    objects = [owned(0), owned(1)]
    assert "1 of 3 pods" in window(objects, desired=3).closed(Pod.from_object(objects[0]), set())


def test_pods_that_nobody_owns_share_one_window() -> None:
    objects = {obj["metadata"]["uid"]: obj for obj in (pod("a"), pod("b"))}
    made = Window([Group("", "", "", "1")], 0)
    made.see(objects, 1000.0, WALL)
    first, second = map(Pod.from_object, objects.values())
    assert not made.closed(first, set())
    assert made.closed(second, {first.uid})


def test_ready_has_to_last() -> None:
    objects = [owned(0), owned(1, ready=False)]
    made = Window([group("1", 2)], 10)
    made.see({obj["metadata"]["uid"]: obj for obj in objects}, 1000.0, WALL)
    objects[1] = owned(1)
    made.see({obj["metadata"]["uid"]: obj for obj in objects}, 1005.0, WALL)
    first = Pod.from_object(objects[0])
    assert made.closed(first, set())
    assert list(made.moments(1005.0)) == [1015.0]
    made.pass_time(1015.0)
    assert not made.closed(first, set())


def test_what_changed() -> None:
    objects = {obj["metadata"]["uid"]: obj for obj in (owned(0), owned(1))}
    made = Window([group("1", 2)], 0)
    assert made.see(objects, 1000.0, WALL) == set(objects)
    first, second = objects
    assert made.see({first: objects[first]}, 1001.0, WALL) == {second}
    assert made.pod(second) is None


@dataclass
class Service:
    """Pods as a cluster has them, and a runner that takes down whatever the window lets it."""

    size: int
    max_unavailable: str
    now: float = 1000.0
    up: list[bool] = field(init=False)
    away: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.up = [True] * self.size
        self.made = Window([group(self.max_unavailable, self.size)], 0)
        self.see()

    def see(self) -> None:
        """The watch tells how the pods are."""
        self.objects = [owned(number, ready=ready) for number, ready in enumerate(self.up)]
        self.now += 1
        self.made.see({obj["metadata"]["uid"]: obj for obj in self.objects}, self.now, WALL)

    def take_down(self, number: int) -> None:
        """Take that pod down if the window has room."""
        uids = {self.objects[other]["metadata"]["uid"] for other in self.away}
        seen = Pod.from_object(self.objects[number])
        if number in self.away or self.made.closed(seen, uids):
            return
        costs = seen.ready  # as it was seen: nobody can know more
        seen_down = sum(not Pod.from_object(obj).ready for obj in self.objects)
        away_and_seen_up = sum(Pod.from_object(self.objects[other]).ready for other in self.away)
        self.away.add(number)
        if costs:
            assert seen_down + away_and_seen_up + 1 <= group(self.max_unavailable, self.size).window
        self.up[number] = False


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from(["1", "2", "5", "25%", "50%", "100%"]),
    st.lists(st.tuples(st.sampled_from(["take", "back", "fail", "heal", "see"]), st.integers(0, 7)), max_size=60),
)
def test_never_more_than_allowed_whatever_happens(
    size: int, max_unavailable: str, events: list[tuple[str, int]]
) -> None:
    service = Service(size, max_unavailable)
    for what, which in events:
        number = which % size
        if what == "take":
            service.take_down(number)
        elif what == "back" and number in service.away:
            service.up[number] = True
            service.see()  # it is back when the watch has told so
            service.away.discard(number)
        elif what == "fail":
            service.up[number] = False
        elif what == "heal" and number not in service.away:
            service.up[number] = True
        elif what == "see":
            service.see()
