# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report import words
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report
from ansible_collections.saferestart.k8s.tests.unit.report_samples import BEGAN, in_place, rollout


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, ""),
        (0, "0 s"),
        (1.5, "1.5 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3723, "1 h 2 min"),
        ("x", ""),
    ],
)
def test_spans(value: object, text: str) -> None:
    assert words.seconds(value) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("8a7d0d5e-62d0", "8a7d0d5e-62d0", "8a7d0d5e kept"),
        ("8a7d0d5e-62d0", "41dd0a43-5b0e", "8a7d0d5e → 41dd0a43"),
        (None, "41dd0a43-5b0e", "none → 41dd0a43"),
        (None, None, ""),
        ("containerd://5c1c6d6c5f3c0000", "containerd://0a92f1d44e5b0000", "5c1c6d6c → 0a92f1d4"),
        (0, 1, "0 → 1"),
    ],
)
def test_before_and_after(before: object, after: object, text: str) -> None:
    assert words.changed(before, after) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(["a", "b"], "a, b"), (True, "true"), (30, "30"), ({"node": "refuse", "env": "warn"}, "node: refuse, env: warn")],
)
def test_options(value: object, text: str) -> None:
    assert words.option(value) == text


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([in_place(8, at_a_time=2)], "8 containers restarted, and none failed"),
        ([in_place(1)], "1 container restarted, and none failed"),
        ([in_place(2, failed=1)], "Deployment shop/cart failed"),
        ([in_place(2, failed=1), rollout()], "1 of 2 workloads failed"),
        ([in_place(1) | {"changed": False}], "Nothing had to be restarted"),
        ([], "Nothing was restarted: there is no result"),
    ],
)
def test_the_headline(results: list[dict[str, object]], text: str) -> None:
    report = make_report(results, {}, title="", who="", why="", check_mode=False, made_at=BEGAN)
    assert words.headline(report) == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (in_place(1), "The pod was away for 1 s."),
        (
            in_place(8, at_a_time=2),
            "Away at a time: at most 2 of 8 pods, the longest for 3 s. At no moment were all of them away.",
        ),
        (
            in_place(3, at_a_time=3),
            "Away at a time: at most 3 of 3 pods, the longest for 3 s. For 1 s none of them was there.",
        ),
        (in_place(2, failed=1), "Away at a time: at most 1 of 2 pods, the longest for 1 s."),
        (rollout(), ""),
        (rollout() | {"summary": {"downtime_seconds": 70}}, "For 1 min 10 s no pod was Ready."),
    ],
)
def test_what_the_service_lost(result: dict[str, object], text: str) -> None:
    report = make_report([result], {}, title="", who="", why="", check_mode=False, made_at=BEGAN)
    assert words.away_words(report["workloads"][0]) == text
