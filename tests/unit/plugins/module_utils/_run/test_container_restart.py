# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    STARTED,
    acting,
    asking,
    at,
    expect_exec,
    expect_in_vain,
    expect_watch,
    failed_run,
    looking,
    modified,
    only,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

# It works.


def test_the_proof(signalled: FakeApi) -> None:
    expect_watch(
        signalled,
        "cart-1",
        modified(at(0, ready=False, state=ENDED)),
        2.5,
        modified(at(1, ready=False, state=STARTED, lastState=ENDED)),
        1.0,
        restarted(),
    )
    result = run(signalled)
    assert result == {
        "changed": True,
        "strategy": "in_place",
        "workload": None,
        "plan": [
            {
                "pod": "cart-1",
                "container": "app",
                "action": "signal",
                "via": "exec",
                "verdict": "handled",
                "budget": "none",
                "reason": "PID 1 has a handler for SIGTERM",
                "basis": "forecast",
                "back_off_seconds": 0,
                "back_off_bounds": [0, 0],
                "back_off_reason": "it has not been restarted yet",
                "gates": [],
            }
        ],
        "pods": [
            {
                "namespace": "shop",
                "name": "cart-1",
                "node": "worker",
                "uid_before": "uid-cart-1",
                "uid_after": "uid-cart-1",
                "ip_before": "10.0.0.1",
                "ip_after": "10.0.0.1",
                "created_at": None,
                "containers": [
                    {
                        "name": "app",
                        "outcome": "restarted",
                        "reason": "a new instance of the container is Ready",
                        "via": "exec",
                        "basis": "measured",
                        "verdict": "handled",
                        "confidence": "likely",
                        "evidence": ["SigCgt 0000000000004000 has SIGTERM"],
                        "container_id_before": "containerd://app-0",
                        "container_id_after": "containerd://app-1",
                        "restart_count_before": 0,
                        "restart_count_after": 1,
                        "exit_code": 143,
                        "exit_reason": "Error",
                        "downtime_seconds": 2.0,
                        "seconds": 3.5,
                        "sent_at": "2026-01-02T03:04:05Z",
                        "ended_at": "2026-01-02T03:04:06Z",
                        "started_at": "2026-01-02T03:04:08Z",
                        "ready_at": None,
                    }
                ],
            }
        ],
        "summary": {
            "pods": 1,
            "restarted": 1,
            "unchanged": 0,
            "skipped": 0,
            "failed": 0,
            "seconds": 3.5,
            "api_requests": 3,
        },
        "warnings": [],
    }


def test_a_workload_is_named_in_the_result(fake_api: FakeApi) -> None:
    owner = workload("Deployment")
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", owner)
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1", owner)], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking())
    assert run(fake_api, kind="Deployment", name="cart", check_mode=True)["workload"] == {
        "api_version": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "cart",
        "uid": "uid-cart",
    }


def test_another_signal_is_judged_and_sent(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking(caught="QUIT"))
    expect_exec(one, "cart-1", acting("sending 3", signal=3, caught="QUIT"))
    expect_watch(one, "cart-1", restarted())
    assert run(one, signal="quit")["changed"]


def test_a_watch_that_expires_in_the_middle_begins_anew(signalled: FakeApi) -> None:
    expect_watch(signalled, "cart-1", modified(at(0, ready=False, state=ENDED)), 5.0, WatchExpired("too old", 410))
    signalled.expect_list(POD, NAMESPACE, [at(1, state=STARTED)], field_selector="metadata.name=cart-1")
    assert run(signalled)["summary"]["restarted"] == 1


def test_the_kill_that_returned_is_no_proof(looked: FakeApi) -> None:
    expect_exec(looked, "cart-1", acting("sending 15", "sent 0"))
    expect_in_vain(looked, at(0))
    expect_exec(looked, "cart-1", looking(state="S (sleeping)"))
    message, result = failed_run(looked)
    assert (only(result)["outcome"], only(result)["basis"]) == ("unchanged", "measured")
    assert message == (
        "Not restarted, container app of Pod shop/cart-1: the signal was sent, and it did not end within 30 s: "
        "PID 1 took SIGTERM and still runs: state S (sleeping), it is slow to shut down, or its handler does something "
        "else; a longer grace_seconds may help."
    )
    assert result["changed"]
    assert looked.clock.monotonic() == 1030


def test_a_session_cut_after_the_signal_was_handed_over_is_followed(looked: FakeApi) -> None:
    expect_exec(looked, "cart-1", acting())
    expect_watch(looked, "cart-1", restarted())
    assert only(run(looked))["outcome"] == "restarted"


def test_a_session_cut_too_early_to_know_says_so(looked: FakeApi) -> None:
    expect_exec(looked, "cart-1", acting())
    expect_in_vain(looked, at(0))
    expect_exec(looked, "cart-1", looking())
    words = "the session was cut off, the signal may not have been sent, and it did not end within 30 s"
    assert words in failed_run(looked)[0]


# Nothing is sent: no session that could signal is opened, or it is left before the answer.


def test_refused(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking(caught="HUP"))
    message, result = failed_run(one)
    assert message.startswith(
        "Nothing was sent, 1 of 1 containers cannot be restarted in place: container app of Pod shop/cart-1: "
        "PID 1 has no handler for SIGTERM"
    )
    assert not result["changed"]
    assert result["plan"][0]["action"] == "skip"
    assert only(result)["outcome"] == "skipped"


def test_refused_and_skipped(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking(caught="HUP"))
    result = run(one, on_refused="skip")
    assert not result["changed"]
    assert result["summary"] | {"seconds": 0} == {
        "pods": 1,
        "restarted": 0,
        "unchanged": 0,
        "skipped": 1,
        "failed": 0,
        "seconds": 0,
        "api_requests": 2,
    }


@pytest.mark.parametrize("caught", ["TERM", "HUP"])
def test_check_mode_looks_and_plans(one: FakeApi, caught: str) -> None:
    expect_exec(one, "cart-1", looking(caught=caught))
    result = run(one, check_mode=True, on_refused="skip")
    assert result["changed"] is (caught == "TERM")
    assert result["plan"][0]["action"] == ("signal" if caught == "TERM" else "skip")
    assert only(result)["outcome"] == "skipped"


def test_force_sends_whatever_the_verdict_is(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking(caught=""))
    expect_exec(one, "cart-1", acting("sending 15", force=True, caught=""))
    expect_in_vain(one, at(0))
    expect_exec(one, "cart-1", looking(caught=""))
    _message, result = failed_run(one, force=True)
    assert only(result)["outcome"] == "unchanged"
    assert only(result)["verdict"] == "default"


def test_force_does_not_reach_what_would_be_harmed(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1", spec={"hostPID": True})], field_selector="metadata.name=cart-1")
    assert "hostPID" in failed_run(fake_api, force=True)[0]


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (asking(age=9), "the container has restarted since the pod's status was read, run again"),
        (asking(caught="HUP"), "PID 1 has no handler for SIGTERM"),
        (acting("left"), "PID 1 changed between the look and the signal (left)"),
        (acting("sending 15", "sent 1"), "the shell's kill failed with 1"),
        (NotFound("no such pod", 404), "no such pod"),
    ],
    ids=[
        "restarted before the status said so",
        "handler gone",
        "left",
        "kill failed",
        "pod gone",
    ],
)
def test_what_changed_between_the_look_and_the_signal(
    looked: FakeApi, session: FakeExec | Exception, words: str
) -> None:
    expect_exec(looked, "cart-1", session)
    message, result = failed_run(looked)
    assert f": nothing was sent: {words}" in message
    assert (only(result)["outcome"], only(result)["via"]) == ("failed", None)
    assert not result["changed"]


MOMENTS = pytest.mark.parametrize(
    ("moment", "words"),
    [
        (lambda: asking(caught="", blocked="TERM"), "PID 1 blocks SIGTERM"),
        (lambda: acting("changed"), "PID 1 changed between the look and the signal (changed)"),
    ],
    ids=["blocked", "changed"],
)


@MOMENTS
def test_what_is_for_a_moment_is_tried_once_more(looked: FakeApi, moment: Callable[[], FakeExec], words: str) -> None:
    assert words
    expect_exec(looked, "cart-1", moment())
    expect_exec(looked, "cart-1", acting("sending 15"))
    expect_watch(looked, "cart-1", restarted())
    assert only(run(looked))["outcome"] == "restarted"


@MOMENTS
def test_what_is_not_for_a_moment_is_not_signalled(looked: FakeApi, moment: Callable[[], FakeExec], words: str) -> None:
    for _ in range(2):
        expect_exec(looked, "cart-1", moment())
    message, result = failed_run(looked)
    assert f": nothing was sent: {words}" in message
    assert not result["changed"]


def test_a_blocked_signal_is_forced_in_the_first_session(one: FakeApi) -> None:
    for _ in range(2):
        expect_exec(one, "cart-1", looking(caught="", blocked="TERM"))
    expect_exec(one, "cart-1", acting("sending 15", force=True, caught="", blocked="TERM"))
    expect_watch(one, "cart-1", restarted())
    assert only(run(one, force=True))["verdict"] == "blocked"


def test_a_pod_that_was_ready_has_to_be_again(signalled: FakeApi) -> None:
    waiting = pod("cart-1", ready=False, containers=[container("app", 1, state=STARTED, lastState=ENDED)])
    expect_watch(signalled, "cart-1", modified(waiting), 7.0, restarted())
    assert only(run(signalled))["seconds"] == 7


def test_a_pod_that_was_not_ready_does_not_have_to_be(fake_api: FakeApi) -> None:
    def gated(restarts: int) -> JsonObject:
        return pod("cart-1", ready=False, containers=[container("app", restarts)])

    fake_api.expect_list(POD, NAMESPACE, [gated(0)], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch(fake_api, "cart-1", modified(gated(1)))
    assert only(run(fake_api))["outcome"] == "restarted"


@pytest.mark.parametrize("status", [401, 403])
def test_no_permission_for_exec_ends_it_at_once(one: FakeApi, status: int) -> None:
    expect_exec(one, "cart-1", ApiError("Cannot exec", status))
    with pytest.raises(ApiError, match="Cannot exec"):
        run(one)
