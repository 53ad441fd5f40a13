# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.restart_report import FilterModule, restart_report
from ansible_collections.saferestart.k8s.plugins.filter.restart_report_html import FilterModule as Html
from ansible_collections.saferestart.k8s.plugins.filter.restart_report_markdown import FilterModule as Markdown
from ansible_collections.saferestart.k8s.plugins.filter.restart_report_text import FilterModule as Text
from ansible_collections.saferestart.k8s.tests.unit.report_samples import in_place


def test_a_result_becomes_a_report_and_that_is_shown_in_three_ways() -> None:
    report = FilterModule().filters()["restart_report"]([in_place(2)], made_at="2026-01-31T03:00:00Z")
    assert report["made_at"] == "2026-01-31T03:00:00Z"
    assert Html().filters()["restart_report_html"](report).startswith("<!DOCTYPE html>")
    assert Markdown().filters()["restart_report_markdown"](report).startswith("## ✓ 2 containers restarted")
    assert Text().filters()["restart_report_text"](report)[0] == "2 containers restarted, and none failed"


def test_it_is_made_now() -> None:
    assert restart_report([])["made_at"] > "2026"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"made_at": "yesterday"}, "made_at is 'yesterday'"),
        ({"records": ["a"]}, "records is a list"),
        ({"records": {"a.json": "{"}}, "a.json is no JSON"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"restart_report: {message}"):
        restart_report([], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("filters", [Html(), Markdown(), Text()])
def test_what_is_no_report(filters: Html | Markdown | Text) -> None:
    ((name, call),) = filters.filters().items()
    with pytest.raises(AnsibleFilterError, match=f"{name}: this is no report"):
        call([])
