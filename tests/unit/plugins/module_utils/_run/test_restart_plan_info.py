# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that is told is the plan that is carried out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ExecFailed,
    RestartFailed,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_restart import container_restart
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_plan_info import restart_plan_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.inline import Inline
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    OPTIONS,
    expect_exec,
    looking,
)
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("_known_token")


def plan_of(api: FakeApi, **params: Any) -> dict[str, Any]:
    """The module's work on the pods with the label app=cart."""
    return restart_plan_info(api, api.clock, OPTIONS | {"label_selectors": ["app=cart"]} | params, False)


def test_what_is_possible(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking())
    result = plan_of(fake_api)
    assert (result["possible"], result["strategy"], result["reason"]) == (True, "in_place", "")
    assert result["summary"] | {"seconds": 0} == {
        "containers": 1,
        "restarted": 1,
        "left": 0,
        "seconds": 0,
        "api_requests": 2,
    }
    assert not result["changed"]


def test_a_refusal_is_an_answer(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking(caught=""))
    result = plan_of(fake_api)
    assert (result["possible"], result["strategy"]) == (False, "none")
    assert "PID 1 has no handler for SIGTERM" in result["reason"]
    assert (result["summary"]["restarted"], result["summary"]["left"]) == (0, 1)


def test_nothing_left_to_do_is_said(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], label_selector="app=cart")
    result = plan_of(fake_api, older_than="2026-01-01T00:00:00Z")
    assert (result["possible"], result["reason"]) == (False, "There is no container that would be restarted.")


def test_wrong_options_are_errors(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="max_failures"):
        plan_of(fake_api, max_failures=-1)


#: What PID 1 may be seen to be.
PROGRAMS = st.sampled_from(
    [
        {"caught": "TERM"},
        {"caught": ""},
        {"caught": "HUP"},
        {"caught": "", "blocked": "TERM"},
        {"name": "node", "caught": "TERM", "command": "node app.js"},
        {"name": "nginx", "caught": "TERM HUP", "command": "nginx"},
    ]
)
CONTAINERS = st.fixed_dictionaries(
    {
        "restarts": st.integers(0, 3),
        "started": st.sampled_from(["2026-01-02T03:00:00Z", "2026-01-02T03:03:00Z"]),
        "facts": PROGRAMS,
    }
)
CHOICES = st.fixed_dictionaries(
    {
        "on_refused": st.sampled_from(["fail", "skip"]),
        "force": st.booleans(),
        "unknown": st.sampled_from(["refuse", "try"]),
        "on_backoff": st.sampled_from(["proceed", "skip", "fail"]),
        "older_than": st.sampled_from([None, "2026-01-02T03:01:00Z"]),
        "max_unavailable": st.sampled_from([None, "2"]),
    }
)


def expect_pods(api: FakeApi, entries: list[dict[str, Any]], due: list[bool]) -> None:
    """The pods, with what is looked at: a container that is young enough is not."""
    pods = []
    for number, entry in enumerate(entries):
        state = {"running": {"startedAt": entry["started"]}}
        status = container("app", entry["restarts"], imageID=f"cart@sha256:{number}", state=state)
        pods.append(pod(f"cart-{number}", containers=[status]))
    api.ordered = False
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for number, entry in enumerate(entries):
        if due[number]:
            # One that is blocked is looked at twice: it may have been in the middle of a fork.
            for _again in range(2 if entry["facts"].get("blocked") else 1):
                expect_exec(api, f"cart-{number}", looking(**entry["facts"]))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(CONTAINERS, min_size=1, max_size=4), CHOICES)
def test_a_run_does_what_the_plan_says_and_nothing_else(entries: list[dict[str, Any]], choices: dict[str, Any]) -> None:
    old = [entry["started"] < "2026-01-02T03:01:00Z" for entry in entries]
    due = old if choices["older_than"] else [True] * len(entries)
    options = OPTIONS | {"label_selectors": ["app=cart"], "max_failures": 99} | choices
    with FakeApi() as told:
        expect_pods(told, entries, due)
        plan = restart_plan_info(told, told.clock, options, False)
    with FakeApi() as real:
        expect_pods(real, entries, due)
        for entry in plan["plan"]:
            if plan["possible"] and entry["action"] == "signal":
                expect_exec(real, entry["pod"], ExecFailed("the node is busy"))
        try:
            result = container_restart(real, real.clock, options, False, lambda: Inline(real.clock))
        except RestartFailed as error:
            result = error.result
    assert result["plan"] == plan["plan"]
