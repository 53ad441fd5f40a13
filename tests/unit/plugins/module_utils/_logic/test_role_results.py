# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_decision import NOTHING
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_results import (
    MOST_WORKLOADS,
    entries_of,
    joined,
    pods_left,
    run_summary,
)


def done(name: str, outcome: str = "restarted", reason: str = "", via: str | None = "exec") -> dict[str, Any]:
    """An entry of a result's pods."""
    container = {"name": "app", "outcome": outcome, "reason": reason, "via": via, "container_id_before": f"c-{name}"}
    return {"name": name, "uid_before": name, "containers": [container]}


def result(strategy: str, *pods: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a module returns."""
    counts = {"pods": len(pods), "restarted": 0, "unchanged": 0, "skipped": 0, "failed": 0}
    for pod in pods:
        counts[pod["containers"][0]["outcome"]] += 1
    summary = counts | {"seconds": 1.25, "api_requests": 3}
    return {"changed": True, "strategy": strategy, "pods": list(pods), "summary": summary} | more


STUCK = done("b", "unchanged", "the signal was sent, and it has not ended within 30 s")
WAITING = done("c", "skipped", "not tried", None)


@pytest.mark.parametrize(
    ("pods", "left"),
    [
        ([done("a"), STUCK, WAITING], ["b", "c"]),
        ([done("a"), STUCK], ["b"]),
        ([done("a"), WAITING], []),  # something else has ended the run
        ([done("a"), STUCK, done("d", "failed", "it did not come back"), WAITING], []),
        ([STUCK, done("d", "skipped", "it was restarted a minute ago", None)], ["b"]),
        ([STUCK, done("d", "unchanged", "started 5 s ago", None)], ["b"]),
        ([done("a")], []),
        ([], []),
    ],
)
def test_what_is_left_where_one_has_not_ended(pods: list[dict[str, Any]], left: list[str]) -> None:
    assert pods_left({"pods": pods}) == left


def test_nothing_is_left_of_what_was_not_begun() -> None:
    assert pods_left({"failed": True, "msg": "Deployment cart does not exist."}) == []


def test_the_entries_of_a_workload() -> None:
    decision = {"workload": "Deployment/cart", "strategy": "pod_evict"}
    results = [result("in_place"), result("pod_evict"), {"failed": True, "msg": "no"}]
    entries = entries_of(results, decision)
    assert [entry["strategy"] for entry in entries] == ["in_place", "pod_evict", "pod_evict"]
    assert {entry["workload"] for entry in entries} == {"Deployment/cart"}
    assert entries[2]["result"] == {"failed": True, "msg": "no"}
    (alias,) = entries_of([result("in_place")], decision | {"strategy": "image_alias"})
    assert alias["strategy"] == "image_alias"


def test_that_nothing_was_to_be_done_is_an_entry() -> None:
    decision = {"workload": "Deployment/cart", "strategy": NOTHING, "reason": "it wants none"}
    entries = entries_of([], decision)
    assert [(entry["strategy"], entry["result"]["changed"]) for entry in entries] == [(NOTHING, False)]
    found = run_summary(entries, [decision], ["Deployment/cart"], "shop")
    assert (found["outcome"], found["changed"], found["restarted"]) == ("passed", False, 0)


def test_two_results_as_one() -> None:
    found = joined([result("in_place", done("a"), STUCK), result("pod_evict", done("b"), changed=False)])
    assert found["changed"]
    assert [pod["name"] for pod in found["pods"]] == ["a", "b", "b"]
    assert found["summary"] == {
        "pods": 3,
        "restarted": 2,
        "unchanged": 1,
        "skipped": 0,
        "failed": 0,
        "api_requests": 6,
        "seconds": 2.5,
    }
    assert joined([]) == {"changed": False, "pods": [], "summary": joined([{}])["summary"]}


def decisions(*names: str) -> list[dict[str, Any]]:
    return [{"workload": f"Deployment/{name}", "strategy": "in_place"} for name in names]


def test_the_summary_tells_what_failed_first_and_what_was_not_tried() -> None:
    good, bad, later = decisions("good", "bad", "later")
    entries = [
        *entries_of([result("in_place", done("a")), result("pod_evict", done("b"))], good),
        *entries_of([result("in_place", done("c", "failed"), failed=True, msg="it did not come back")], bad),
    ]
    found = run_summary(entries, [good, bad, later], ["Deployment/good"], "shop")
    assert (found["outcome"], found["namespace"], found["restarted"], found["failed"]) == ("failed", "shop", 2, 1)
    assert [(entry["workload"], entry["outcome"], entry["strategy"]) for entry in found["workloads"]] == [
        ("Deployment/bad", "failed", "in_place"),
        ("Deployment/later", "not tried", "in_place"),
        ("Deployment/good", "passed", "in_place+pod_evict"),
    ]
    assert (found["changed"], found["more_workloads"]) == (True, 0)


def test_the_summary_of_a_run_that_went_well() -> None:
    (good,) = decisions("good")
    entries = entries_of([result("in_place", done("a"))], good)
    assert run_summary(entries, [good], ["Deployment/good"], "shop")["outcome"] == "passed"
    # what a module says is no proof
    assert run_summary(entries, [good], [], "shop")["outcome"] == "failed"


def test_the_summary_of_nothing_is_no_success() -> None:
    assert run_summary([], [], [], "shop")["outcome"] == "failed"


def test_the_summary_is_small() -> None:
    many = decisions(*(f"{'x' * 50}-{n}" for n in range(1000)))
    pods = [done(f"pod-{n}") for n in range(1000)]
    entries = [entry for decision in many for entry in entries_of([result("in_place", *pods)], decision)]
    found = run_summary(entries, many, [], "shop")
    assert (len(found["workloads"]), found["more_workloads"]) == (MOST_WORKLOADS, 900)
    assert found["restarted"] == 1_000_000
    assert len(json.dumps(found)) < 50_000
