# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report
from ansible_collections.saferestart.k8s.tests.unit.report_samples import BEGAN, in_place, record, rollout


def report(*results: dict[str, Any], check_mode: bool = False, **more: Any) -> dict[str, Any]:
    """The report of these."""
    return make_report(
        list(results), more.pop("records", {}), title="t", who="", why="", check_mode=check_mode, made_at=BEGAN
    )


def test_what_failed_comes_first() -> None:
    made = report(in_place(3), in_place(6, failed=1, unchanged=1, skipped=1, name="front", error="broken"), rollout())
    assert [entry["status"] for entry in made["workloads"]] == ["failed", "restarted", "restarted"]
    assert [pod["outcome"] for pod in made["workloads"][0]["pods"]][:4] == [
        "failed",
        "unchanged",
        "skipped",
        "restarted",
    ]
    assert made["status"] == "failed"
    assert made["totals"] == {
        "workloads": 3,
        "workloads_failed": 1,
        "pods": 11,
        "failed": 1,
        "unchanged": 1,
        "skipped": 1,
        "restarted": 8,
        "reloaded": 0,
        "deleted": 0,
        "longest_away_seconds": 3,
    }


def test_a_container_that_failed_makes_a_failure_of_a_success() -> None:
    assert report(in_place(2, failed=1))["status"] == "failed"


def test_the_timeline_of_a_pod_in_place() -> None:
    (pod,) = report(in_place(1))["workloads"][0]["pods"]
    assert pod["timeline"] == [
        {"at": "2026-01-31T03:00:00Z", "event": "sent", "container": "app"},
        {"at": "2026-01-31T03:00:01Z", "event": "ended", "container": "app"},
        {"at": "2026-01-31T03:00:02Z", "event": "started", "container": "app"},
        {"at": "2026-01-31T03:00:02Z", "event": "ready", "container": "app"},
    ]
    assert (pod["same_pod"], pod["containers"][0]["away_seconds"]) == (True, 1)


def test_the_timeline_of_a_new_pod() -> None:
    entry = report(rollout(1))["workloads"][0]
    old, new = sorted(entry["pods"], key=lambda pod: pod["uid_before"] is None)
    assert old["timeline"] == []
    assert [event["event"] for event in new["timeline"]] == ["created", "started", "ready"]
    assert (new["seconds_to_ready"], entry["away"]) == (4, None)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (report(), "unchanged"),
        (report(in_place(1) | {"changed": False}), "unchanged"),
        (report(in_place(1), check_mode=True), "planned"),
        (report({"possible": True, "plan": [], "reason": "", "changed": False}), "planned"),
        (report({"failed": True, "msg": "no such thing"}), "failed"),
    ],
)
def test_the_status(made: dict[str, Any], status: str) -> None:
    assert made["status"] == status


def test_a_failure_lasts_until_the_run_was_over() -> None:
    (entry,) = report(in_place(5, failed=1, error="broken"))["workloads"]
    assert (entry["began"], entry["ended"]) == ("2026-01-31T03:00:00Z", "2026-01-31T03:00:15Z")
    assert report(in_place(5))["workloads"][0]["ended"] == "2026-01-31T03:00:15Z"


def test_who_and_why_are_what_all_records_say() -> None:
    made = report(record(in_place(1)), record(in_place(1)), in_place(1))
    assert (made["who"], made["why"]) == ("job 17 (deploy), PID 4711 on runner-1", "renewed certificate")
    assert report(record(in_place(1)), record(in_place(1)) | {"who": "another"})["who"] == ""


def test_records_are_read_from_text() -> None:
    made = report(records={"a.json": json.dumps(record(in_place(2), "broken"))})
    assert (made["workloads"][0]["error"], made["ended"]) == ("broken", "2026-01-31T03:05:00Z")


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (in_place(1), "Deployment shop/cart"),
        (in_place(1) | {"workload": None}, "Deployment shop/cart"),
        (
            {"failed": True, "invocation": {"module_args": {"namespace": "shop", "pods": ["a", "b"]}}},
            "Pods shop (a, b)",
        ),
        ({"failed": True}, "Pods "),
        ({**in_place(1), "workload": "Deployment/cart", "invocation": None}, "Deployment shop/cart"),
    ],
)
def test_what_it_was_about(result: dict[str, Any], name: str) -> None:
    assert report(result)["workloads"][0]["workload"] == name


def test_what_to_do_next() -> None:
    entry = report(in_place(5, failed=3, error="broken"))["workloads"][0]
    words = [step["words"] for step in entry["next_steps"]]
    commands = [step["command"] for step in entry["next_steps"]]
    assert len(commands) == 3, "three pods failed for the same reason: one is enough to look at"
    assert commands[0] == "kubectl --namespace shop describe pod cart-5d9c7b8f6-00002"
    assert commands[1].endswith("logs cart-5d9c7b8f6-00002 --container app --tail 50 --previous")
    assert "older_than: 2026-01-31T03:00:00Z only what is left" in words[2]


def test_a_command_cannot_be_made_of_a_name() -> None:
    result = in_place(1, failed=1, error="broken")
    result["pods"][0]["name"] = "x; rm -rf /"
    assert report(result)["workloads"][0]["next_steps"][0]["command"].endswith("describe pod 'x; rm -rf /'")


def test_verdicts_that_are_alike_are_told_once() -> None:
    (verdict,) = report(in_place(40))["workloads"][0]["verdicts"]
    assert (verdict["verdict"], verdict["basis"], len(verdict["pods"])) == ("handled", "measured", 40)
    assert verdict["evidence"] == ["SigCgt 0000000000004000 has SIGTERM", "PID 1 is app"]


@pytest.mark.parametrize("key", ["plan", "pods"])
@pytest.mark.parametrize("value", ["text", [1], {"a": 1}])
def test_what_is_not_as_modules_return_it(key: str, value: object) -> None:
    with pytest.raises(ReportError, match=f"{key} is not a list of dictionaries"):
        report(in_place(1) | {key: value})


def test_the_record_is_json() -> None:
    made = report(in_place(3, failed=1), rollout())
    assert json.loads(json.dumps(made)) == made
