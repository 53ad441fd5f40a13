# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    controller,
    groups,
    in_order,
    most_unavailable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

WEB, DB = workload("Deployment", "web"), workload("StatefulSet", "db")


def web(name: str, **more: Any) -> Pod:
    """A pod of a Deployment."""
    return Pod.from_object(pod(name, WEB, **more))


def db(ordinal: int, **more: Any) -> Pod:
    """A pod of a StatefulSet."""
    return Pod.from_object(pod(f"db-{ordinal}", DB, **more))


def going(name: str) -> Pod:
    """A pod of the Deployment that is being deleted."""
    return web(name, meta={**pod(name, WEB)["metadata"], "deletionTimestamp": "2026-01-02T03:04:05Z"})


@pytest.mark.parametrize(
    ("text", "total", "most"),
    [("1", 10, 1), ("3", 2, 3), ("25%", 10, 2), ("25%", 3, 1), ("0%", 5, 1), ("100%", 4, 4), (" 2 ", 5, 2)],
)
def test_most_unavailable(text: str, total: int, most: int) -> None:
    assert most_unavailable(text, total) == most


@pytest.mark.parametrize("text", ["0", "-1", "", "half", "1.5", "25 %", "%"])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(TargetError, match="neither a number from 1 on nor a percentage"):
        most_unavailable(text, 4)


def test_order() -> None:
    found = in_order([web("web-b"), web("web-a"), web("web-c", ready=False), db(9), db(10, ready=False), db(0)])
    assert [entry.name for entry in found] == ["db-10", "db-9", "web-c", "db-0", "web-a", "web-b"]


def test_the_replica_sets_of_a_deployment_are_one_controller() -> None:
    old, new = web("web-a", hash_label="aaa"), web("web-b", hash_label="bbb")
    assert controller(old) == controller(new) == "ReplicaSet/web"
    assert controller(db(0)) == "StatefulSet/db"
    alone = Pod.from_object(pod("alone"))
    assert controller(alone) == alone.uid


def one(*pods: Pod, limit: str = "1", chosen: tuple[Pod, ...] | None = None) -> Group:
    """The only group of these pods."""
    (group,) = groups(pods if chosen is None else chosen, pods, limit)
    return group


def test_a_percentage_is_of_all_pods_that_are_alive() -> None:
    pods = [web(f"web-{number}") for number in range(8)]
    assert one(*pods, limit="25%", chosen=(pods[0],)).limit == 2
    assert one(*pods[:4], *(going(f"web-x{number}") for number in range(4)), limit="50%", chosen=(pods[0],)).limit == 2


def test_no_more_than_the_limit_are_down() -> None:
    a, b, c = web("web-a"), web("web-b"), web("web-c")
    group = one(a, b, c)
    assert group.next([a, b, c], set()) == a
    group.asked.add(group.todo.pop(0).uid)
    new = web("web-n")
    assert group.next([going("web-a"), b, c], set()) is None, "it is still there"
    assert group.next([b, c], set()) is None, "there is none in its place"
    assert group.next([b, c, new], set()) is None, "that one is not available"
    assert group.next([going("web-a"), b, c, new], {new.uid}) is None, "the old one is still there"
    assert group.next([b, c, new], {new.uid}) == b


def test_those_that_were_down_before_count() -> None:
    ready, broken, other = web("web-a"), web("web-b", ready=False), web("web-c", ready=False)
    assert one(ready, broken).next([ready, broken], set()) == broken, "it makes nothing worse"
    assert one(ready, broken, chosen=(ready,)).next([ready, broken], set()) is None
    assert one(ready, broken, chosen=(ready,), limit="2").next([ready, broken], set()) == ready
    assert one(ready, broken, other).next([ready, broken, other], set()) is None


def test_nobodys_pod_only_has_to_go() -> None:
    alone = Pod.from_object(pod("alone"))
    group = one(alone)
    group.asked.add(alone.uid)
    assert group.waiting([alone], set()) == 1
    assert group.waiting([], set()) == 0


def test_nothing_is_left_to_do() -> None:
    group = one(web("web-a"))
    group.todo.clear()
    assert group.next([web("web-a")], set()) is None
