# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that were restarted a moment ago (on_backoff), and those that are young enough (older_than)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    STARTED,
    acting,
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

#: The instance before the one that runs: a signal ended it, and 12 s later it was started again. That is 245 s ago.
BEFORE = {
    "terminated": {
        "exitCode": 143,
        "reason": "Error",
        "startedAt": "2026-01-02T02:59:00Z",
        "finishedAt": "2026-01-02T02:59:48Z",
    }
}


def again(restarts: int = 2, name: str = "cart-1", **more: Any) -> JsonObject:
    """A pod that was restarted so often."""
    return pod(name, containers=[container("app", restarts, **({"lastState": BEFORE} | more))])


@pytest.fixture
def twice(fake_api: FakeApi) -> FakeApi:
    """The API, with a pod that was restarted twice, and is looked at."""
    fake_api.expect_list(POD, NAMESPACE, [again()], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    return fake_api


@pytest.fixture
def pair(fake_api: FakeApi) -> FakeApi:
    """The same, and beside it one that never was."""
    fake_api.ordered = False
    pods = [again(), pod("cart-2", containers=[container("app")])]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, looking())
    return fake_api


def run_pair(api: FakeApi, **params: Any) -> dict[str, Any]:
    return run(api, label_selectors=["app=cart"], **params)


REASON = (
    "it was restarted 245 s ago: if it ends within the next 356 s the kubelet waits before it starts it again "
    "(likely 20 s, 10 to 20 s)"
)


def test_it_is_foretold(pair: FakeApi) -> None:
    result = run_pair(pair, check_mode=True)
    told = [(entry["back_off_seconds"], entry["back_off_bounds"], entry["back_off_reason"]) for entry in result["plan"]]
    assert told == [(20, [10, 20], REASON), (0, [0, 0], "it has not been restarted yet")]
    (warning,) = result["warnings"]
    assert warning == (
        "1 of 2 containers were restarted within the last ten minutes, and the kubelet starts them again only after "
        "up to 20 s: container app of Pod shop/cart-1."
    )


def test_proceed_signals_at_once(twice: FakeApi) -> None:
    expect_exec(twice, "cart-1", acting("sending 15"))
    expect_watch(twice, "cart-1", 21.0, modified(again(3, state=STARTED)))
    assert only(run(twice))["seconds"] == 21


def test_proceed_that_could_not_be_proven_sends_nothing(twice: FakeApi) -> None:
    message, result = failed_run(twice, wait_timeout=20)
    assert message == (
        "Nothing was sent, they would not be back within wait_timeout, 20 s: "
        f"container app of Pod shop/cart-1: {REASON}."
    )
    assert not result["changed"]


#: 590 s ago, so that there are 11 s to go.
EARLIER: dict[str, Any] = {"state": {"running": {"startedAt": "2026-01-02T02:54:15Z"}}}


def test_wait_signals_when_it_is_forgotten(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [again(**EARLIER)], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking(age=590))
    still, done = modified(again(**EARLIER)), modified(again(3), "13")
    expect_watch(fake_api, "cart-1", 10.5, still, 0.5, modified(again(**EARLIER), "12"))
    expect_exec(fake_api, "cart-1", acting("sending 15", age=590))
    expect_watch(fake_api, "cart-1", 2.0, done, version="12")
    result = run(fake_api, on_backoff="wait")
    assert (only(result)["outcome"], only(result)["seconds"]) == ("restarted", 2)
    assert fake_api.clock.monotonic() == 1013
    assert result["warnings"] == []


def test_wait_holds_one_and_not_the_other(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    pods = [again(**EARLIER), pod("cart-2", containers=[container("app")])]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for name, age in (("cart-1", 590), ("cart-2", 245)):
        expect_exec(fake_api, name, looking(age=age))
        expect_exec(fake_api, name, acting("sending 15", age=age))
    still, done = modified(again(**EARLIER)), modified(again(3), "12")
    expect_watch_all(fake_api, 2.0, restarted("cart-2"), 9.0, still, 3.0, done)
    result = run(fake_api, label_selectors=["app=cart"], on_backoff="wait")
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [3, 2]


def test_wait_for_longer_than_allowed_sends_nothing(twice: FakeApi) -> None:
    message, result = failed_run(twice, on_backoff="wait", wait_timeout=300)
    assert message == (
        "Nothing was sent, they would be held for longer than wait_timeout, 300 s (on_backoff is wait): "
        "container app of Pod shop/cart-1: for 356 s."
    )
    assert not result["changed"]


def test_skip_restarts_the_others(pair: FakeApi) -> None:
    expect_exec(pair, "cart-2", acting("sending 15"))
    expect_watch_all(pair, restarted("cart-2"))
    result = run_pair(pair, on_backoff="skip")
    assert [row[2:] for row in outcomes(result)] == [
        ("skipped", f"{REASON}; on_backoff is skip"),
        ("restarted", "a new instance of the container is Ready"),
    ]
    assert [entry["action"] for entry in result["plan"]] == ["skip", "signal"]


def test_fail_sends_nothing_to_any(pair: FakeApi) -> None:
    with pytest.raises(RestartFailed) as caught:
        run_pair(pair, on_backoff="fail")
    assert str(caught.value) == (
        "Nothing was sent, the kubelet would make them wait (on_backoff is fail): "
        f"container app of Pod shop/cart-1: {REASON}."
    )


def test_nobody_looks_at_those_that_are_young_enough(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [again()], field_selector="metadata.name=cart-1")
    result = run(fake_api, older_than="5m")
    words = "started 245 s ago, which is not before 2026-01-02T02:59:05Z (older_than)"
    assert outcomes(result) == [("cart-1", "app", "unchanged", words)]
    assert result["plan"] == [
        {
            "pod": "cart-1",
            "container": "app",
            "action": "leave",
            "via": None,
            "verdict": None,
            "budget": None,
            "reason": words,
            "basis": None,
            "back_off_seconds": None,
            "back_off_bounds": None,
            "back_off_reason": None,
            "gates": [],
        }
    ]
    assert not result["changed"]


def test_a_run_goes_on_where_it_was(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    done = again(1, "cart-2", state={"running": {"startedAt": "2026-01-02T03:04:00Z"}})
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1"), done], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking())
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch_all(fake_api, restarted("cart-1"))
    result = run(fake_api, label_selectors=["app=cart"], older_than="2026-01-02T03:01:00Z")
    assert [row[2] for row in outcomes(result)] == ["restarted", "unchanged"]
    assert result["summary"]["unchanged"] == 1


def test_what_does_not_run_is_not_young(fake_api: FakeApi) -> None:
    down = again(ready=False, state={"waiting": {"reason": "CrashLoopBackOff"}})
    fake_api.expect_list(POD, NAMESPACE, [down], field_selector="metadata.name=cart-1")
    assert "it is not running: waiting (CrashLoopBackOff)" in failed_run(fake_api, older_than="1s")[0]


def test_a_time_that_is_none_is_told_before_anything_is_asked(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="older_than: 'soon' is neither a duration"):
        run(fake_api, older_than="soon")
