# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    Lacking,
    allowed,
    gone_for_good,
    in_order,
    is_available,
    may_go,
    pair,
    ready_for,
    steady_seconds,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

DEPLOYMENT = workload("Deployment")


def read(obj: JsonObject) -> Pod:
    return Pod.from_object(obj)


@pytest.mark.parametrize(
    ("text", "desired", "number"),
    [("1", 9, 1), ("3", 2, 3), ("25%", 8, 2), ("25%", 7, 1), ("25%", 3, 1), ("100%", 3, 3), (" 1% ", 0, 1)],
)
def test_max_unavailable(text: str, desired: int, number: int) -> None:
    assert allowed(text, desired) == number
    assert Group("u", "Deployment", "cart", text, desired).window == number


@pytest.mark.parametrize("text", ["", "0", "0%", "101%", "-1", "1.5", "25 %", "half", "999999999999", "²"])
def test_what_is_no_max_unavailable(text: str) -> None:
    with pytest.raises(TargetError, match="max_unavailable"):
        allowed(text, 4)


def test_not_ready_first_and_stateful_sets_from_the_highest_ordinal_down() -> None:
    owner = workload("StatefulSet")
    pods = [pod(f"cart-{number}", owner, ready=number != 3) for number in (0, 2, 3, 10)]
    assert [entry.name for entry in in_order(map(read, pods))] == ["cart-3", "cart-10", "cart-2", "cart-0"]
    pods = [pod(name, DEPLOYMENT, ready=name != "cart-c") for name in ("cart-b", "cart-c", "cart-a")]
    assert [entry.name for entry in in_order(map(read, pods))] == ["cart-c", "cart-a", "cart-b"]


@pytest.mark.parametrize(
    ("available", "counts", "in_flight", "may"),
    [
        (3, True, 0, True),
        (2, True, 1, False),
        (2, True, 0, False),  # another one is down already
        (2, False, 0, True),  # it is the one that is down
        (0, False, 0, True),
        (2, False, 1, False),
        (4, True, 0, True),  # one more than is wanted
    ],
)
def test_what_may_go(available: int, counts: bool, in_flight: int, may: bool) -> None:
    group = Group("uid-aaa", "ReplicaSet", "cart-aaa", "1", 3)
    old = read(pod("cart-a", DEPLOYMENT))
    assert may_go(group, old, available=available, counts=counts, in_flight=in_flight) is may


def test_pods_without_an_owner_only_go_some_at_a_time() -> None:
    group, bare = Group("", "", "", "2"), read(pod("bare"))
    assert may_go(group, bare, available=0, counts=True, in_flight=1)
    assert not may_go(group, bare, available=0, counts=True, in_flight=2)


@pytest.mark.parametrize(
    ("kind", "new", "pairs"),
    [
        ("StatefulSet", [pod("cart-0", uid="b0"), pod("cart-1", uid="b1")], {"uid-cart-1": "b1", "uid-cart-0": "b0"}),
        ("StatefulSet", [pod("cart-0", uid="b0")], {"uid-cart-0": "b0"}),
        ("DaemonSet", [pod("cart-x", node="two"), pod("cart-y", node="three")], {"uid-cart-1": "uid-cart-x"}),
        ("ReplicaSet", [pod("cart-x", node="two")], {"uid-cart-1": "uid-cart-x"}),
        ("ReplicaSet", [], {}),
    ],
)
def test_which_pod_takes_whose_place(kind: str, new: list[JsonObject], pairs: dict[str, str]) -> None:
    old = [read(pod("cart-1", node="two")), read(pod("cart-0", node="one"))]
    assert pair(Group("u", kind, "cart"), old, new, {}) == pairs


def test_the_first_made_takes_the_first_place_and_keeps_it() -> None:
    group, old = Group("u", "ReplicaSet", "cart"), [read(pod("cart-1")), read(pod("cart-0"))]
    late = pod("cart-a", meta={"creationTimestamp": "2026-01-02T03:04:06Z"})
    early = pod("cart-b", meta={"creationTimestamp": "2026-01-02T03:04:05Z"})
    assert pair(group, old, [late, early], {}) == {"uid-cart-1": "uid-cart-b", "uid-cart-0": "uid-cart-a"}
    known = {"uid-cart-1": "uid-cart-a", "uid-cart-0": "uid-gone"}
    assert pair(group, old, [late, early], known) == {"uid-cart-1": "uid-cart-a", "uid-cart-0": "uid-cart-b"}


def test_which_pods_are_a_groups() -> None:
    group = Group("uid-cart", "Deployment", "cart", workload=Workload.from_object(DEPLOYMENT))
    assert group.owns(read(pod("cart-a", DEPLOYMENT)))
    assert group.owns(read(pod("cart-b", DEPLOYMENT, hash_label="bbb")))
    assert not group.owns(read(pod("bare")))
    assert Group("", "", "").owns(read(pod("bare")))
    assert Group("uid-aaa", "ReplicaSet", "cart-aaa").owns(read(pod("cart-a", DEPLOYMENT)))
    assert [str(group), str(Group("", "", ""))] == ["Deployment cart", "no controller"]


@pytest.mark.parametrize(
    ("obj", "available", "gone"),
    [
        (pod("a"), True, False),
        (pod("a", ready=False), False, False),
        (pod("a", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), False, True),
        (pod("a", phase="Failed"), False, True),
        (pod("a", phase="Succeeded"), False, True),
    ],
)
def test_what_does_its_work(obj: JsonObject, available: bool, gone: bool) -> None:
    assert is_available(Group("u", "ReplicaSet", "a"), obj) is available
    assert gone_for_good(obj) is gone


def test_a_pod_of_a_job_that_succeeded_has_done_its_work() -> None:
    assert is_available(Group("u", "Job", "a"), pod("a", phase="Succeeded", ready=False))


@pytest.mark.parametrize(
    ("wanted", "by_owner", "probed", "seconds"),
    [(None, 0, False, 3.0), (None, 0, True, 0.0), (None, 10, False, 10.0), (None, 1, True, 1.0), (0, 10, False, 0.0)],
)
def test_how_long_a_pod_has_to_stay_ready(wanted: int | None, by_owner: int, probed: bool, seconds: float) -> None:
    containers: list[JsonObject] = [{"name": "app"} | ({"readinessProbe": {}} if probed else {})]
    group = Group("u", "ReplicaSet", "a", min_ready_seconds=by_owner)
    assert steady_seconds(group, pod("a", spec={"containers": containers}), wanted) == seconds


def test_since_when_a_pod_is_ready() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def since(**more: str) -> float:
        return ready_for(pod("a", conditions=[{"type": "Ready", "status": "True", **more}]), now)

    assert since(lastTransitionTime="2026-01-02T03:04:00Z") == 5.0
    assert since(lastTransitionTime="2026-01-02T03:05:00Z") == 0.0  # by a clock that is ahead
    assert since() == float("inf")
    assert ready_for(pod("a", conditions=[]), now) == 0.0


def test_what_an_owner_lacks_after_a_run_that_was_killed() -> None:
    """Of five that are wanted one works, one is gone; one is new, one new for too long, one old and meant by nobody."""
    since, now = datetime(2026, 1, 2, 3, 0, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

    def made(name: str, minute: int, *, ready: bool = False) -> JsonObject:
        meta = {"creationTimestamp": f"2026-01-02T{2 + minute // 60:02}:{minute % 60:02}:00Z"}
        return pod(name, DEPLOYMENT, ready=ready, meta=meta)

    members = [made("old", 50, ready=True), made("fresh", 63), made("stuck", 60), made("ill", 50), made("meant", 50)]
    going = pod("going", DEPLOYMENT, meta={"deletionTimestamp": "2026-01-02T03:03:00Z"})
    lacking = Lacking.of([*members, going], {"uid-old"}, {"uid-meant"}, since, now, patience=120)
    assert lacking == Lacking(frozenset({"uid-fresh"}), frozenset({"uid-stuck", "uid-ill"}))
    group = Group("u", "Deployment", "cart", desired=6)
    everything = [*members, made("sixth", 64)]
    assert not lacking.made_good(group, everything, {"uid-old", "uid-fresh", "uid-meant"})
    assert lacking.made_good(group, everything, {"uid-old", "uid-fresh", "uid-meant", "uid-sixth"})
    smaller = Group("u", "Deployment", "cart", desired=3)
    assert lacking.made_good(smaller, [members[0], *members[2:4]], {"uid-old"})  # it was scaled down meanwhile


@pytest.mark.parametrize(
    ("members", "available", "good"),
    [
        ("ab!", "ab", True),
        ("ab!f", "ab", False),  # the one given up is a surge that is stuck: the third one that is wanted is f
        ("ab!f", "abf", True),
        ("a!", "a", False),  # one was taken down, and is not there again
        ("a!", "a!", False),  # also not when the one given up does its work by now
        ("a!f", "a!", False),
        ("a!f", "af", True),
        ("ab", "ab", False),  # the one given up was removed: one is missing
        ("abf", "ab", False),
    ],
)
def test_a_pod_that_was_given_up_excuses_no_other_one(members: str, available: str, good: bool) -> None:
    """Of three that are wanted; `!` was given up at the first look."""
    objects = [pod(name, DEPLOYMENT, uid=name, ready=name in available) for name in members]
    lacking = Lacking(frozenset("f"), frozenset("!"))
    assert lacking.made_good(Group("u", "Deployment", "cart", desired=3), objects, set(available)) is good
