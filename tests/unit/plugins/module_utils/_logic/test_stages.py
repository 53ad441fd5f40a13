# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.staged_restart import FilterModule
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stages import (
    fixed_time,
    plan_stages,
    staged_summary,
)

DATA: dict[str, Any] = {"name": "data", "workloads": ["sts/db"]}
WEB: dict[str, Any] = {"name": "web", "workloads": "deployment/cart, deployment/front\n"}
NO_GATE = {"wait_seconds": 0, "url": "", "status": 200, "contains": "", "timeout": 300}


def test_stages_are_completed() -> None:
    stages, faults = plan_stages([DATA, WEB | {"namespace": "edge", "gate": {"wait_seconds": "5"}}], "shop")
    assert faults == []
    assert stages == [
        {
            "name": "data",
            "namespace": "shop",
            "workloads": ["sts/db"],
            "gate": NO_GATE,
            "done": False,
            "text": "1. data: sts/db",
        },
        {
            "name": "web",
            "namespace": "edge",
            "workloads": ["deployment/cart", "deployment/front"],
            "gate": NO_GATE | {"wait_seconds": 5},
            "done": False,
            "text": "2. web: deployment/cart, deployment/front",
        },
    ]


def test_a_gate_asks_a_url() -> None:
    gate = {"url": "http://shop.example.com", "status": 204, "contains": "", "timeout": 60}
    (stage,), faults = plan_stages([DATA | {"gate": gate}], "shop")
    assert faults == []
    assert stage["gate"] == gate | {"wait_seconds": 0}


@pytest.mark.parametrize(("start", "done"), [("", [False, False]), ("data", [False, False]), ("web", [True, False])])
def test_where_to_begin(start: str, done: list[bool]) -> None:
    stages, faults = plan_stages([DATA, WEB], "shop", start)
    assert faults == []
    assert [stage["done"] for stage in stages] == done


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        (None, "stages have to be a list"),
        ([], "stages have to be a list"),
        ({"data": ["sts/db"]}, "stages have to be a list"),
        (["sts/db"], "stage 1 is no mapping with a name and workloads"),
        ([{"workloads": ["sts/db"]}], "stage 1 has no name"),
        ([{"name": "data"}], "stage 1 (data) has no workloads"),
        ([DATA | {"workloads": " , "}], "stage 1 (data) has no workloads"),
        ([DATA, WEB | {"workloads": ["cart", "sts/db"]}], "stage 2 (web) has workloads that are not kind/name: cart"),
        ([DATA | {"workload": "sts/db"}], "stage 1 (data) has workload; there are name, workloads, namespace, gate"),
        ([DATA, DATA], "there is more than one stage data"),
        ([DATA | {"gate": 30}], "stage 1 (data) has a gate that is no mapping"),
        ([DATA | {"gate": {"wait": 30}}], "stage 1 (data) has in its gate wait; there are wait_seconds, url"),
        ([DATA | {"gate": {"wait_seconds": "long"}}], "has in its gate wait_seconds 'long', which is no whole number"),
        ([DATA | {"gate": {"timeout": True}}], "has in its gate timeout True, which is no whole number"),
        ([DATA | {"gate": {"timeout": 0}}], "has in its gate timeout 0, which is no whole number from 1 to 86400"),
        (
            [DATA | {"gate": {"timeout": 999999}}],
            "has in its gate timeout 999999, which is no whole number from 1 to 86400",
        ),
        ([DATA | {"gate": {"timeout": [60]}}], "has in its gate timeout [60], which is no whole number"),
        ([DATA | {"gate": {"wait_seconds": 86401}}], "wait_seconds 86401, which is no whole number from 0 to 86400"),
        ([DATA | {"gate": {"url": "http://x", "status": 20}}], "status 20, which is no whole number from 100 to 599"),
        (
            [DATA | {"gate": {"url": "http://x", "contains": 42}}],
            "stage 1 (data) has in its gate a contains that is no text",
        ),
        ([DATA | {"gate": {"url": "http://x", "contains": ["a"]}}], "has in its gate a contains that is no text"),
        ([DATA | {"gate": {"url": 5}}], "has in its gate a url that is no text"),
        ([DATA | {"gate": {"url": "http://"}}], "a url that is no http:// or https:// URL with a host"),
        ([DATA | {"gate": {"url": "shop.example.com"}}], "a url that is no http:// or https:// URL with a host"),
        ([DATA | {"name": 7}], "stage 1 (7) has the name 7, which is no text"),
        ([DATA | {"namespace": ["shop"]}], "has the namespace ['shop'], which is no text"),
        ([DATA | {"namespace": "Shop"}], "has the namespace 'Shop', which is no name of one"),
        ([DATA | {"workloads": {"sts": "db"}}], "has workloads that are a mapping"),
        ([DATA | {"workloads": "pod/db"}], "has workloads that are not kind/name: pod/db; the kinds are deployment, "),
        (
            [DATA | {"workloads": "statefulset.apps.kruise.io/db"}],
            "has workloads that are not kind/name: statefulset.apps.kruise.io/db; the kinds are ",
        ),
        ([DATA | {"workloads": "statefulset.apps.kruise.io/db"}], "daemonsets, ds, all of the API group apps"),
        ([DATA | {"gate": {"contains": "ok"}}], "stage 1 (data) has in its gate contains, and no url that is asked"),
    ],
)
def test_a_fault_names_its_stage(stages: Any, words: str) -> None:
    _stages, (fault,) = plan_stages(stages, "shop")
    assert words in fault


def test_a_stage_needs_a_namespace() -> None:
    _stages, faults = plan_stages([DATA, WEB | {"namespace": "edge"}], "")
    assert faults == ["stage 1 (data) has no namespace, and there is none for all stages"]


def test_a_stage_that_is_not_there_is_no_place_to_begin() -> None:
    _stages, faults = plan_stages([DATA, WEB], "shop", "wbe")
    assert faults == ["there is no stage wbe to begin with, there are data, web"]


def test_a_url_is_not_shown() -> None:
    _stages, (fault,) = plan_stages([DATA | {"gate": {"url": "ftp://user:hunter2@x"}}], "shop")
    assert "hunter2" not in fault


def report(stage: str, outcome: str) -> dict[str, Any]:
    return {"stage": stage, "outcome": outcome, "restarted": 2}


def test_the_summary_of_a_run_that_stopped() -> None:
    stages, _faults = plan_stages([DATA, WEB, DATA | {"name": "edge"}], "shop")
    found = staged_summary(stages, [report("data", "passed"), report("web", "failed")])
    assert (found["outcome"], found["failed_stage"], found["not_tried"]) == ("failed", "web", ["edge"])
    assert found["stages"][1] == report("web", "failed")


def test_the_summary_of_a_run_that_went_on() -> None:
    stages, _faults = plan_stages([DATA, WEB], "shop", "web")
    found = staged_summary(stages, [report("web", "passed")])
    assert (found["outcome"], found["failed_stage"], found["not_tried"]) == ("passed", "", [])
    assert found["stages"][0] == {"stage": "data", "outcome": "done before"}


def test_the_summary_of_a_run_that_was_stopped_from_outside_is_no_success() -> None:
    stages, _faults = plan_stages([DATA, WEB], "shop")
    assert staged_summary(stages, [report("data", "passed")])["outcome"] == "failed"


def test_a_duration_means_one_time_for_all_stages_and_for_the_run_that_goes_on() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert fixed_time("2h30m", now) == "2026-01-31T09:30:00Z"
    assert fixed_time("2026-01-31T04:00:00+01:00", now) == "2026-01-31T03:00:00Z"
    assert fixed_time(fixed_time("1d", now), datetime(2026, 2, 9, tzinfo=UTC)) == fixed_time("1d", now)
    assert fixed_time("", now) == ""


def test_the_filters() -> None:
    filters = FilterModule().filters()
    assert filters["restart_since"]("2026-01-31T03:00:00Z") == "2026-01-31T03:00:00Z"
    with pytest.raises(AnsibleFilterError, match="restart_since: older_than: 'soon' is neither"):
        filters["restart_since"]("soon")
    assert filters["restart_stages"]([DATA], "shop")["faults"] == []
    assert filters["restart_stages"]("- {name: data, workloads: sts/db}", "shop")["stages"][0]["workloads"] == [
        "sts/db"
    ]
    (fault,) = filters["restart_stages"]("- name: [data", "shop")["faults"]
    assert fault.startswith("it is no YAML: while parsing a flow sequence")
    assert filters["restart_stages_summary"]([], [])["outcome"] == "passed"
