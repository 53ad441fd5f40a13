# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of things while pods are replaced; every request has to come at the moment that the script says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, REPLICA_SET, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.pod_delete_script import (
    NO_ROOM,
    added,
    changed,
    ending,
    expect_events,
    expect_workload,
    gone,
    outcomes,
    run,
)


def test_a_stateful_set_from_the_highest_ordinal_down(fake_api: FakeApi, waits: Callable[[], list[str]]) -> None:
    obj = workload("StatefulSet")
    zero, one = pod("cart-0", obj), pod("cart-1", obj)
    target = expect_workload(fake_api, obj, [zero, one])
    fake_api.expect_evict(NAMESPACE, "cart-1", uid="uid-cart-1")
    late = pod("cart-1", obj, uid="new-1", ready=False)
    new = pod("cart-1", obj, uid="new-1")
    events: list[WatchEvent | float] = [changed(ending(one)), 2.0, gone(one), added(late), 1.0, changed(new)]
    expect_events(fake_api, *events, gone(zero), added(pod("cart-0", obj, uid="new-0")))
    fake_api.expect_evict(NAMESPACE, "cart-0", uid="uid-cart-0")
    result = run(fake_api, **target)
    assert outcomes(result) == [("uid-cart-1", "new-1", "restarted"), ("uid-cart-0", "new-0", "restarted")]
    assert waits() == [f"{done} of 2 pods are replaced, 1 of the others down" for done in (0, 1)] + [""]
    assert result["strategy"] == "pod_evict"
    assert result["pods"][0]["containers"][0]["seconds"] == 3.0
    assert result["changed"]


def test_the_next_one_waits_until_the_old_one_is_gone_although_the_new_one_is_ready(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    one, two = pod("cart-a", obj), pod("cart-b", obj)
    target = expect_workload(fake_api, obj, [one, two])
    fake_api.expect_delete(POD, NAMESPACE, "cart-a", uid="uid-cart-a", grace_seconds=5)
    expect_events(
        fake_api, changed(ending(one)), added(pod("cart-c", obj)), gone(one), added(pod("cart-d", obj)), gone(two)
    )
    fake_api.expect_delete(POD, NAMESPACE, "cart-b", uid="uid-cart-b", grace_seconds=5)
    result = run(fake_api, **target, method="delete", grace_seconds=5)
    assert outcomes(result) == [("uid-cart-a", "uid-cart-c", "restarted"), ("uid-cart-b", "uid-cart-d", "restarted")]


def test_a_daemon_set_by_node_with_a_window_of_two(fake_api: FakeApi) -> None:
    obj = workload("DaemonSet", status={"desiredNumberScheduled": 4})
    old = [pod(f"cart-{node}", obj, node=node) for node in "abcd"]
    target = expect_workload(fake_api, obj, old)
    for node in "ab":
        fake_api.expect_evict(NAMESPACE, f"cart-{node}", uid=f"uid-cart-{node}")
    new = {node: added(pod(f"new-{node}", obj, node=node)) for node in "abcd"}
    # A sliding window: the third goes as soon as either of the first two is replaced.
    expect_events(
        fake_api, gone(old[1]), new["b"], gone(old[0]), new["a"], gone(old[2]), new["c"], gone(old[3]), new["d"]
    )
    for node in "cd":
        fake_api.expect_evict(NAMESPACE, f"cart-{node}", uid=f"uid-cart-{node}")
    result = run(fake_api, **target, max_unavailable="50%")
    assert outcomes(result) == [(f"uid-cart-{node}", f"uid-new-{node}", "restarted") for node in "abcd"]


def test_what_is_not_ready_goes_first_and_its_replacement_before_the_next(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    ready, broken = pod("cart-a", obj), pod("cart-b", obj, ready=False)
    target = expect_workload(fake_api, obj, [ready, broken])
    fake_api.expect_evict(NAMESPACE, "cart-b", uid="uid-cart-b")
    expect_events(fake_api, gone(broken), added(pod("cart-c", obj)), gone(ready), added(pod("cart-d", obj)))
    fake_api.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    assert run(fake_api, **target)["summary"]["restarted"] == 2


def test_a_new_pod_has_to_stay_ready(fake_api: FakeApi) -> None:
    obj = workload("Deployment", spec={"minReadySeconds": 4, "replicas": 1})
    old, new = pod("cart-a", obj), pod("cart-b", obj)
    target = expect_workload(fake_api, obj, [old])
    fake_api.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    # Each time something is going to be true sooner than the watch ends, it is broken off for a shorter one.
    expect_events(fake_api, gone(old), added(new))
    expect_events(fake_api, 2.0, changed(pod("cart-b", obj, ready=False)), version="10")
    expect_events(fake_api, changed(new), version="10")
    expect_events(fake_api, version="10")
    result = run(fake_api, **target, min_ready_seconds=None)
    assert result["summary"]["seconds"] == 8.0
    assert result["summary"]["restarted"] == 1


def test_a_budget_without_room_is_waited_for(fake_api: FakeApi) -> None:
    obj = workload("Deployment", spec={"replicas": 1})
    old = pod("cart-a", obj)
    target = expect_workload(fake_api, obj, [old])
    fake_api.expect_evict(NAMESPACE, "cart-a", NO_ROOM, uid="uid-cart-a")
    expect_events(fake_api)  # 5 s pass
    fake_api.expect_evict(NAMESPACE, "cart-a", NO_ROOM, uid="uid-cart-a")
    expect_events(fake_api, 2.0, changed(old | {"status": old["status"] | {"podIP": "10.0.0.9"}}), version="20")
    fake_api.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    expect_events(fake_api, gone(old), added(pod("cart-b", obj)), version="10")
    result = run(fake_api, **target)
    assert outcomes(result) == [("uid-cart-a", "uid-cart-b", "restarted")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotFound("Cannot evict: not found.", 404), "it was gone already"),
        (ApiError("Cannot evict: UID in precondition: a, UID in object meta: b.", 409), "it was replaced already"),
    ],
)
def test_a_pod_that_is_gone_or_replaced_is_fine(fake_api: FakeApi, error: Exception, words: str) -> None:
    obj = workload("Deployment", spec={"replicas": 1})
    target = expect_workload(fake_api, obj, [pod("cart-a", obj)])
    fake_api.expect_evict(NAMESPACE, "cart-a", error, uid="uid-cart-a")
    result = run(fake_api, **target)
    assert outcomes(result) == [("uid-cart-a", None, "skipped")]
    assert result["pods"][0]["containers"][0]["reason"].startswith(words)
    assert not result["changed"]


def test_a_pod_that_somebody_else_deletes_meanwhile(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    zero, one = pod("cart-0", obj), pod("cart-1", obj)
    target = expect_workload(fake_api, obj, [zero, one])
    fake_api.expect_evict(NAMESPACE, "cart-1", uid="uid-cart-1")
    expect_events(fake_api, changed(ending(zero)), gone(one), added(pod("cart-1", obj, uid="new-1")))
    result = run(fake_api, **target)
    assert outcomes(result) == [("uid-cart-1", "new-1", "restarted"), ("uid-cart-0", None, "skipped")]


def test_an_owner_that_is_scaled_down_meanwhile(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    zero, one = pod("cart-0", obj), pod("cart-1", obj)
    target = expect_workload(fake_api, obj, [zero, one]) | {"select": "metadata.name == 'cart-1'"}
    fake_api.expect_evict(NAMESPACE, "cart-1", uid="uid-cart-1")
    expect_events(fake_api, gone(one))
    smaller = workload("StatefulSet", spec={"replicas": 1})
    fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, "cart", smaller)
    assert outcomes(run(fake_api, **target)) == [("uid-cart-1", None, "deleted")]


def test_owners_are_read_whatever_they_are(fake_api: FakeApi) -> None:
    """Without a Deployment of that name, or the right to read one, those that are there count."""
    obj = workload("Deployment")
    one, two = pod("cart-a", obj), pod("cart-b", obj)
    fake_api.expect_list(POD, NAMESPACE, [one], field_selector="metadata.name=cart-a")
    denied = ApiError("Cannot get: forbidden.", 403)
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", denied)
    fake_api.expect_get(REPLICA_SET, NAMESPACE, "cart-aaa", denied)
    fake_api.expect_list(POD, NAMESPACE, [one, two], resource_version="20")
    fake_api.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    new: JsonObject = pod("cart-c", obj)
    fake_api.expect_watch(POD, NAMESPACE, [gone(one), added(new)], resource_version="20")
    result = run(fake_api, pods=["cart-a"])
    assert outcomes(result) == [("uid-cart-a", "uid-cart-c", "restarted")]
