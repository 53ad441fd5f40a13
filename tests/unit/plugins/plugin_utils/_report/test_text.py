# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.text import to_lines, to_markdown
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report
from ansible_collections.saferestart.k8s.tests.unit.report_samples import BEGAN, in_place, rollout


def report(*results: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    """The report of these."""
    return make_report(
        list(results), {}, title="CHG-1", who="alice", why="new key", check_mode=check_mode, made_at=BEGAN
    )


def test_markdown() -> None:
    lines = to_markdown(report(in_place(2, failed=1, error="broken\nlast words"), rollout(1))).splitlines()
    assert lines[:3] == [
        "## ✕ 1 of 2 workloads failed",
        "",
        "**CHG-1** · why: new key · by: alice · 2026-01-31 03:00:00 UTC · took 6 s",
    ]
    assert lines.index("### ✕ Deployment shop/cart") < lines.index("> broken") < lines.index("> last words")
    assert "1. See why app of Pod cart-5d9c7b8f6-00001 is not well: `kubectl --namespace shop describe pod" in "".join(
        lines
    )
    table = [line for line in lines if line.startswith("| Deployment")]
    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in table] == [
        ["Deployment shop/cart", "failed", "in place", "1 failed, 1 restarted", "1 s", "6 s"],
        ["Deployment shop/web", "restarted", "rollout restart", "1 restarted", "", "7.41 s"],
    ]


def test_of_pods_that_were_replaced_the_old_one_and_the_new_one_are_told_apart() -> None:
    lines = to_markdown(report(rollout(1), in_place(1))).splitlines()
    rows = [line.split("|")[1:3] for line in lines if "/app" in line]
    assert [cells[1].strip() for cells in rows] == ["restarted, old pod", "restarted, new pod", "restarted"]


def test_of_many_pods_it_stays_short() -> None:
    text = to_markdown(report(in_place(500, failed=40, error="broken")))
    assert len(text) < 5000
    assert "500 of them: the page and the JSON record have them all." in text
    assert "and 35 more" in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>", "&lt;script&gt;"),
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("[a](javascript:b)", "\\[a\\](javascript:b)"),
        ("@everyone", "&#64;everyone"),
        ("x@sha256:1", "x@sha256:1"),
        ("a_b", "a_b"),
        ("_a_", "\\_a\\_"),
        ("two\nlines", "two\\\\nlines"),
        ("\u202egnp", "\\\\u202egnp"),
    ],
)
def test_a_name_is_no_markup(name: str, shown: str) -> None:
    result = in_place(1, failed=1, error="broken")
    result["pods"][0]["containers"][0]["reason"] = name
    assert f"- cart-5d9c7b8f6-00000/app: {shown}\n" in to_markdown(report(result))


def test_a_command_is_code_whatever_is_in_it() -> None:
    result = in_place(1, failed=1, error="broken")
    result["pods"][0]["name"] = "a``b"
    assert "``` kubectl --namespace shop describe pod 'a``b' ```" in to_markdown(report(result))


def test_the_plan_is_a_table() -> None:
    result = in_place(3, skipped=3)
    result["plan"][1] |= {"action": "skip", "via": None, "reason": "it has a preStop hook"}
    result["plan"][2] |= {"gates": [{"gate": "registry", "level": "warn", "reason": "Always"}], "back_off_seconds": 10}
    lines = to_lines(report(result, rollout(1), check_mode=True))
    assert lines[:2] == [
        "Plan: nothing was restarted yet",
        "WORKLOAD              ACTION         FOR                       WHY",
    ]
    assert [line.split("  ")[-1].strip() for line in lines[2:]] == [
        "PID 1 has a handler for SIGTERM",
        "it has a preStop hook",
        "PID 1 has a handler for SIGTERM; registry: Always; back-off of about 10 s: it has not been restarted yet",
        "its controller replaces all pods, update strategy RollingUpdate",
    ]
    assert lines[3].startswith("Deployment shop/cart  skip           cart-5d9c7b8f6-00001/app  it has")


def test_a_back_off_that_is_the_reason_is_told_once() -> None:
    result = in_place(1, skipped=1)
    why = "it ended 5 s ago"
    result["plan"][0] |= {"reason": f"{why}; on_backoff is skip", "back_off_seconds": 10, "back_off_reason": why}
    assert to_lines(report(result, check_mode=True))[2].endswith("it ended 5 s ago; on_backoff is skip")


def test_a_plan_as_markdown_is_a_table_too() -> None:
    text = to_markdown(report(in_place(30, skipped=30), check_mode=True))
    assert "| Deployment shop/cart | signal (exec) | 30 containers | PID 1 has a handler for SIGTERM |" in text


def test_outcomes_are_a_table() -> None:
    lines = to_lines(report(in_place(2, failed=1, error="broken\n\x1b[31mred")))
    assert lines[0] == "Deployment shop/cart failed"
    assert lines[2].split("  ")[0] == "Deployment shop/cart"
    assert lines[-2:] == ["Deployment shop/cart: broken", "Deployment shop/cart: \\x1b[31mred"]
