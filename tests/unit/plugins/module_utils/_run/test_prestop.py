# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A preStop hook that is run before the signal: looked at, run, signalled, each in a session of its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, ExecCut, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import NODE, POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1_info import pid1_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    asking,
    expect_exec,
    expect_watch,
    failed_run,
    looking,
    only,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

DRAIN = {"exec": {"command": ["drain", "sesame"]}}
REQUEST = {"httpGet": {"port": 80, "path": "/quit?token=sesame", "httpHeaders": [{"name": "X", "value": "sesame"}]}}
ASKED = HttpGet("http", "", 80, "/quit?token=sesame", (("X", "sesame"),))


def hooked(api: FakeApi, handler: dict[str, Any], *, grace: int = 60) -> None:
    """The pod with that hook, looked at, and once more before the hook."""
    planned(api, handler, grace=grace)
    expect_exec(api, "cart-1", asking())


def planned(api: FakeApi, handler: dict[str, Any], *, grace: int = 60) -> None:
    """The pod with that hook, looked at."""
    containers = [{"name": "app", "lifecycle": {"preStop": handler}}]
    spec = {"containers": containers, "terminationGracePeriodSeconds": grace}
    api.expect_list(POD, NAMESPACE, [pod("cart-1", spec=spec)], field_selector="metadata.name=cart-1")
    expect_exec(api, "cart-1", looking())


def expect_command(api: FakeApi, session: FakeExec | Exception) -> None:
    """The hook's command is run, with nothing to read."""
    api.expect_exec(NAMESPACE, "cart-1", "app", session, command=["drain", "sesame"], stdin=False)


def expect_signal(api: FakeApi) -> None:
    """The signal, and the restart."""
    expect_exec(api, "cart-1", acting("sending 15"))
    expect_watch(api, "cart-1", restarted())


def running(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A run that runs hooks."""
    result = run(api, **{"prestop": "run", "grace_seconds": None, **params})
    assert "sesame" not in str(result)
    return result


@pytest.mark.parametrize(
    ("end", "failure"),
    [
        ({"code": 0, "stdout": "sesame"}, ""),
        ({"code": 3, "message": "command terminated with exit code 3"}, ", and failed: exit code 3"),
        ({"message": 'exec: "drain": executable file not found: sesame'}, ", and failed: it could not be started"),
        ({}, ", and failed: its session was cut off"),
    ],
    ids=["ends well", "fails", "not there", "cut"],
)
def test_a_command(fake_api: FakeApi, end: dict[str, Any], failure: str) -> None:
    hooked(fake_api, DRAIN)
    expect_command(fake_api, FakeExec().expect_finish(**end))
    expect_signal(fake_api)
    result = running(fake_api)
    words = f"its preStop hook was run first, for 0.0 s{failure}"
    assert only(result)["outcome"] == "restarted"
    assert only(result)["reason"] == f"a new instance of the container is Ready; {words}"
    assert result["plan"][0]["reason"].endswith("; its preStop hook (exec) is run first")
    assert result["warnings"] == ([f"container app of Pod shop/cart-1: {words}."] if failure else [])


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (200, ""),
        (500, ""),
        (None, ", and failed: it did not end within 60 s"),
        (ApiError("no route: sesame", 503), ", and failed: it could not be run (the API server answered 503)"),
    ],
)
def test_a_request(fake_api: FakeApi, answer: int | Exception | None, failure: str) -> None:
    hooked(fake_api, REQUEST)
    fake_api.expect_ask_pod(NAMESPACE, "cart-1", ASKED, answer, seconds=60)
    expect_signal(fake_api)
    assert only(running(fake_api))["reason"].endswith(f"for 0.0 s{failure}")


@pytest.mark.parametrize(
    ("sleep", "grace", "option", "slept", "failure"),
    [
        (5, 60, None, 5, ""),
        (90, 60, None, 60, ", and failed: it did not end within 60 s"),
        (90, 60, 7, 7, ", and failed: it did not end within 7 s"),
    ],
)
def test_a_sleep(fake_api: FakeApi, sleep: int, grace: int, option: int | None, slept: int, failure: str) -> None:
    hooked(fake_api, {"sleep": {"seconds": sleep}}, grace=grace)
    expect_signal(fake_api)
    reason = only(running(fake_api, grace_seconds=option))["reason"]
    assert reason.endswith(f"its preStop hook was run first, for {slept:.1f} s{failure}")
    assert fake_api.clock.monotonic() == 1000 + slept


@pytest.mark.parametrize(
    ("handler", "grace", "failure"),
    [
        ({"tcpSocket": {"port": 1}}, 60, "no kubelet runs a hook of the kind tcpSocket"),
        ({"httpGet": {"port": "none"}}, 60, "its port is none of the container's"),
        (DRAIN, 0, "the pod has no grace period, and it was not run"),
    ],
)
def test_what_the_kubelet_would_not_run_either(
    fake_api: FakeApi, handler: dict[str, Any], grace: int, failure: str
) -> None:
    hooked(fake_api, handler, grace=grace)
    expect_signal(fake_api)
    assert only(running(fake_api))["reason"].endswith(f"and failed: {failure}")


def test_what_it_took_the_process_has_less(fake_api: FakeApi) -> None:
    hooked(fake_api, {"sleep": {"seconds": 25}})
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", pod("cart-1"))
    expect_exec(fake_api, "cart-1", looking())
    message, result = failed_run(fake_api, prestop="run", grace_seconds=None)
    assert "it did not end within 35 s" in message
    assert result["changed"]


def test_a_hook_that_ends_the_process_itself(fake_api: FakeApi) -> None:
    hooked(fake_api, DRAIN)
    expect_command(fake_api, FakeExec().expect_finish(code=137))
    expect_exec(fake_api, "cart-1", FakeExec().expect_line().expect_read(ExecCut("gone")))
    expect_watch(fake_api, "cart-1", restarted())
    assert only(running(fake_api))["outcome"] == "restarted"


def test_a_hook_after_which_nothing_could_be_sent(fake_api: FakeApi) -> None:
    hooked(fake_api, DRAIN)
    expect_command(fake_api, FakeExec().expect_finish(code=0))
    expect_exec(fake_api, "cart-1", asking(caught=""))
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", pod("cart-1"))
    expect_exec(fake_api, "cart-1", looking(caught=""))
    message, result = failed_run(fake_api, prestop="run", grace_seconds=None)
    assert "nothing was sent: PID 1 has no handler for SIGTERM" in message
    assert "its preStop hook was run first" in message
    assert result["changed"]


# It is not run.


@pytest.mark.parametrize("error", [ApiError("Cannot exec.", 403), Unreachable("no answer")])
def test_one_that_may_not_be_run(fake_api: FakeApi, error: Exception) -> None:
    hooked(fake_api, DRAIN)
    expect_command(fake_api, error)
    message, result = failed_run(fake_api, prestop="run")
    assert "nothing was sent: its preStop hook" in message
    assert not result["changed"]


def test_not_where_the_signal_would_not_be_sent(fake_api: FakeApi) -> None:
    planned(fake_api, DRAIN)
    expect_exec(fake_api, "cart-1", asking(caught="HUP"))
    message, result = failed_run(fake_api, prestop="run")
    assert "nothing was sent: PID 1 has no handler for SIGTERM" in message
    assert not result["changed"]


def test_one_that_cannot_be_run_from_here_is_refused(fake_api: FakeApi) -> None:
    planned(fake_api, {"httpGet": {"port": 80, "host": "localhost"}})
    message, _result = failed_run(fake_api, prestop="run")
    assert "Nothing was sent" in message
    assert "its preStop hook cannot be run from here (prestop: skip does without it): it asks the host" in message


@pytest.mark.parametrize(("host", "in_place"), [("", True), ("localhost", False)])
def test_pid1_info_says_the_same(fake_api: FakeApi, host: str, in_place: bool) -> None:
    planned(fake_api, {"httpGet": {"port": 80, "host": host}})
    params = {"namespace": NAMESPACE, "pods": ["cart-1"], "containers": None, "signal": "TERM", "shell": "/bin/sh"}
    assert pid1_info(fake_api, fake_api.clock, params | {"prestop": "run"}, False)["all_in_place"] is in_place


def test_auto_runs_it_where_the_kubelet_cannot_be_had_for_it(fake_api: FakeApi) -> None:
    planned(fake_api, DRAIN)
    fake_api.expect_get(NODE, "", "worker", ApiError("forbidden", 403))
    (plan,) = running(fake_api, via="auto", check_mode=True)["plan"]
    assert (plan["via"], plan["action"]) == ("exec", "signal")
