# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import expect_warnings, outcomes
from ansible_collections.saferestart.k8s.tests.unit.scale_script import (
    SELECTED,
    at,
    body,
    ending,
    expect_down,
    expect_end,
    expect_get,
    expect_patch,
    expect_pod_watch,
    expect_start,
    expect_up,
    failed_run,
    fresh,
    gone,
    run,
)

FORBIDDEN = ApiError("Cannot do that: forbidden.", 403, "Forbidden")
AWAY = Unreachable("No answer.")
BACK = "Deployment shop/cart: it is scaled back to 2, but"


@pytest.mark.parametrize(
    ("kind", "left", "words"),
    [
        ("Deployment", {"finalizers": ["example.com/a", "b"]}, "cart-0 (held by the finalizers example.com/a, b)"),
        ("Deployment", {}, "cart-0 (node worker has not said that it has ended)"),
        ("Deployment", None, "cart-0 (its controller has not deleted it)"),
        ("StatefulSet", None, "cart-0 (its controller has not deleted it, which it does not while another one of its"),
    ],
)
def test_an_old_pod_that_stays(fake_api: FakeApi, kind: str, left: JsonObject | None, words: str) -> None:
    obj = workload(kind)
    old, other = pod("cart-0", obj, uid="a0"), pod("cart-1", obj, uid="a1")
    expect_start(fake_api, obj, [old, other])
    stays = old if left is None else ending(old, **left)
    expect_down(fake_api, obj, WatchEvent("MODIFIED", stays), *gone(other))
    expect_up(fake_api, obj, at(obj, 2, None, "13"))
    expect_end(fake_api, [stays])
    message, result = failed_run(fake_api, kind)
    before = (
        f"{kind} shop/cart: it is scaled back to 2, but after 60 s (wait_timeout) there were still pods from before"
    )
    assert message.startswith(f"{before}: {words}")
    assert [entry[2] for entry in outcomes(result)] == ["unchanged" if left is None else "failed", "failed"]
    assert result["changed"]


def test_a_pod_that_has_ended_and_is_not_deleted_is_gone(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = pod("cart-a1", obj)
    expect_start(fake_api, obj, [old, pod("cart-a2", obj, phase="Failed")])
    expect_down(fake_api, obj, WatchEvent("MODIFIED", pod("cart-a1", obj, phase="Failed")))
    expect_up(fake_api, obj)
    expect_end(fake_api, [fresh("cart-b1", obj)])
    assert run(fake_api)["summary"]["downtime_seconds"] is None


def test_the_first_request_is_refused(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), FORBIDDEN)
    with pytest.raises(ApiError, match="forbidden"):
        run(fake_api)


def test_whether_the_first_request_was_carried_out_is_not_known(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), AWAY)
    expect_get(fake_api, AWAY)
    expect_up(fake_api, obj)
    message, result = failed_run(fake_api)
    assert message == "Deployment shop/cart: No answer. Its count is put back: 2."
    assert result["changed"]


def test_an_error_while_the_old_pods_end(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_down(fake_api, obj, FORBIDDEN)
    expect_up(fake_api, obj)
    message, result = failed_run(fake_api)
    assert message == "Deployment shop/cart: Cannot do that: forbidden. Its count is put back: 2."
    assert result["changed"]


def test_an_error_of_our_own_puts_the_count_back_too(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_down(fake_api, obj, ValueError("a bug"))
    expect_up(fake_api, obj)
    with pytest.raises(ValueError, match="a bug"):
        run(fake_api)


def test_the_api_server_stays_away(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_down(fake_api, obj, 60.0, AWAY)
    for _try in range(121):
        expect_get(fake_api, AWAY)
    message, result = failed_run(fake_api)
    by_hand = (
        "kubectl --namespace shop patch deployment/cart --type=merge "
        '--patch=\'{"metadata":{"annotations":{"saferestart.k8s/replicas":null}},"spec":{"replicas":2}}\''
    )
    assert message.endswith(f"The next run of this module puts it back; by hand: {by_hand}")
    assert "its count of 2 could not be put back: No answer." in message
    assert result["changed"]


def test_scaling_up_is_refused(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_get(fake_api, at(obj, 0, "2", "12"))
    expect_patch(fake_api, body("12", None, 2), FORBIDDEN)
    message, result = failed_run(fake_api)
    assert "could not be put back: Cannot do that: forbidden. The next run of this module puts it back" in message
    assert result["changed"]


@pytest.mark.parametrize("other", [False, True])
def test_deleted_while_it_is_scaled_to_0(fake_api: FakeApi, other: bool) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    anew = at(obj, 2, None, "30")
    anew["metadata"]["uid"] = "another"
    expect_get(fake_api, anew if other else NotFound("no", 404))
    message, _result = failed_run(fake_api)
    assert message == "Deployment shop/cart was scaled to 0. It is not there any more."


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("DELETED", "it was deleted meanwhile"),
        ("MODIFIED", "somebody has scaled it to 0 again meanwhile"),
    ],
)
def test_after_it_was_scaled_up(fake_api: FakeApi, event: str, words: str) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_up(fake_api, obj, at(obj, 2, None, "13"))
    expect_workload_watch(fake_api, WatchEvent(event, at(obj, 0, None, "14")))
    expect_end(fake_api, [])
    expect_warnings(fake_api, "uid-cart", [])
    message, _result = failed_run(fake_api)
    assert message == f"Deployment shop/cart: it is scaled back to 2, but {words}."


def test_a_full_quota(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = pod("cart-a1", obj)
    expect_start(fake_api, obj, [old])
    expect_down(fake_api, obj, *gone(old))
    expect_up(fake_api, obj, at(obj, 2, None, "13"))
    full = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
    expect_workload_watch(fake_api, WatchEvent("MODIFIED", at(obj, 2, None, "14", conditions=[full])))
    broken = pod("cart-b1", obj, hash_label="aaa", ready=False)
    expect_end(fake_api, [broken])
    expect_warnings(fake_api, "uid-cart-b1", [])
    fake_api.expect_log(NAMESPACE, "cart-b1", "app", "starting")
    message, result = failed_run(fake_api)
    said = "there are 0 pods, and 2 are wanted; no pod can be made: FailedCreate: exceeded quota."
    assert message.splitlines() == [
        f"{BACK} its pods are not available after 60 s (wait_timeout): {said}",
        "Pod shop/cart-b1: container app is running and not Ready, its readiness probe does not pass.",
        "Last log lines of container app:",
        "starting",
    ]
    assert [entry[2] for entry in outcomes(result)] == ["failed", "failed"]


def test_the_end_cannot_be_seen(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_up(fake_api, obj)
    fake_api.expect_list(POD, NAMESPACE, AWAY, label_selector=SELECTED)
    message, _result = failed_run(fake_api)
    assert message == ("Deployment shop/cart: it is scaled back to 2, but was not observed to its end: No answer.")


def test_no_version_is_the_right_one(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    for version in range(10, 15):
        expect_patch(fake_api, body(str(version), "2", 0), ApiError("Conflict.", 409, "Conflict"))
        if version < 14:
            expect_get(fake_api, at(obj, 2, None, str(version + 1)))
    with pytest.raises(ApiError, match="Conflict"):
        run(fake_api)


def test_a_resumed_run_that_fails_puts_the_count_back(fake_api: FakeApi) -> None:
    obj = at(workload("Deployment"), 0, "2")
    expect_start(fake_api, obj, [ending(pod("cart-a1", obj))])
    expect_pod_watch(fake_api, FORBIDDEN)
    expect_up(fake_api, obj)
    message, _result = failed_run(fake_api)
    assert message.endswith("Its count is put back: 2.")


def expect_workload_watch(api: FakeApi, *events: WatchEvent) -> None:
    """The workload is watched after it was scaled up."""
    resource, only = WORKLOADS["Deployment"].resource, "metadata.name=cart"
    api.expect_watch(resource, NAMESPACE, events, resource_version="13", field_selector=only)
