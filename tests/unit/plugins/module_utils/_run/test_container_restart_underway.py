# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that an earlier run, or somebody else, is restarting already: not signalled again, and waited for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    ExecCut,
    ExecFailed,
    NotFound,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    BACK_OFF,
    acting,
    asking,
    at,
    expect_exec,
    expect_watch,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    only,
    outcomes,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

#: When the first run began, 65 s ago.
FIRST = "2026-01-02T03:03:00Z"
#: An instance that ended 5 s ago, and one that was started 2 s ago.
ENDED = {"terminated": {"exitCode": 143, "reason": "Error", "finishedAt": "2026-01-02T03:04:00Z"}}
LATELY = {"running": {"startedAt": "2026-01-02T03:04:03Z"}}
READY = "a new instance of the container is Ready"
GONE = 'Cannot exec: unable to upgrade connection: container not found ("app").'


def expect_listed(api: FakeApi, obj: JsonObject) -> None:
    """The only pod."""
    api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")


def again(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A second run, of which it is known when the first one began."""
    return run(api, older_than=FIRST, **params)


# It is down, or not back yet, by its status.


@pytest.mark.parametrize(
    "down", [{"state": ENDED}, {"state": BACK_OFF, "lastState": ENDED}], ids=["ended", "held by the kubelet"]
)
def test_what_has_ended_since_the_first_run_is_waited_for(fake_api: FakeApi, down: dict[str, Any]) -> None:
    expect_listed(fake_api, at(0, ready=False, **down))
    expect_watch(fake_api, "cart-1", 4.0, restarted())
    result = again(fake_api)
    assert (only(result)["outcome"], only(result)["via"], result["changed"]) == ("restarted", None, False)
    assert only(result)["reason"] == (
        f"it has ended at 03:04:00Z already, and is being started again (older_than): {READY}"
    )
    (planned,) = result["plan"]
    assert (planned["action"], planned["via"], planned["basis"]) == ("leave", None, None)
    assert planned["reason"].startswith("it has ended at 03:04:00Z already")


def test_what_does_not_come_back_is_a_failure(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(0, ready=False, state=ENDED))
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(0, ready=False, state=ENDED))
    message, result = failed_run(fake_api, older_than=FIRST, wait_timeout=10)
    assert "it ended and was not started again within 10 s (terminated Error, exit code 143)" in message
    assert only(result)["outcome"] == "failed"


@pytest.mark.parametrize(
    "more",
    [
        {"spec": {"restartPolicy": "Never", "containers": [{"name": "app"}]}},
        {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "app"}]}},
        {"phase": "Failed"},
    ],
    ids=["never again", "perhaps not", "the pod has ended"],
)
def test_what_may_not_come_back_is_refused(fake_api: FakeApi, more: dict[str, Any]) -> None:
    expect_listed(fake_api, pod("cart-1", containers=[container(ready=False, state=ENDED)], **more))
    assert "Nothing was sent, 1 of 1 containers" in failed_run(fake_api, older_than=FIRST)[0]


@pytest.mark.parametrize("older_than", [None, "2s"], ids=["of no earlier run", "before the first run"])
def test_what_has_ended_otherwise_is_refused(fake_api: FakeApi, older_than: str | None) -> None:
    expect_listed(fake_api, at(0, ready=False, state=ENDED))
    message, _result = failed_run(fake_api, older_than=older_than)
    assert "it is not running: terminated (Error), pod phase Running" in message


def test_a_young_one_that_is_not_ready_is_waited_for(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(1, ready=False, state=LATELY))
    expect_watch(fake_api, "cart-1", 7.0, modified(at(1, state=LATELY)))
    result = again(fake_api)
    words = "started 2 s ago, which is not before 2026-01-02T03:03:00Z (older_than), and it is Ready by now"
    assert outcomes(result) == [("cart-1", "app", "unchanged", words)]
    assert not result["changed"]


def test_a_young_one_that_does_not_become_ready_is_a_failure(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(1, ready=False, state=LATELY))
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(1, ready=False, state=LATELY))
    message, result = failed_run(fake_api, older_than=FIRST, wait_timeout=10)
    assert "(older_than): it was restarted, but is not Ready within 10 s" in message
    assert only(result)["outcome"] == "failed"


@pytest.mark.parametrize(
    ("obj", "options"),
    [
        (at(1, state=LATELY), {}),
        (at(0, ready=False, state=LATELY), {}),
        (at(1, ready=False, state=LATELY), {"wait_timeout": 2}),
    ],
    ids=["is Ready", "never was restarted", "had its time"],
)
def test_any_other_young_one_is_left_alone(fake_api: FakeApi, obj: JsonObject, options: dict[str, Any]) -> None:
    expect_listed(fake_api, obj)
    result = again(fake_api, **options)
    assert only(result)["outcome"] == "unchanged"
    assert only(result)["reason"].endswith("(older_than)")


def test_others_are_restarted_when_it_is_back(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [at(0, ready=False, state=ENDED), at(0, "cart-2")], label_selector="app=cart")
    expect_exec(fake_api, "cart-2", looking())
    expect_exec(fake_api, "cart-2", acting("sending 15"))
    expect_watch_all(fake_api, 3.0, restarted("cart-1"))
    expect_watch_all(fake_api, 2.0, restarted("cart-2"), version="11")
    result = again(fake_api, label_selectors=["app=cart"])
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [None, 2]
    assert (result["summary"]["restarted"], result["changed"]) == (2, True)


def test_check_mode_changes_nothing_where_all_are_underway(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(0, ready=False, state=ENDED))
    result = again(fake_api, check_mode=True)
    assert (result["changed"], result["plan"][0]["action"]) == (False, "leave")


# A session tells what the status does not yet.


@pytest.mark.parametrize(
    "answer",
    [
        ApiError(GONE, 500),
        ExecFailed("failed to load task: no running task found: task a"),
        ExecCut("container is in CONTAINER_EXITED state"),
    ],
)
@pytest.mark.parametrize("older_than", [None, FIRST])
@pytest.mark.parametrize("via", ["exec", "auto"])
def test_what_a_look_finds_gone_is_waited_for(
    fake_api: FakeApi, answer: Exception, older_than: str | None, via: str
) -> None:
    expect_listed(fake_api, at(0))
    opened = not isinstance(answer, ApiError)
    expect_exec(fake_api, "cart-1", FakeExec().expect_line().expect_read(answer) if opened else answer)
    expect_watch(fake_api, "cart-1", 1.0, modified(at(0, ready=False, state=ENDED)), 1.0, restarted())
    result = run(fake_api, older_than=older_than, via=via)
    assert (only(result)["outcome"], only(result)["via"], result["changed"]) == ("restarted", None, False)
    assert only(result)["reason"].startswith("it has ended just now: ")


def test_what_a_look_finds_gone_and_stays_is_a_failure(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(0))
    expect_exec(fake_api, "cart-1", ApiError(GONE, 500))
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(0))
    message, result = failed_run(fake_api, older_than=FIRST)
    assert "nothing was sent, it has ended just now: Cannot exec" in message
    assert "and yet it did not end within 30 s" in message
    assert (only(result)["outcome"], result["changed"]) == ("failed", False)


def test_a_process_younger_than_its_status_is_not_signalled(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(0))
    expect_exec(fake_api, "cart-1", looking(age=4))
    expect_watch(fake_api, "cart-1", 1.0, restarted())
    result = again(fake_api)
    assert only(result)["reason"] == f"it was restarted just now: {READY}"
    assert not result["changed"]


def test_such_a_process_is_no_restart_for_a_run_that_has_no_older_than(fake_api: FakeApi) -> None:
    expect_listed(fake_api, at(0))
    expect_exec(fake_api, "cart-1", looking(age=4))
    expect_exec(fake_api, "cart-1", asking(age=4))
    message, _result = failed_run(fake_api)
    assert "nothing was sent: the container has restarted since the pod's status was read, run again" in message


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (lambda: asking(start=4712), "the container has restarted since it was looked at"),
        (lambda: ApiError(GONE, 500), GONE.rstrip(".")),
        (lambda: asking(start=4712, age=4), "the container has restarted since it was looked at"),
        (lambda: acting("replaced"), "PID 1 is another process since it was looked at"),
    ],
    ids=["restarted", "ended", "restarted lately", "restarted in the session"],
)
@pytest.mark.parametrize("older_than", [None, FIRST])
def test_what_ends_between_the_look_and_the_signal_is_waited_for(
    looked: FakeApi, session: Any, words: str, older_than: str | None
) -> None:
    expect_exec(looked, "cart-1", session())
    expect_watch(looked, "cart-1", 2.0, restarted())
    result = run(looked, older_than=older_than)
    assert (only(result)["outcome"], only(result)["via"], result["changed"]) == ("restarted", None, False)
    assert only(result)["reason"] == f"{words}: {READY}"


def test_what_was_restarted_as_the_first_run_began_is_told_by_the_signals_own_look(looked: FakeApi) -> None:
    expect_exec(looked, "cart-1", asking(age=4))
    expect_watch(looked, "cart-1", 2.0, restarted())
    assert only(run(looked, older_than=FIRST))["outcome"] == "restarted"


# Nobody can be reached.


UNREACHED = [
    lambda: FakeExec().expect_line().expect_read(ExecCut("cut")),
    lambda: asking().expect_line(error=ExecCut("gone")),
    lambda: ApiError("error dialing backend: connection refused", 500),
    lambda: Unreachable("No answer from the API server."),
    lambda: NotFound("Cannot exec into container app of Pod shop/cart-1: pod does not exist.", 404),
]


@pytest.mark.parametrize("session", UNREACHED)
def test_a_container_out_of_reach_is_tried_again(looked: FakeApi, session: Any) -> None:
    expect_exec(looked, "cart-1", session())
    expect_watch(looked, "cart-1", 3.0, modified(at(0)))
    expect_exec(looked, "cart-1", acting("sending 15"))
    expect_watch(looked, "cart-1", 1.0, modified(at(1), "12"), version="11")
    result = run(looked)
    assert (only(result)["outcome"], only(result)["via"], only(result)["seconds"]) == ("restarted", "exec", 1)


@pytest.mark.parametrize("session", UNREACHED)
def test_a_container_that_stays_out_of_reach_is_a_failure(looked: FakeApi, session: Any) -> None:
    expect_exec(looked, "cart-1", session())
    expect_watch(looked, "cart-1", 3.0, modified(at(0)))
    expect_exec(looked, "cart-1", session())
    expect_watch(looked, "cart-1", 3.0, modified(at(0), "12"), version="11")
    expect_exec(looked, "cart-1", session())
    message, result = failed_run(looked, wait_timeout=5)
    assert ": nothing was sent: " in message
    assert (only(result)["outcome"], only(result)["via"], result["changed"]) == ("failed", None, False)


def test_others_go_on_meanwhile(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [at(0), at(0, "cart-2")], label_selector="app=cart")
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, looking())
    expect_exec(fake_api, "cart-1", ApiError("error dialing backend", 500))
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15"))
    expect_watch_all(fake_api, 3.0, restarted("cart-2"), 1.0, restarted("cart-1"))
    result = run(fake_api, label_selectors=["app=cart"])
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [1, 3]


def test_a_canary_out_of_reach_has_not_proved_itself(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [at(0), at(0, "cart-2")], label_selector="app=cart")
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, looking())
    expect_exec(fake_api, "cart-1", ApiError("error dialing backend", 500))
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15"))
    expect_watch_all(fake_api, 3.0, restarted("cart-2"), 1.0, restarted("cart-1"))
    canary = {"soak_seconds": 0, "until": None, "url": None, "timeout": 10}
    result = run(fake_api, label_selectors=["app=cart"], canary=canary, max_unavailable="2")
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [1, 3]


# The signal was sent, and the status says nothing of it in time.


@pytest.mark.parametrize(
    "session",
    [lambda: looking(start=4712), lambda: ApiError(GONE, 500)],
    ids=["another process", "no process"],
)
def test_a_status_that_is_behind_is_waited_for(signalled: FakeApi, session: Any) -> None:
    expect_watch(signalled, "cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(signalled, "cart-1", session())
    signalled.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
    expect_watch(signalled, "cart-1", 20.0, restarted())
    result = run(signalled)
    assert (only(result)["outcome"], only(result)["via"], only(result)["seconds"]) == ("restarted", "exec", 50)


def test_a_status_that_stays_behind_is_told(signalled: FakeApi) -> None:
    expect_watch(signalled, "cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(signalled, "cart-1", looking(start=4712))
    signalled.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
    expect_watch(signalled, "cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
    message, result = failed_run(signalled, wait_timeout=60)
    assert "it ended, and its status has told of no new instance within 60 s" in message
    assert (only(result)["outcome"], result["changed"]) == ("failed", True)


def test_a_kubelet_that_is_away_is_waited_for(signalled: FakeApi) -> None:
    expect_watch(signalled, "cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(signalled, "cart-1", ApiError("error dialing backend", 500))
    signalled.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
    expect_watch(signalled, "cart-1", 5.0, restarted())
    assert only(run(signalled))["seconds"] == 35


def test_a_kubelet_that_stays_away_is_told(signalled: FakeApi) -> None:
    expect_watch(signalled, "cart-1")
    for _ in range(2):
        signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
        expect_exec(signalled, "cart-1", ApiError("error dialing backend", 500))
        signalled.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
        expect_watch(signalled, "cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(signalled, "cart-1", ApiError("error dialing backend", 500))
    message, result = failed_run(signalled, wait_timeout=20)
    assert "the signal was sent, and it did not end within 30 s; why cannot be told: error dialing backend" in message
    assert (only(result)["outcome"], result["changed"]) == ("unchanged", True)
