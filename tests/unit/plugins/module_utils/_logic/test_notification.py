# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.notification import MOST_CHARACTERS, notification
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_results import run_summary
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stages import plan_stages, staged_summary

NOW = "2026-01-31T03:00:00Z"
ROLES = ("safe_restart", "staged_restart", "fleet_restart")
DECISIONS = [
    {"workload": "Deployment/cart", "strategy": "in_place"},
    {"workload": "StatefulSet/db", "strategy": "in_place"},
]
ENTRIES = [
    {
        "workload": "Deployment/cart",
        "strategy": "in_place",
        "result": {"changed": True, "summary": {"pods": 2, "restarted": 2, "seconds": 1.25}},
    }
]
FLEET = {"restarted": ["a", "b"], "unchanged": [], "failed": ["c"], "not_tried": ["d"], "reasons": {"c": "no"}}


def tell(summary: dict[str, Any], role: str, event: str, **about: str) -> dict[str, Any]:
    return notification(summary, role, event, about, NOW)


@pytest.mark.parametrize("role", ROLES)
def test_the_keys_are_the_same_for_every_event(role: str) -> None:
    nothing = tell({}, role, "")
    summary = FLEET if role == "fleet_restart" else run_summary(ENTRIES, DECISIONS, [], "shop")
    for event in ("started", "finished", "failed"):
        told = tell(summary, role, event)
        assert told.keys() == nothing.keys()
        assert told["counts"].keys() == nothing["counts"].keys()
        assert (told["event"], told["role"], told["time"]) == (event, role, NOW)
    assert nothing["text"] == ""


def test_at_the_begin_nothing_has_failed() -> None:
    told = tell(run_summary([], DECISIONS, [], "shop"), "safe_restart", "started", namespace="shop", error="none yet")
    assert told["outcome"] == told["error"] == ""
    assert not told["changed"]
    assert told["workloads"] == DECISIONS
    assert told["text"] == "Restart of Deployment/cart, StatefulSet/db in shop has begun."


def test_what_was_done() -> None:
    summary = run_summary(ENTRIES, DECISIONS[:1], ["Deployment/cart"], "shop")
    told = tell(summary, "safe_restart", "finished", namespace="shop", cluster="prod", reason="CHG-1", error="old")
    assert (told["outcome"], told["error"], told["changed"], told["seconds"]) == ("passed", "", True, 1.25)
    assert told["counts"] == {"pods": 2, "restarted": 2, "unchanged": 0, "skipped": 0, "failed": 0}
    assert told["workloads"][0]["outcome"] == "passed"
    assert told["text"] == (
        "Restart of Deployment/cart in shop in prod is done (CHG-1); containers restarted: 2, unchanged: 0, 1.25 s."
    )


def test_what_went_wrong() -> None:
    summary = run_summary(ENTRIES, DECISIONS, ["Deployment/cart"], "shop")
    told = tell(summary, "safe_restart", "failed", namespace="shop", error=" is locked ")
    assert (told["outcome"], told["error"]) == ("failed", "is locked")
    assert told["text"] == (
        "Restart of StatefulSet/db, Deployment/cart in shop FAILED: is locked "
        "(containers restarted: 2, unchanged: 0, 1.25 s)"
    )
    assert "FAILED: see the output" in tell({}, "safe_restart", "failed")["text"]


def test_an_error_is_cut_off() -> None:
    error = tell({}, "safe_restart", "failed", error="x" * 5000)["error"]
    assert len(error) == MOST_CHARACTERS
    assert error.endswith("x...")


def test_stages_are_told_together() -> None:
    stages, faults = plan_stages([{"name": name, "workloads": f"sts/{name}"} for name in ("db", "web")], "shop")
    assert faults == []
    begun = tell(staged_summary(stages, []), "staged_restart", "started", namespace="shop")
    assert begun["stages"] == [{"stage": "db"}, {"stage": "web"}]
    assert begun["text"] == "Restart of the stages db, web in shop has begun."
    report = {"stage": "db", "namespace": "shop", "outcome": "failed", "changed": True, "restarted": 2, "seconds": 3}
    told = tell(staged_summary(stages, [report]), "staged_restart", "failed", namespace="shop", error="not Ready")
    assert told["stages"][0] == {"stage": "db", "namespace": "shop", "outcome": "failed", "restarted": 2}
    assert told["stages"][1] == {"stage": "web", "outcome": "not tried"}
    assert (told["changed"], told["counts"]["restarted"], told["seconds"]) == (True, 2, 3)


def test_a_fleet_is_counted_in_clusters() -> None:
    told = tell(FLEET, "fleet_restart", "failed", namespace="shop", error="c: no")
    assert told["counts"] == {"restarted": 2, "unchanged": 0, "failed": 1, "not_tried": 1}
    assert told["clusters"] == {name: FLEET[name] for name in ("restarted", "unchanged", "failed", "not_tried")}
    assert told["changed"]
    assert told["text"] == (
        "Restart of the fleet of 4 clusters in shop FAILED: c: no (restarted: 2, unchanged: 0, failed: 1, not tried: 1)"
    )
