# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    RestartFailed,
    TargetError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.sandbox_restart import sandbox_restart
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.shared_script import no_shell, shared_pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    STARTED,
    acting,
    asking,
    expect_exec,
    expect_watch,
    looking,
    modified,
)

pytestmark = pytest.mark.usefixtures("_known_token")
SELECTOR = "involvedObject.uid=uid-cart-1,reason=SandboxChanged"
SANDBOX = "/../5a4d"


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work, on the pod cart-1 unless another target is given."""
    options = {
        "namespace": NAMESPACE,
        "pods": ["cart-1"],
        "shell": "/bin/sh",
        "prestop": "refuse",
        "grace_seconds": None,
        "min_ready_seconds": 0,
        "wait_timeout": 300,
    }
    return sandbox_restart(api, api.clock, options | params, check_mode)


def failed(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def expect_pod(api: FakeApi, obj: JsonObject | None = None) -> None:
    """The one pod that is asked for."""
    api.expect_list(POD, NAMESPACE, [obj or shared_pod()], field_selector="metadata.name=cart-1")


def events(api: FakeApi, answer: list[JsonObject] | Exception) -> None:
    """The pod's events of a changed sandbox."""
    api.expect_list(EVENT, NAMESPACE, answer, field_selector=SELECTOR)


def event(count: int) -> JsonObject:
    """One of them."""
    return {"metadata": {"uid": "event", "resourceVersion": "9"}, "reason": "SandboxChanged", "count": count}


def states(app: int, web: int, **more: Any) -> JsonObject:
    """The pod, its containers so many restarts on."""
    again = {"state": STARTED, "lastState": ENDED}
    entries = [container(name, count, **(again if count else {})) for name, count in (("app", app), ("web", web))]
    found = shared_pod(*entries)
    found["status"] |= {"podIP": "10.0.0.9"} | more
    return found


def signalled(api: FakeApi, before: list[JsonObject] | Exception, obj: JsonObject | None = None) -> None:
    """It is looked at, looked up once more and signalled, and followed from then on."""
    expect_pod(api, obj)
    expect_exec(api, "cart-1", looking(cgroup=SANDBOX))
    events(api, before)
    expect_exec(api, "cart-1", acting("sending 15", cgroup=SANDBOX))
    api.expect_get(POD, NAMESPACE, "cart-1", obj or shared_pod())
    expect_pod(api, obj)


def test_the_proof(fake_api: FakeApi, waits: Callable[[], list[str]]) -> None:
    signalled(fake_api, [])
    expect_watch(fake_api, "cart-1", modified(states(0, 1)), 2.0, modified(states(1, 1)))
    events(fake_api, [])
    fake_api.expect_watch(
        EVENT, NAMESPACE, [WatchEvent("ADDED", event(1))], resource_version="100", field_selector=SELECTOR
    )
    result = run(fake_api)
    assert (result["changed"], result["strategy"]) == (True, "sandbox_restart")
    assert result["plan"] == [
        {
            "pod": "cart-1",
            "container": None,
            "action": "signal",
            "verdict": "handled",
            "reason": "PID 1 has a handler for SIGTERM",
        }
    ]
    (entry,) = result["pods"]
    assert (entry["uid_before"], entry["uid_after"]) == ("uid-cart-1", "uid-cart-1")
    assert (entry["ip_before"], entry["ip_after"]) == ("10.0.0.1", "10.0.0.9")
    assert entry["sandbox_changed_event"]
    assert [(inside["name"], inside["outcome"], inside["seconds"]) for inside in entry["containers"]] == [
        ("app", "restarted", 2.0),
        ("web", "restarted", 2.0),
    ]
    assert result["warnings"] == []
    assert waits() == [f"the sandbox of Pod {NAMESPACE}/cart-1 was ended, its containers are not Ready yet", ""]


def test_an_event_that_was_there_before_is_no_proof(fake_api: FakeApi) -> None:
    signalled(fake_api, [event(2)])
    expect_watch(fake_api, "cart-1", modified(states(1, 1)))
    events(fake_api, [event(2)])
    changed = WatchEvent("MODIFIED", event(3))
    fake_api.expect_watch(EVENT, NAMESPACE, [5.0, changed], resource_version="100", field_selector=SELECTOR)
    assert run(fake_api)["pods"][0]["sandbox_changed_event"]


def test_no_event_is_a_warning(fake_api: FakeApi) -> None:
    signalled(fake_api, [event(2)])
    expect_watch(fake_api, "cart-1", modified(states(1, 1)))
    events(fake_api, [event(2)])
    fake_api.expect_watch(EVENT, NAMESPACE, [], resource_version="100", field_selector=SELECTOR)
    result = run(fake_api)
    assert result["pods"][0]["sandbox_changed_event"] is False
    assert "none came within 30 s: no event SandboxChanged was seen" in result["warnings"][0]


@pytest.mark.parametrize("before", [True, False])
def test_events_that_cannot_be_read_are_a_warning(fake_api: FakeApi, before: bool) -> None:
    signalled(fake_api, ApiError("no", 403) if before else [])
    expect_watch(fake_api, "cart-1", modified(states(1, 1)))
    if not before:
        events(fake_api, ApiError("no", 403))
    result = run(fake_api)
    assert result["pods"][0]["sandbox_changed_event"] is None
    assert "the events could not be read" in result["warnings"][0]


def test_what_was_not_running_is_not_waited_for(fake_api: FakeApi) -> None:
    ended = container("web", state={"terminated": {"exitCode": 0, "reason": "Completed"}})
    signalled(fake_api, [], shared_pod(container("app"), ended))
    expect_watch(fake_api, "cart-1", modified(shared_pod(container("app", 1, state=STARTED), ended)))
    events(fake_api, [event(1)])
    entries = run(fake_api)["pods"][0]["containers"]
    assert [(entry["outcome"], entry["via"]) for entry in entries] == [("restarted", "exec"), ("skipped", None)]


def test_check_mode_sends_nothing(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", looking(cgroup=SANDBOX))
    result = run(fake_api, check_mode=True)
    assert (result["changed"], result["summary"]["skipped"]) == (True, 2)


def test_a_container_with_a_shell_is_found(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", no_shell())
    expect_exec(fake_api, "cart-1", looking(cgroup=SANDBOX), "web")
    assert run(fake_api, check_mode=True)["plan"][0]["action"] == "signal"


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        ([no_shell, no_shell], "the image has no /bin/sh"),
        ([no_shell, lambda: looking(cgroup=SANDBOX, access=1)], "is not permitted to signal PID 1"),
        ([lambda: looking(cgroup=SANDBOX, access=1), no_shell], "is not permitted to signal PID 1"),
        ([lambda: looking(cgroup=SANDBOX, caught=""), no_shell], "PID 1 has no handler for SIGTERM"),
        ([lambda: looking(cgroup="/"), no_shell], "PID 1 (app) belongs to container app"),
        ([looking, no_shell], "the cgroup of PID 1 could not be read"),
    ],
)
def test_what_is_not_the_sandbox_or_does_not_act_is_not_signalled(
    fake_api: FakeApi, scripts: list[Any], words: str
) -> None:
    expect_pod(fake_api)
    for name, script in zip(("app", "web"), scripts, strict=True):
        expect_exec(fake_api, "cart-1", script(), name)
    message, result = failed(fake_api)
    assert "Nothing was sent, 1 of 1 sandboxes cannot be ended" in message
    assert words in message
    assert not result["changed"]


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (shared_pod(hostPID=True), "hostPID"),
        (pod("cart-1"), "there is no way to end it from inside the pod"),
        (shared_pod(restartPolicy="Never"), "the restartPolicy of app, web is Never"),
    ],
)
def test_it_is_refused_before_any_session(fake_api: FakeApi, obj: JsonObject, words: str) -> None:
    expect_pod(fake_api, obj)
    assert words in failed(fake_api, prestop="skip")[0]


def test_no_time(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="grace_seconds has to be 1 or more"):
        run(fake_api, grace_seconds=0)


def test_it_does_not_end(fake_api: FakeApi) -> None:
    signalled(fake_api, [])
    expect_watch(fake_api, "cart-1")
    message, result = failed(fake_api)
    assert message == "Not restarted, Pod shop/cart-1: it did not end within 30 s."
    assert (result["changed"], result["summary"]["unchanged"]) == (False, 2)


def test_one_container_does_not_come_back(fake_api: FakeApi) -> None:
    signalled(fake_api, [])
    expect_watch(fake_api, "cart-1", modified(states(1, 0)))
    expect_watch(fake_api, "cart-1", version="11")
    message, result = failed(fake_api, wait_timeout=9)
    assert "it was not restarted within 9 s (running)" in message
    assert result["summary"]["failed"] == 2


def test_it_changed_before_the_signal(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", looking(cgroup=SANDBOX))
    events(fake_api, [])
    expect_exec(fake_api, "cart-1", asking(cgroup=SANDBOX, start=4712))
    message, result = failed(fake_api)
    assert "nothing was sent: the container has restarted since it was looked at" in message
    assert not result["changed"]


@pytest.mark.parametrize("obj", [states(1, 0), shared_pod() | {"metadata": {**shared_pod()["metadata"], "uid": "new"}}])
def test_a_restart_by_somebody_else_is_not_taken_for_ours(fake_api: FakeApi, obj: JsonObject) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", looking(cgroup=SANDBOX))
    events(fake_api, [])
    expect_exec(fake_api, "cart-1", asking(cgroup=SANDBOX))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", obj)
    message, result = failed(fake_api)
    assert "nothing was sent: its containers were restarted since it was looked at, run again" in message
    assert not result["changed"]


def test_the_server_goes_away(fake_api: FakeApi) -> None:
    signalled(fake_api, [])
    for _second in range(2):
        expect_watch(fake_api, "cart-1", Unreachable("away."))
    message, result = failed(fake_api, grace_seconds=2)
    assert "the signal was sent, and then: away" in message
    assert result["changed"]


def test_the_first_failure_ends_it(fake_api: FakeApi) -> None:
    second = shared_pod() | {"metadata": shared_pod()["metadata"] | {"name": "cart-2", "uid": "uid-cart-2"}}
    fake_api.expect_list(POD, NAMESPACE, [shared_pod(), second])
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, looking(cgroup=SANDBOX))
    events(fake_api, [])
    expect_exec(fake_api, "cart-1", acting("sending 15", cgroup=SANDBOX))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", shared_pod())
    expect_pod(fake_api)
    expect_watch(fake_api, "cart-1")
    assert "1 more were not touched: Pod shop/cart-2" in failed(fake_api, pods=["cart-1", "cart-2"])[0]
