# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signal was sent, and it did not end well."""

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    Unreachable,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    BACK_OFF,
    ENDED,
    STARTED,
    at,
    expect_in_vain,
    expect_watch,
    failed_run,
    modified,
    only,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")


def test_ended_and_not_started_again(signalled: FakeApi) -> None:
    backing_off = at(0, state=BACK_OFF)
    expect_watch(signalled, "cart-1", 3.0, modified(at(0, ready=False, state=ENDED)), modified(backing_off))
    expect_in_vain(signalled, backing_off, version="11")
    message, result = failed_run(signalled)
    assert message == (
        "Not restarted, container app of Pod shop/cart-1: it ended and was not started again within 300 s "
        "(waiting CrashLoopBackOff back-off 10s restarting failed container)."
    )
    assert only(result)["via"] == "exec"
    assert result["changed"]
    assert signalled.clock.monotonic() == 1303


def test_what_a_person_would_look_up_next_is_told(signalled: FakeApi) -> None:
    down = at(1, ready=False, state=BACK_OFF)
    down["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    down["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"exitCode": 3, "reason": "Error"}}
    expect_watch(signalled, "cart-1", modified(down))
    expect_in_vain(signalled, down, version="11")
    signalled.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=uid-cart-1,type=Warning")
    signalled.expect_log(NAMESPACE, "cart-1", "app", "FATAL: the database is locked", previous=True)
    message, _result = failed_run(signalled)
    assert message.splitlines()[1:] == [
        (
            "Pod shop/cart-1: container app: CrashLoopBackOff: back-off 10s restarting failed container; it ended with "
            "exit code 3 (Error)."
        ),
        "Last log lines of container app, the instance before:",
        "FATAL: the database is locked",
    ]


def test_started_and_not_ready(signalled: FakeApi) -> None:
    unready = at(1, ready=False, state=STARTED)
    expect_watch(signalled, "cart-1", modified(unready))
    expect_in_vain(signalled, unready, version="11")
    message, result = failed_run(signalled, wait_timeout=20)
    assert "it was restarted, but is not Ready within 20 s (running)" in message
    assert only(result)["restart_count_after"] == 1
    assert result["changed"]
    assert signalled.clock.monotonic() == 1030 - 10


@pytest.mark.parametrize(
    "event",
    [
        WatchEvent("DELETED", at(0)),
        modified(pod("cart-1", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"})),
    ],
    ids=["deleted", "terminating"],
)
def test_the_pod_goes_meanwhile(signalled: FakeApi, event: WatchEvent) -> None:
    expect_watch(signalled, "cart-1", event)
    if event.type == "DELETED":
        signalled.expect_get(POD, NAMESPACE, "cart-1", NotFound("pods cart-1 not found", 404))
    message, result = failed_run(signalled)
    assert "the pod was deleted meanwhile" in message
    assert result["changed"]


def test_another_pod_of_that_name_is_not_taken_for_it(signalled: FakeApi) -> None:
    new = pod("cart-1", uid="uid-other", containers=[container("app", 5)])
    expect_watch(signalled, "cart-1", WatchExpired("too old", 410))
    signalled.expect_list(POD, NAMESPACE, [new], field_selector="metadata.name=cart-1")
    signalled.expect_get(POD, NAMESPACE, "cart-1", new)
    assert "the pod was deleted meanwhile" in failed_run(signalled)[0]


@pytest.mark.parametrize("error", [ApiError("Cannot watch pods", 403), Unreachable("No answer")])
def test_it_cannot_be_followed(signalled: FakeApi, error: Exception) -> None:
    expect_watch(signalled, "cart-1", 29.5, error)
    if isinstance(error, Unreachable):
        expect_watch(signalled, "cart-1", error)
        signalled.expect_get(POD, NAMESPACE, "cart-1", error)
        for _ in range(5):
            signalled.expect_list(POD, NAMESPACE, error, field_selector="metadata.name=cart-1")
        signalled.expect_get(POD, NAMESPACE, "cart-1", error)
    message, result = failed_run(signalled, wait_timeout=5)
    assert f"the signal was sent, and then: {error}" in message
    assert only(result)["via"] == "exec"
    assert result["changed"]


def test_what_the_watch_has_missed_is_seen_in_the_end(signalled: FakeApi) -> None:
    expect_watch(signalled, "cart-1", 29.5, Unreachable("No answer"))
    expect_watch(signalled, "cart-1", Unreachable("No answer"))
    signalled.expect_get(POD, NAMESPACE, "cart-1", at(1, state=STARTED, lastState=ENDED))
    assert only(run(signalled))["outcome"] == "restarted"


def test_what_has_only_begun_in_the_end_is_followed_on(signalled: FakeApi) -> None:
    ended = at(0, ready=False, state=ENDED)
    expect_in_vain(signalled, ended)
    signalled.expect_list(POD, NAMESPACE, [ended], field_selector="metadata.name=cart-1")
    expect_watch(signalled, "cart-1", 5.0, restarted())
    assert only(run(signalled))["outcome"] == "restarted"
    assert signalled.clock.monotonic() == 1035
