# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import jmespath
import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_decision import (
    FALLBACKS,
    NOTHING,
    decide_workload,
)

ACTS = {"name": "app", "in_place": True, "refusal": None, "process": {"pid": 1}}
DEAF = {"name": "deaf", "in_place": False, "refusal": "PID 1 has no handler for SIGTERM", "process": {"pid": 1}}
UNREAD = {"name": "odd", "in_place": False, "refusal": "there is no /bin/sh", "process": None}
SHARED = {"name": "app", "in_place": True, "refusal": None, "process": {"pid": 7}}
ALIAS: dict[str, Any] = {"plan": [{"action": "patch"}]}
NO_ALIAS: dict[str, Any] = {"plan": [], "msg": "node worker has no other name of it"}


def decided(
    *pods: list[dict[str, Any]],
    alias: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
    wanted: int = 1,
    left: str | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The decision on a workload with these pods, given by their containers: a, b, c ..."""
    look = {
        "item": {"kind": "Deployment", "name": "cart"},
        "wanted": wanted,
        "left_at_zero": left,
        "pods": [{"name": chr(ord("a") + n), "containers": list(pod)} for n, pod in enumerate(pods)],
    }
    options = {"fallbacks": ["rollout_restart"], "signal": "TERM", "kill": False} | options
    return decide_workload(look, alias or {}, plan or {}, **options)


def test_all_act_on_the_signal() -> None:
    found = decided([ACTS], [ACTS])
    assert found == {
        "kind": "Deployment",
        "name": "cart",
        "workload": "Deployment/cart",
        "strategy": "in_place",
        "reason": "PID 1 of every container acts on TERM",
        "text": "Deployment/cart: in_place, because PID 1 of every container acts on TERM",
        "in_place": True,
        "replace": [],
        "pod_way": "pod_evict",
        "select": "",
        "pods": 2,
        "containers": 2,
    }


@pytest.mark.parametrize(
    ("action", "strategy"), [("leave", "in_place"), ("skip", "rollout_restart"), ("signal", "rollout_restart")]
)
def test_what_an_earlier_run_has_restarted_is_no_reason_for_another_way(action: str, strategy: str) -> None:
    down = {
        "name": "app",
        "in_place": False,
        "refusal": "it is not running: waiting (CrashLoopBackOff)",
        "process": None,
    }
    plan = {
        "plan": [
            {"pod": "a", "container": "app", "action": action},
            {"pod": "b", "container": "app", "action": "signal"},
        ]
    }
    found = decided([down], [ACTS], plan=plan)
    assert found["strategy"] == strategy
    assert ("but of 1 that the time given leaves alone" in found["reason"]) is (strategy == "in_place")


@pytest.mark.parametrize(
    ("fallbacks", "strategy"),
    [
        (["rollout_restart"], "rollout_restart"),
        (["pod_evict", "rollout_restart"], "pod_evict"),
        (["rollout_restart", "pod_evict"], "rollout_restart"),
        (["pod_delete"], "pod_delete"),
        (["image_alias"], "fail"),
        (["image_alias", "pod_delete"], "pod_delete"),
        (["fail", "rollout_restart"], "fail"),
        ([], "fail"),
    ],
)
def test_the_first_that_is_possible_is_taken(fallbacks: list[str], strategy: str) -> None:
    found = decided([ACTS, DEAF], fallbacks=fallbacks)
    assert found["strategy"] == strategy
    assert found["reason"] == "container deaf: PID 1 has no handler for SIGTERM"


@pytest.mark.parametrize(
    ("fallbacks", "way"),
    [
        ([], "pod_evict"),
        (["rollout_restart", "pod_delete"], "pod_delete"),
        (["pod_evict", "pod_delete"], "pod_evict"),
        (["pod_delete", "pod_evict"], "pod_delete"),
    ],
)
def test_how_pods_are_replaced_that_do_not_end_in_time(fallbacks: list[str], way: str) -> None:
    assert decided([ACTS], fallbacks=fallbacks)["pod_way"] == way


def test_only_some_pods_are_replaced_and_the_others_stay() -> None:
    found = decided([ACTS], [DEAF], [ACTS], [UNREAD, DEAF], fallbacks=["pod_evict"])
    assert (found["in_place"], found["replace"]) == (True, ["b", "d"])
    assert "pod_evict of 2 of 4 pods, and the others in place, because container deaf: " in found["text"]
    chosen = [name for name in "abcd" if jmespath.search(found["select"], {"metadata": {"name": name}})]
    assert chosen == ["a", "c"]


def test_all_pods_are_replaced() -> None:
    found = decided([DEAF], [DEAF], fallbacks=["pod_evict"])
    assert (found["in_place"], found["replace"]) == (False, ["a", "b"])
    assert found["text"] == "Deployment/cart: pod_evict, because container deaf: PID 1 has no handler for SIGTERM"


def test_another_name_of_the_image() -> None:
    found = decided([UNREAD], fallbacks=["image_alias", "rollout_restart"], alias=ALIAS)
    assert (found["strategy"], found["in_place"]) == ("image_alias", True)
    found = decided([UNREAD], fallbacks=["image_alias", "rollout_restart"], alias=NO_ALIAS)
    assert found["strategy"] == "rollout_restart"
    assert found["reason"].endswith("no /bin/sh; image_alias: node worker has no other name of it")


@pytest.mark.parametrize(
    ("fallbacks", "strategy"), [(["rollout_restart"], "rollout_restart"), (["pod_evict"], "fail"), ([], "fail")]
)
def test_a_workload_without_pods(fallbacks: list[str], strategy: str) -> None:
    found = decided(fallbacks=fallbacks)
    assert (found["strategy"], found["reason"], found["in_place"]) == (strategy, "it has no pods", False)


@pytest.mark.parametrize("fallbacks", [["rollout_restart"], []])
def test_a_workload_that_is_scaled_to_0_is_left_as_it_is(fallbacks: list[str]) -> None:
    found = decided(wanted=0, fallbacks=fallbacks)
    assert (found["strategy"], found["in_place"], found["replace"]) == (NOTHING, False, [])
    assert found["reason"] == "it has no pods and wants none, and those that come later are new"


def test_what_a_killed_scale_cycle_has_left_at_0_is_not_well() -> None:
    found = decided(wanted=0, left="an interrupted scale_cycle left it at 0")
    assert (found["strategy"], found["reason"]) == ("fail", "an interrupted scale_cycle left it at 0")


def test_a_pod_that_a_workload_scaled_to_0_still_has_is_restarted() -> None:
    assert decided([ACTS], wanted=0)["strategy"] == "in_place"


def test_what_is_to_be_killed_must_not_be_pid_1() -> None:
    assert decided([SHARED], kill=True)["strategy"] == "in_place"
    found = decided([SHARED], [ACTS], kill=True, fallbacks=["pod_delete"])
    assert (found["strategy"], found["replace"]) == ("pod_delete", ["b"])
    assert found["reason"] == "container app: SIGKILL does not end PID 1"


def test_a_thousand_pods_with_reasons_of_their_own_are_told_shortly() -> None:
    pods = [[DEAF | {"refusal": f"PID 1 is {n}"}] for n in range(1000)]
    found = decided(*pods, fallbacks=["pod_evict"])
    assert found["reason"].endswith("container deaf: PID 1 is 9; and 990 more reasons")
    assert len(json.dumps(found)) < 50_000


def test_every_fallback_can_be_decided_on() -> None:
    for way in FALLBACKS:
        assert decided([UNREAD], fallbacks=[way], alias=ALIAS)["strategy"] == way
