# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.packed_result import packed
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import (
    ReportError,
    from_records,
    require_report,
    sources,
)
from ansible_collections.saferestart.k8s.tests.unit.report_samples import in_place, record, rollout


def test_a_registered_result_tells_what_was_asked_and_no_secret() -> None:
    (source,) = sources(in_place(1))
    assert source.asked == {
        "namespace": "shop",
        "kind": "Deployment",
        "name": "cart",
        "via": "auto",
        "max_unavailable": "25%",
    }
    assert (source.error, source.why) == ("", "")


def test_a_failure_says_why_and_the_reason_is_the_why() -> None:
    result = in_place(2, failed=1, error="broken")
    result["invocation"]["module_args"]["reason"] = "renewed certificate"
    (source,) = sources([result])
    assert (source.error, source.why) == ("broken", "renewed certificate")


def test_a_failure_of_which_nothing_else_is_known() -> None:
    failed = {"failed": True, "invocation": {"module_args": {"kind": "Deployment", "name": "no"}}}
    (source,) = sources([failed])
    assert source.error == "it failed, and does not say why"
    assert source.asked == {"kind": "Deployment", "name": "no"}


def test_the_results_of_a_loop_are_all_there_in_their_order() -> None:
    looped = {"changed": True, "results": [in_place(1), {"skipped": True}, rollout(1)]}
    assert [source.result["strategy"] for source in sources([looped])] == ["in_place", "rollout_restart"]


def test_a_look_is_no_restart() -> None:
    assert sources([{"pods": [], "all_in_place": True, "changed": False}]) == []


@pytest.mark.parametrize("nested", [True, False])
def test_an_entry_of_a_role(nested: bool) -> None:
    result = rollout(1)
    words = {"workload": "Deployment/web", "strategy": "rollout_restart", "reason": "it is deaf"}
    (source,) = sources([words | ({"result": result} if nested else {**result, **words})])
    assert (source.workload, source.decision) == ("Deployment web", "it is deaf")
    assert len(source.result["pods"]) == 2


def test_a_record_tells_who_and_why_and_when() -> None:
    (source,) = sources(record(in_place(1), "broken"))
    assert (source.who, source.why, source.error) == (
        "job 17 (deploy), PID 4711 on runner-1",
        "renewed certificate",
        "broken",
    )
    assert (source.began, source.ended) == ("2026-01-31T03:00:00Z", "2026-01-31T03:05:00Z")
    assert source.asked["signal"] == "TERM"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", "entry 1 is a str"),
        ([in_place(1), 7], "entry 2 is a int"),
        ({"ping": "pong"}, "entry 1 is no result .* it has ping"),
        ({}, "it has no keys"),
        ({"censored": "hidden"}, "entry 1 was hidden by no_log"),
        ({"results": [{"ping": 1}]}, "entry 1, item 1 of its loop"),
    ],
)
def test_what_is_no_result(value: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        sources(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "a.json is no JSON"),
        ("[]", "a.json is no record"),
        ("{}", "no record"),
        ('{"result": 1}', "no record"),
    ],
)
def test_what_is_no_record_is_named(text: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        from_records({"a.json": text})


@pytest.mark.parametrize(
    "entry",
    [
        in_place(1),
        {"results": [in_place(1)]},
        {"workload": "Deployment/web", "result": in_place(1)},
        record(in_place(1)),
    ],
    ids=["result", "loop", "entry of a role", "record"],
)
def test_a_packed_result_that_is_damaged_is_named(entry: dict[str, Any]) -> None:
    damaged = json.loads(json.dumps(entry))
    holder = damaged.get("result") or (damaged.get("results") or [damaged])[0]
    holder["packed"] = packed(in_place(1))["packed"][:-8]
    with pytest.raises(ReportError, match=r"^entry 1.*: what is under packed was not packed by a module"):
        sources(damaged)


def test_a_record_with_a_damaged_result_is_named() -> None:
    text = json.dumps(record(in_place(1) | {"packed": "%"}))
    with pytest.raises(ReportError, match=r"^a\.json: what is under packed was not packed by a module"):
        from_records({"a.json": text})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "no report"),
        ({"schema": "x"}, "no report"),
        ({"schema": "saferestart.k8s.report", "schema_version": 2}, "version 2"),
    ],
)
def test_what_is_no_report(value: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        require_report(value)
