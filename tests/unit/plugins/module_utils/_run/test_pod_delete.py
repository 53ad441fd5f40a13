# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    RestartFailed,
    TargetError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    DEPLOYMENT,
    EVENT,
    POD,
    POD_DISRUPTION_BUDGET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pod_delete import MIRROR, pod_delete
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload

OPTIONS: dict[str, Any] = {
    "namespace": NAMESPACE,
    "label_selectors": ["app=cart"],
    "method": "evict",
    "max_unavailable": "1",
    "grace_seconds": None,
    "force": False,
    "allow_unowned": False,
    "wait": True,
    "wait_timeout": 60,
}
WEB = workload("Deployment")
NO_ROOM = ApiError("Cannot evict Pod shop/a: the disruption budget web needs 2 healthy pods and has 2", 429)
OVERLAP = ApiError("This pod has more than one PodDisruptionBudget, which is not supported", 500)


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work."""
    return pod_delete(api, api.clock, OPTIONS | params, check_mode)


def failed_run(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def a(name: str, **more: Any) -> JsonObject:
    """A pod of the Deployment cart."""
    return pod(name, WEB, **more)


def going(name: str, **meta: Any) -> JsonObject:
    """The same, terminating."""
    return a(name, meta=a(name)["metadata"] | {"deletionTimestamp": "2026-01-02T03:04:05Z", **meta})


def event(kind: str, obj: JsonObject) -> WatchEvent:
    return WatchEvent(kind, obj)


def expect_pods(api: FakeApi, *pods: JsonObject) -> None:
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")


def expect_watch(api: FakeApi, *events: WatchEvent | float, version: str = "100") -> None:
    api.expect_watch(POD, NAMESPACE, events, resource_version=version, label_selector="app=cart")


def swapped(old: str, new: str) -> Sequence[WatchEvent]:
    """One pod goes, another one comes."""
    return [event("DELETED", going(old)), event("ADDED", a(new, ready=False)), event("MODIFIED", a(new))]


def outcomes(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """UID before, UID after, outcome and reason, pod by pod."""
    return [
        (entry["uid_before"], entry["uid_after"], inside["outcome"], inside["reason"])
        for entry in result["pods"]
        for inside in entry["containers"]
    ]


def test_one_after_the_other(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    expect_watch(fake_api, *swapped("a", "c"), *swapped("b", "d"))
    fake_api.expect_evict(NAMESPACE, "b", uid="uid-b")
    result = run(fake_api)
    assert (result["strategy"], result["changed"]) == ("pod_evict", True)
    replaced = "deleted, and replaced by another pod"
    assert outcomes(result) == [
        ("uid-a", None, "restarted", replaced),
        ("uid-b", None, "restarted", replaced),
        (None, "uid-c", "restarted", "new pod"),
        (None, "uid-d", "restarted", "new pod"),
    ]
    assert result["summary"]["restarted"] == 2
    assert result["summary"]["api_requests"] == 3


def test_several_at_once_and_a_grace_period(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    for name in "ab":
        fake_api.expect_delete(POD, NAMESPACE, name, uid=f"uid-{name}", grace_seconds=5)
    expect_watch(fake_api, *swapped("a", "c"), *swapped("b", "d"))
    assert run(fake_api, method="delete", max_unavailable="100%", grace_seconds=5)["strategy"] == "pod_delete"


def test_one_by_name_is_seen_among_its_neighbours(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [a("a")], field_selector="metadata.name=a")
    fake_api.expect_list(POD, NAMESPACE, [a("a"), a("b"), pod("x")])
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    fake_api.expect_watch(POD, NAMESPACE, swapped("a", "c"), resource_version="100")
    assert [entry[0] for entry in outcomes(run(fake_api, pods=["a"], label_selectors=None))] == ["uid-a", None]


def test_what_is_gone_already_or_another_pod_is_fine(fake_api: FakeApi) -> None:
    db = workload("StatefulSet")
    expect_pods(fake_api, pod("cart-0", db, uid="a0"), pod("cart-1", db, uid="a1"))
    fake_api.expect_evict(NAMESPACE, "cart-1", NotFound("gone", 404), uid="a1")
    gone = [event("DELETED", pod("cart-1", db, uid="a1")), event("ADDED", pod("cart-1", db, uid="b1"))]
    late = [event("DELETED", pod("cart-0", db, uid="a0")), event("ADDED", pod("cart-0", db, uid="b0"))]
    expect_watch(fake_api, *gone, *late)
    fake_api.expect_evict(NAMESPACE, "cart-0", ApiError("the UID in the precondition", 409), uid="a0")
    assert [entry[:3] for entry in outcomes(run(fake_api))] == [("a0", "b0", "restarted"), ("a1", "b1", "restarted")]


def test_a_new_pod_has_to_be_ready_for_a_while(fake_api: FakeApi) -> None:
    owner = workload("Deployment", spec={"minReadySeconds": 7})
    fake_api.expect_get(DEPLOYMENT, NAMESPACE, "cart", owner)
    expect_pods(fake_api, a("a"))
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    expect_watch(fake_api, 3.0, *swapped("a", "c"))
    expect_watch(fake_api, version="10")
    run(fake_api, kind="Deployment", name="cart", label_selectors=None)
    assert fake_api.clock.monotonic() == 1010


def test_a_budget_without_room_is_asked_again(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"))
    fake_api.expect_evict(NAMESPACE, "a", NO_ROOM, uid="uid-a")
    expect_watch(fake_api)
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    expect_watch(fake_api, *swapped("a", "c"))
    assert run(fake_api)["summary"]["restarted"] == 1
    assert fake_api.clock.monotonic() == 1005


def test_a_budget_that_never_has_room_is_named(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    for _time in range(3):
        fake_api.expect_evict(NAMESPACE, "a", NO_ROOM, uid="uid-a")
        expect_watch(fake_api)
    message, result = failed_run(fake_api, wait_timeout=12)
    assert message.splitlines() == ["Not done after 12 s (wait_timeout).", str(NO_ROOM), "Not touched: a, b."]
    assert not result["changed"]
    assert [entry[2:] for entry in outcomes(result)] == [("skipped", str(NO_ROOM)), ("skipped", "not tried")]


@pytest.mark.parametrize("readable", [True, False])
def test_budgets_that_overlap_are_named(fake_api: FakeApi, readable: bool) -> None:
    expect_pods(fake_api, a("a"))
    fake_api.expect_evict(NAMESPACE, "a", OVERLAP, uid="uid-a")
    budgets = [
        {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": app}}}}
        for name, app in (("one", "cart"), ("two", "cart"), ("other", "db"))
    ]
    fake_api.expect_list(POD_DISRUPTION_BUDGET, NAMESPACE, budgets if readable else ApiError("forbidden", 403))
    message, _result = failed_run(fake_api)
    assert str(OVERLAP) in message
    assert ("Pod shop/a is covered by one, two:" if readable else "Which ones could not be read") in message


@pytest.mark.parametrize("error", [ApiError("Cannot evict: forbidden", 403), Unreachable("no answer")])
def test_what_cannot_be_evicted_ends_it(fake_api: FakeApi, error: Exception) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    fake_api.expect_evict(NAMESPACE, "a", error, uid="uid-a")
    message, result = failed_run(fake_api)
    assert message.splitlines() == [str(error), "Not touched: a, b."]
    assert not result["changed"]


def test_a_finalizer_that_holds_a_pod_is_named(fake_api: FakeApi) -> None:
    held = {"finalizers": ["example.com/hold", "batch.kubernetes.io/job-tracking"]}
    expect_pods(fake_api, a("a", meta=a("a")["metadata"] | held))
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    expect_watch(fake_api, event("MODIFIED", going("a", **held)), event("ADDED", a("c")))
    message, result = failed_run(fake_api, wait_timeout=10)
    assert "Pod shop/a is held back by its finalizers: example.com/hold." in message
    assert "its finalizers are taken away: example.com/hold." in result["warnings"][0]
    assert outcomes(result)[0][2:] == ("failed", "deleted, and held back by its finalizers: example.com/hold")


def test_no_pod_in_its_place(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"))
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    expect_watch(fake_api, event("DELETED", going("a")))
    warning = {"reason": "FailedCreate", "message": "exceeded quota", "lastTimestamp": "2026-01-02T03:04:08Z"}
    fake_api.expect_list(EVENT, NAMESPACE, [warning], field_selector="involvedObject.uid=uid-aaa,type=Warning")
    message, result = failed_run(fake_api, wait_timeout=10)
    assert "1 of 1 pods of ReplicaSet/cart have no Ready pod in their place." in message
    assert "Last warning event: FailedCreate: exceeded quota" in message
    assert outcomes(result)[0][2:] == ("failed", "deleted, and no other pod is Ready in its place")


def test_a_replacement_that_is_not_ready(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    fake_api.expect_evict(NAMESPACE, "a", uid="uid-a")
    broken = {"name": "app", "state": {"waiting": {"reason": "ErrImagePull"}}}
    expect_watch(fake_api, event("DELETED", going("a")), event("ADDED", a("c", ready=False, containers=[broken])))
    _message, result = failed_run(fake_api, wait_timeout=10)
    assert outcomes(result)[-1][2:] == ("failed", "its replacement is not Ready: container app: ErrImagePull")


def test_nobodys_pod_is_refused_unless_allowed(fake_api: FakeApi) -> None:
    for _time in range(2):
        expect_pods(fake_api, pod("alone"))
    with pytest.raises(TargetError, match="No controller owns these pods, so nothing would bring them back: alone"):
        run(fake_api)
    fake_api.expect_evict(NAMESPACE, "alone", uid="uid-alone")
    expect_watch(fake_api, event("DELETED", pod("alone")))
    assert outcomes(run(fake_api, allow_unowned=True))[0][3] == "deleted; nobody makes a new one"


def test_a_static_pod_is_refused_always(fake_api: FakeApi) -> None:
    expect_pods(fake_api, pod("etcd-worker", meta={"annotations": {MIRROR: "x"}}))
    with pytest.raises(TargetError, match=r"Static pods cannot be restarted by deleting them.*: etcd-worker"):
        run(fake_api, allow_unowned=True)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"force": True}, "a pod is not evicted by force"),
        ({"grace_seconds": 0}, "grace_seconds: 0 would take the pod off"),
        ({"max_unavailable": "0"}, "max_unavailable: '0' is neither"),
    ],
)
def test_options_that_make_no_sense(fake_api: FakeApi, params: dict[str, Any], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        run(fake_api, **params)


def test_by_force(fake_api: FakeApi) -> None:
    db = workload("StatefulSet")
    expect_pods(fake_api, pod("cart-0", db, uid="a0"))
    fake_api.expect_delete(POD, NAMESPACE, "cart-0", uid="a0", grace_seconds=0)
    result = run(fake_api, method="delete", force=True, wait=False)
    assert "may still run while another one has its name and volumes" in result["warnings"][0]
    assert result["changed"]
    assert result["pods"] == []


def test_not_waiting_does_not_take_down_everything(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    with pytest.raises(TargetError, match="all 2 pods of ReplicaSet/cart would be deleted at once"):
        run(fake_api, wait=False)


def test_not_waiting_for_a_budget(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"))
    fake_api.expect_evict(NAMESPACE, "a", NO_ROOM, uid="uid-a")
    message, result = failed_run(fake_api, wait=False)
    assert message == str(NO_ROOM)
    assert not result["changed"]


def test_check_mode_asks_the_server(fake_api: FakeApi) -> None:
    expect_pods(fake_api, a("a"), a("b"))
    fake_api.expect_evict(NAMESPACE, "a", NO_ROOM, uid="uid-a", dry_run=True)
    fake_api.expect_evict(NAMESPACE, "b", uid="uid-b", dry_run=True)
    result = run(fake_api, check_mode=True)
    assert [entry["reason"] for entry in result["plan"]] == [
        f"no room now, it would be waited for: {NO_ROOM}",
        "ReplicaSet cart-aaa makes another one",
    ]
    assert result["changed"]
    assert {entry[2] for entry in outcomes(result)} == {"skipped"}
