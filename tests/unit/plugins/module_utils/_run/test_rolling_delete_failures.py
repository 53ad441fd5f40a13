# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    NODE,
    POD,
    POD_DISRUPTION_BUDGET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.pod_delete_script import (
    NO_ROOM,
    added,
    changed,
    ending,
    expect_events,
    expect_warnings,
    expect_workload,
    failed_run,
    gone,
    outcomes,
)

OBJ = workload("Deployment")
STARTING = {"name": "app", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
FAILED = "Deployment shop/cart: not all pods were replaced: not done after 9 s (wait_timeout)"


@pytest.fixture
def two(fake_api: FakeApi) -> FakeApi:
    """The API, with a Deployment of two pods that is looked at."""
    expect_workload(fake_api, OBJ, [pod("cart-a", OBJ), pod("cart-b", OBJ)])
    return fake_api


def fails(api: FakeApi, kind: str = "Deployment") -> tuple[str, list[tuple[object, ...]]]:
    """Message and outcomes of a run that has nine seconds."""
    message, result = failed_run(api, kind=kind, name="cart", wait_timeout=9)
    return message, outcomes(result)


def test_the_budget_and_the_servers_own_words(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", NO_ROOM, uid="uid-cart-a")
    expect_events(two)
    two.expect_evict(NAMESPACE, "cart-a", NO_ROOM, uid="uid-cart-a")
    expect_events(two)
    two.expect_evict(NAMESPACE, "cart-a", NO_ROOM, uid="uid-cart-a")
    message, found = fails(two)
    assert message.splitlines() == [
        f"{FAILED}: Cannot evict: The disruption budget cart needs 2 healthy pods and has 2 currently.",
        "Not touched: Pod shop/cart-a, Pod shop/cart-b.",
    ]
    assert [entry[2] for entry in found] == ["skipped", "skipped"]


def test_a_new_pod_that_cannot_start(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    expect_events(two, gone(pod("cart-a", OBJ)), added(pod("cart-c", OBJ, ready=False, containers=[STARTING])))
    expect_warnings(two, "uid-cart-c")
    message, found = fails(two)
    assert message.splitlines() == [
        f"{FAILED}: Pod shop/cart-a was evicted, and cart-c in its place is not Ready, or not for long enough.",
        "Pod shop/cart-c: container app: ImagePullBackOff.",
        "Not touched: Pod shop/cart-b.",
    ]
    assert found == [("uid-cart-a", "uid-cart-c", "failed"), ("uid-cart-b", "uid-cart-b", "skipped")]


def test_a_new_pod_that_cannot_be_made(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    expect_events(two, gone(pod("cart-a", OBJ)))
    expect_warnings(two, "uid-aaa", {"reason": "FailedCreate", "message": "exceeded quota: none"})
    message, found = fails(two)
    assert "Pod shop/cart-a was evicted, and no pod has taken its place.\nLast warning event: FailedCreate" in message
    assert found[0] == ("uid-cart-a", None, "failed")


def test_a_finalizer_is_named(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    held = ending(pod("cart-a", OBJ), finalizers=["example.com/held"])
    expect_events(two, changed(held), added(pod("cart-c", OBJ)))
    message, found = fails(two)
    assert "and is still there: whoever set its finalizers has to remove them (example.com/held)." in message
    assert found[0] == ("uid-cart-a", "uid-cart-c", "failed")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("Unknown", "its node worker does not answer (Ready is Unknown); force removes the pod without it"),
        ("True", "its node worker has not said that its containers have ended"),
        (ApiError("no", 403), "its node worker has not said that its containers have ended"),
    ],
)
def test_a_node_that_does_not_answer(two: FakeApi, answer: str | ApiError, words: str) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    expect_events(two, changed(ending(pod("cart-a", OBJ))))
    node = {"status": {"conditions": [{"type": "Ready", "status": answer}]}}
    two.expect_get(NODE, "", "worker", answer if isinstance(answer, ApiError) else node)
    assert f"and is still there: {words}." in fails(two)[0]


def test_no_pod_that_is_ready_goes_while_another_one_is_down(fake_api: FakeApi) -> None:
    down = pod("cart-b", OBJ, ready=False, containers=[STARTING])
    target = expect_workload(fake_api, OBJ, [pod("cart-a", OBJ), down])
    expect_events(fake_api)
    expect_warnings(fake_api, "uid-cart-b")
    message, result = failed_run(fake_api, **target, select="metadata.name == 'cart-a'", wait_timeout=9)
    assert "Pod shop/cart-a was not touched, since 1 of the 2 pods of Deployment cart are Ready" in message
    assert "Pod shop/cart-b: container app: ImagePullBackOff" in message
    assert not result["changed"]


@pytest.mark.parametrize("readable", [True, False])
def test_more_than_one_budget_is_an_error_at_once(two: FakeApi, readable: bool) -> None:
    error = ApiError("Cannot evict: This pod has more than one PodDisruptionBudget, which is not supported.", 500)
    two.expect_evict(NAMESPACE, "cart-a", error, uid="uid-cart-a")
    selector = {"selector": {"matchLabels": {"app": "cart"}}}
    budgets = [{"metadata": {"name": name}, "spec": selector} for name in ("over-b", "over-a")]
    two.expect_list(POD_DISRUPTION_BUDGET, NAMESPACE, budgets if readable else ApiError("Cannot list: no.", 403))
    message, found = fails(two)
    words = "They are over-a, over-b." if readable else "Which these are could not be read: Cannot list: no."
    assert words in message
    assert [entry[2] for entry in found] == ["skipped", "skipped"]


def test_what_is_not_allowed_is_an_error_at_once(two: FakeApi) -> None:
    denied = ApiError('Cannot evict: cannot create resource "pods/eviction". A Role has to be bound.', 403)
    two.expect_evict(NAMESPACE, "cart-a", denied, uid="uid-cart-a")
    assert 'cannot create resource "pods/eviction"' in fails(two)[0]


def test_the_cluster_is_gone_after_the_deletion(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    expect_events(two, 8.5, Unreachable("No answer."))
    expect_events(two, Unreachable("No answer."))
    message, found = fails(two)
    assert "not all pods were replaced: No answer." in message
    assert found[0] == ("uid-cart-a", None, "failed")


def test_a_replacement_that_ends_later_is_no_success(fake_api: FakeApi) -> None:
    obj: JsonObject = workload("StatefulSet")
    zero, one, new = pod("cart-0", obj), pod("cart-1", obj), pod("cart-1", obj, uid="new-1")
    target = expect_workload(fake_api, obj, [zero, one])
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", uid="uid-cart-1")
    bad = pod("cart-1", obj, uid="new-1", ready=False, containers=[STARTING])
    expect_events(fake_api, gone(one), added(new), changed(bad), gone(zero), added(pod("cart-0", obj, uid="new-0")))
    fake_api.expect_delete(POD, NAMESPACE, "cart-0", uid="uid-cart-0")
    expect_warnings(fake_api, "new-1")
    message, result = failed_run(fake_api, **target, method="delete", wait_timeout=9)
    assert "Pod shop/cart-1 was deleted, and cart-1 in its place is not Ready" in message
    assert outcomes(result) == [("uid-cart-1", "new-1", "failed"), ("uid-cart-0", "new-0", "restarted")]


def test_the_time_is_counted_anew_for_each_pod(two: FakeApi) -> None:
    two.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    new = added(pod("cart-c", OBJ))
    expect_events(two, 8.0, gone(pod("cart-a", OBJ)), new)
    two.expect_evict(NAMESPACE, "cart-b", uid="uid-cart-b")
    expect_events(two, version="10")
    two.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", OBJ)
    expect_events(two, gone(pod("cart-b", OBJ)), version="10")  # until 17 s, 9 s after the first pod was replaced
    expect_warnings(two, "uid-aaa")
    assert "Pod shop/cart-b was evicted, and no pod has taken its place" in fails(two)[0]
