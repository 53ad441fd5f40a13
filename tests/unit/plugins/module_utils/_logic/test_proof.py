# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.proof import proof_faults

Pod = dict[str, Any]


def seen(
    name: str, *, uid: str = "", ip: str = "", node: str = "one", container: str = "", ready: bool = True
) -> dict[str, Any]:
    """A pod as pid1_info returns it."""
    ids = {"name": "app", "container_id": container or f"c-{uid or name}"}
    place = {"ip": ip or f"ip-{uid or name}", "node": node}
    return {"uid": uid or name, "name": name, **place, "ready": ready, "containers": [ids]}


def look(*pods: Pod, wanted: int = 2) -> dict[str, Any]:
    """What pid1_info returns of the workload."""
    return {"pods": list(pods), "wanted": wanted}


def done(name: str, outcome: str = "restarted") -> dict[str, Any]:
    """An entry of a result's pods."""
    container = {"name": "app", "outcome": outcome, "container_id_before": f"c-{name}"}
    return {"name": name, "uid_before": name, "containers": [container]}


def result(strategy: str, *pods: Pod) -> dict[str, Any]:
    """What a module returns."""
    return {"strategy": strategy, "pods": list(pods)}


A, B = seen("a"), seen("b")
NEW_A, NEW_B = seen("a", container="x"), seen("b", container="y")
IN_PLACE = result("in_place", done("a"), done("b"))
ROLLED = result("rollout_restart", done("a"), done("b"))
STUCK = result("in_place", done("a"), done("b", "unchanged"))
EVICTED = result("pod_evict", done("b"))


@pytest.mark.parametrize(
    ("results", "after"),
    [
        ([IN_PLACE], [NEW_A, NEW_B]),
        ([STUCK], [NEW_A, B]),
        ([result("in_place", done("a"), done("b", "skipped"))], [NEW_A, B]),
        ([ROLLED], [seen("c"), seen("d")]),
        ([result("rollout_restart", done("a"), done("b", "unchanged"))], [seen("c"), B]),
        # one in place, the other replaced under its own name
        ([result("in_place", done("a")), EVICTED], [NEW_A, seen("b", uid="n")]),
        # one did not end in time, and was replaced then
        ([STUCK, EVICTED], [NEW_A, seen("n")]),
    ],
)
def test_it_looks_as_the_results_say(results: list[dict[str, Any]], after: list[Pod]) -> None:
    assert proof_faults(look(A, B), look(*after), results) == []


def test_what_an_interrupted_rollout_has_made_already_is_there_before_and_after() -> None:
    resumed = result("rollout_restart", done("a"), {**done("b"), "uid_before": None, "uid_after": "b"})
    assert proof_faults(look(A, B), look(seen("c"), B), [resumed]) == []
    assert proof_faults(look(A, B), look(A, B), [resumed]) != []


def test_nothing_looks_like_nothing() -> None:
    assert proof_faults(look(wanted=0), look(wanted=0), [result("rollout_restart")]) == []


@pytest.mark.parametrize(
    ("results", "after", "faults"),
    [
        ([IN_PLACE], [NEW_A, seen("n")], ["pod b was to stay, and is gone"]),
        (
            [IN_PLACE],
            [seen("a", container="x", ip="other"), NEW_B],
            ["pod a had the IP address ip-a, and has other"],
        ),
        ([IN_PLACE], [seen("a", container="x", node="two"), NEW_B], ["pod a was on node one, and is on two"]),
        ([IN_PLACE], [NEW_A, B], ["container app of pod b is still the same"]),
        # a pod that no result tells of
        ([result("in_place", done("a"))], [NEW_A, B], ["container app of pod b is still the same"]),
        (
            [result("pod_evict", done("a"), done("b"))],
            [seen("n"), NEW_B],
            ["pod b was to be replaced, and is still there"],
        ),
        ([ROLLED], [seen("n", ready=False), seen("m")], ["pod n is not Ready"]),
        ([IN_PLACE], [seen("a", container="x", ready=False), NEW_B], ["pod a is not Ready"]),
        (
            [ROLLED],
            [{**seen("n", ready=False), "not_ready": "container app: CrashLoopBackOff"}, seen("m")],
            ["pod n is not Ready: container app: CrashLoopBackOff"],
        ),
        ([ROLLED], [seen("n")], ["1 pods are there, and 2 have to be"]),
        ([IN_PLACE], [NEW_A], ["pod b was to stay, and is gone", "1 pods are there, and 2 have to be"]),
    ],
)
def test_it_does_not(results: list[dict[str, Any]], after: list[Pod], faults: list[str]) -> None:
    assert proof_faults(look(A, B), look(*after), results) == faults


def test_a_pod_that_was_not_ready_before_need_not_be() -> None:
    before, after = look(seen("a", ready=False)), look(seen("a", container="x", ready=False))
    assert proof_faults(before, after, [result("in_place", done("a"))]) == []


def test_an_autoscaler_may_take_as_many_away_as_it_wants_no_more() -> None:
    before = look(A, B, seen("c"), wanted=3)
    restarted = [result("in_place", done("a"), done("b"), done("c"))]
    assert proof_faults(before, look(NEW_A, NEW_B, wanted=2), restarted) == []
    assert proof_faults(before, look(NEW_A, wanted=2), restarted) == [
        "pod b was to stay, and is gone",
        "pod c was to stay, and is gone",
        "1 pods are there, and 2 have to be",
    ]
    # not gone by its doing: it has taken another one away, and there is a new one
    assert proof_faults(before, look(NEW_A, seen("n"), wanted=2), restarted) == [
        "pod b was to stay, and is gone",
        "pod c was to stay, and is gone",
    ]
    # those that are left are held to the same
    assert proof_faults(before, look(A, NEW_B, wanted=2), restarted) == ["container app of pod a is still the same"]


def test_what_an_autoscaler_adds_has_to_be_ready_once_it_is_there() -> None:
    grown = look(NEW_A, NEW_B, wanted=4)
    assert proof_faults(look(A, B), grown, [IN_PLACE]) == []
    waking = look(NEW_A, NEW_B, seen("n", ready=False), wanted=4)
    assert proof_faults(look(A, B), waking, [IN_PLACE]) == ["pod n is not Ready"]


def test_what_was_lacking_before_may_be_lacking_still() -> None:
    restarted = [result("in_place", done("a"))]
    assert proof_faults(look(A, wanted=3), look(NEW_A, wanted=3), restarted) == []
    assert proof_faults(look(A, B, wanted=3), look(NEW_A, wanted=3), restarted) == [
        "1 pods are there, and 2 have to be"
    ]


@pytest.mark.parametrize(
    ("results", "after", "faults"),
    [
        # another pod has taken its place
        ([IN_PLACE], [NEW_A, seen("n")], ["pod b was to stay, and is gone"]),
        ([IN_PLACE], [NEW_A, seen("n", ready=False)], ["pod b was to stay, and is gone"]),
        ([IN_PLACE], [seen("a", container="x", ip="o"), NEW_B], ["pod a had the IP address ip-a, and has o"]),
        ([IN_PLACE], [seen("a", container="x", node="two"), NEW_B], ["pod a was on node one, and is on two"]),
        ([IN_PLACE], [NEW_A, B], ["container app of pod b is still the same"]),
        # the rest is left out of what lasts
        (
            [IN_PLACE],
            [seen("a", container="x", ready=False), B],
            ["container app of pod b is still the same"],
        ),
    ],
)
def test_what_waiting_does_not_mend(results: list[dict[str, Any]], after: list[Pod], faults: list[str]) -> None:
    assert proof_faults(look(A, B), look(*after), results, lasting=True) == faults


@pytest.mark.parametrize(
    ("results", "after"),
    [
        ([IN_PLACE], [NEW_A, NEW_B]),
        ([IN_PLACE], [seen("a", container="x", ready=False), NEW_B]),
        ([ROLLED], [seen("n", ready=False), seen("m")]),
        ([ROLLED], [seen("n")]),
        ([ROLLED], [A, seen("n")]),
        ([STUCK, EVICTED], [NEW_A, B]),
        # a pod that no result tells of may be on its way out
        ([result("in_place", done("a"))], [NEW_A, B]),
        # fewer may be wanted since that was read
        ([IN_PLACE], [NEW_A]),
    ],
)
def test_what_it_may(results: list[dict[str, Any]], after: list[Pod]) -> None:
    assert proof_faults(look(A, B), look(*after), results, lasting=True) == []


def test_an_address_that_is_not_there_yet_may_come_again() -> None:
    away = NEW_A | {"ip": ""}
    assert proof_faults(look(A, B), look(away, NEW_B), [IN_PLACE]) == ["pod a had the IP address ip-a, and has "]
    assert proof_faults(look(A, B), look(away, NEW_B), [IN_PLACE], lasting=True) == []
