# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pid1_audit import audit


def container(name: str, verdict: str, *, ends: bool, refusal: str | None = None, **more: Any) -> dict[str, Any]:
    """As pid1_info returns it."""
    return {
        "name": name,
        "image": "cart:1",
        "process": {"name": "cart", "command": ["/cart", "--verbose"], "command_exact": True},
        "verdict": verdict,
        "confidence": "certain",
        "reason": f"it is {verdict}",
        "acts": ends,
        "ends": ends,
        "in_place": refusal is None,
        "refusal": refusal,
        **more,
    }


ENDS = container("app", "handled", ends=True)
KILLED = container("app", "default", ends=False, refusal="the kernel drops it")
MOST = "2 of 3 containers are killed after their grace period whenever they are stopped: they do not end on SIGTERM"
UNKNOWN = container("app", "unknown", ends=False, refusal="no shell", process=None)


def judged(**pods: dict[str, Any]) -> dict[str, Any]:
    """The audit of pods that each have a Deployment of their own."""
    found = [{"namespace": "shop", "name": name, "containers": [entry]} for name, entry in pods.items()]
    workloads = [
        {"namespace": "shop", "kind": "Deployment", "name": f"of-{name}", "pods": [{"name": name}]} for name in pods
    ]
    return audit(found, workloads)


def test_a_row_says_whose_it_is_and_what_becomes_of_it() -> None:
    (row,) = judged(a=KILLED)["rows"]
    assert row == {
        "namespace": "shop",
        "workload": "Deployment/of-a",
        "pod": "a",
        "container": "app",
        "image": "cart:1",
        "program": "cart",
        "command": "/cart --verbose",
        "command_exact": True,
        "verdict": "default",
        "confidence": "certain",
        "reason": "it is default",
        "acts": False,
        "stop": "killed",
        "in_place": False,
        "refusal": "the kernel drops it",
        "why": "the kernel drops it",
    }


def test_of_a_program_that_could_not_be_looked_at_nothing_is_known() -> None:
    (row,) = judged(a=UNKNOWN)["rows"]
    assert (row["stop"], row["program"], row["command"], row["command_exact"]) == ("unknown", "", "", True)


def test_what_is_wrong_comes_first_and_what_is_alike_together() -> None:
    seen = judged(b=ENDS, a=KILLED, d=UNKNOWN, c=KILLED, e=container("app", "blocked", ends=False, refusal="blocked"))
    assert [row["pod"] for row in seen["rows"]] == ["a", "b", "c", "d", "e"]
    assert [(entry["stop"], entry["why"], len(entry["rows"])) for entry in seen["findings"]] == [
        ("killed", "the kernel drops it", 2),
        ("killed", "blocked", 1),
        ("unknown", "no shell", 1),
        ("ends", "it is handled", 1),
    ]
    assert seen["totals"] == {"containers": 5, "workloads": 5, "in_place": 1, "killed": 3, "unknown": 1, "ends": 1}


@pytest.mark.parametrize(
    ("pods", "lines"),
    [
        (
            {"a": KILLED, "b": KILLED, "c": ENDS},
            [
                MOST,
                "2 of 3 cannot be restarted in place, 1 can.",
                "0 of 3 are not known.",
            ],
        ),
        (
            {"a": KILLED, "b": UNKNOWN},
            [
                "1 of 2 containers is killed after its grace period whenever it is stopped: it does not end on SIGTERM",
                "2 of 2 cannot be restarted in place, 0 can.",
                "1 of 2 is not known.",
            ],
        ),
        (
            {"a": ENDS},
            [
                "No container is known to be killed after its grace period",
                "0 of 1 cannot be restarted in place, 1 can.",
                "0 of 1 are not known.",
            ],
        ),
        (
            {},
            [
                "No container was looked at",
                "0 of 0 cannot be restarted in place, 0 can.",
                "0 of 0 are not known.",
            ],
        ),
    ],
)
def test_what_somebody_wants_to_know_first(pods: dict[str, dict[str, Any]], lines: list[str]) -> None:
    assert judged(**pods)["headlines"] == lines
