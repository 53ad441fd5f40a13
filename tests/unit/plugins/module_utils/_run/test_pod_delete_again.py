# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run after one that was killed (older_than): what that one took down is replaced before anything else goes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
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
    expect_warnings,
    expect_workload,
    failed_run,
    gone,
    outcomes,
    run,
)

#: When the first run began, 65 s ago; what is old was made before, and what is young since.
FIRST = "2026-01-02T03:03:00Z"
OLD = {"creationTimestamp": "2026-01-02T03:00:00Z"}
YOUNG = {"creationTimestamp": "2026-01-02T03:04:00Z"}
LEFT = f"created since {FIRST} (older_than)"
MADE_MEANWHILE = "it was made during this run, but not in the place of a pod that this run took down, and is Ready"
#: Young enough to be left alone, but older than wait_timeout: not waited for.
HAD_ITS_TIME = {"creationTimestamp": "2026-01-02T03:03:04Z"}
DEPLOYMENT = workload("Deployment")
THREE = workload("Deployment", spec={"replicas": 3})
BY_LABEL = {"label_selectors": ["tier"]}


def again(api: FakeApi, target: dict[str, Any], **params: Any) -> JsonObject:
    """The second run."""
    return run(api, **target, older_than=FIRST, **params)


def reasons(result: JsonObject) -> list[tuple[str, str]]:
    """Name and reason of each pod's outcome."""
    return [(entry["name"], entry["containers"][0]["reason"]) for entry in result["pods"]]


def test_the_next_one_waits_for_the_replacement_of_the_one_before(fake_api: FakeApi) -> None:
    old, late = pod("cart-b", DEPLOYMENT, meta=OLD), pod("cart-c", DEPLOYMENT, meta=YOUNG, ready=False)
    target = expect_workload(fake_api, DEPLOYMENT, [old, late])
    back = changed(pod("cart-c", DEPLOYMENT, meta=YOUNG))
    expect_events(fake_api, 3.0, back, gone(old), added(pod("cart-d", DEPLOYMENT)))
    fake_api.expect_evict(NAMESPACE, "cart-b", uid="uid-cart-b")
    result = again(fake_api, target)
    assert outcomes(result) == [
        ("uid-cart-b", "uid-cart-d", "restarted"),
        ("uid-cart-c", "uid-cart-c", "unchanged"),
    ]
    assert reasons(result)[1] == ("cart-c", f"{LEFT}, and it is Ready by now")
    assert result["pods"][0]["containers"][0]["seconds"] == 0


def test_a_run_with_nothing_to_delete_ends_only_when_the_replacement_is_ready(fake_api: FakeApi) -> None:
    new, late = pod("cart-b", DEPLOYMENT, meta=YOUNG), pod("cart-c", DEPLOYMENT, meta=YOUNG, ready=False)
    target = expect_workload(fake_api, DEPLOYMENT, [new, late])
    expect_events(fake_api, 9.0, changed(pod("cart-c", DEPLOYMENT, meta=YOUNG)))
    result = again(fake_api, target)
    assert reasons(result) == [("cart-b", LEFT), ("cart-c", f"{LEFT}, and it is Ready by now")]
    assert (result["changed"], result["summary"]["seconds"], result["summary"]["unchanged"]) == (False, 9, 2)


def test_where_all_is_well_nothing_is_waited_for(fake_api: FakeApi) -> None:
    target = expect_workload(fake_api, DEPLOYMENT, [pod(name, DEPLOYMENT, meta=YOUNG) for name in ("cart-b", "cart-c")])
    result = again(fake_api, target)
    assert (result["changed"], result["summary"]["seconds"]) == (False, 0)


def test_a_pod_that_is_still_going_is_seen_to_its_replacement(fake_api: FakeApi) -> None:
    """With a grace period the first run may be long dead before its pod is."""
    obj = workload("StatefulSet")
    zero, one = pod("cart-0", obj, meta=YOUNG), ending(pod("cart-1", obj, meta=OLD))
    target = expect_workload(fake_api, obj, [zero, one])
    new = pod("cart-1", obj, uid="new-1", meta=YOUNG)
    late = pod("cart-1", obj, uid="new-1", meta=YOUNG, ready=False)
    expect_events(fake_api, 5.0, gone(one), added(late), 2.0, changed(new))
    result = again(fake_api, target)
    assert outcomes(result) == [("uid-cart-0", "uid-cart-0", "unchanged"), (None, "new-1", "unchanged")]
    assert reasons(result)[1] == ("cart-1", MADE_MEANWHILE)
    assert (result["changed"], result["summary"]["seconds"]) == (False, 7)


def test_the_only_pod_of_a_workload_may_be_what_is_missing(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet", spec={"replicas": 1})
    one = ending(pod("cart-0", obj, meta=OLD))
    fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, "cart", obj)
    fake_api.expect_list(POD, NAMESPACE, [one], label_selector="app=cart", resource_version="20")
    expect_events(fake_api, gone(one), 1.0, added(pod("cart-0", obj, uid="new-0", meta=YOUNG)))
    result = again(fake_api, {"kind": "StatefulSet", "name": "cart"})
    assert outcomes(result) == [(None, "new-0", "unchanged")]


@pytest.mark.parametrize("options", [{"older_than": None}, {"replicas": 0}, {"select": "metadata.name == 'other'"}])
def test_no_pods_are_an_error_where_none_was_taken_down(fake_api: FakeApi, options: dict[str, Any]) -> None:
    obj = workload("StatefulSet", spec={"replicas": options.pop("replicas", 1)})
    for _ in range(1 if "older_than" in options else 2):
        fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, "cart", obj)
        fake_api.expect_list(POD, NAMESPACE, [], label_selector="app=cart", resource_version="20")
    fake_api.expect_namespace(NAMESPACE, True)
    with pytest.raises(TargetError, match="has no pods"):
        run(fake_api, **{"kind": "StatefulSet", "name": "cart", "older_than": FIRST} | options)


def test_two_at_a_time_are_not_three(fake_api: FakeApi) -> None:
    """One replacement is on its way: only one more may go, and the run waits for both."""
    obj = workload("Deployment", spec={"replicas": 4})
    a, b = (pod(f"cart-{name}", obj, meta=OLD) for name in "ab")
    new, late = pod("cart-c", obj, meta=YOUNG), pod("cart-d", obj, meta=YOUNG, ready=False)
    target = expect_workload(fake_api, obj, [a, b, new, late])
    fake_api.expect_evict(NAMESPACE, "cart-a", uid="uid-cart-a")
    events = [gone(a), added(pod("cart-e", obj)), gone(b), added(pod("cart-f", obj))]
    expect_events(fake_api, *events, 3.0, changed(pod("cart-d", obj, meta=YOUNG)))
    fake_api.expect_evict(NAMESPACE, "cart-b", uid="uid-cart-b")
    result = again(fake_api, target, max_unavailable="2")
    assert [row[2] for row in outcomes(result)] == ["restarted", "restarted", "unchanged", "unchanged"]
    assert result["summary"]["seconds"] == 3


def test_a_replacement_that_does_not_come_is_told(fake_api: FakeApi) -> None:
    new, late = pod("cart-b", DEPLOYMENT, meta=YOUNG), pod("cart-c", DEPLOYMENT, meta=YOUNG, ready=False)
    target = expect_workload(fake_api, DEPLOYMENT, [new, late])
    for _ in range(4):  # the owner is asked every 15 s whether it still wants as many
        expect_events(fake_api)
        fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", DEPLOYMENT)
    expect_warnings(fake_api, "uid-cart-c")
    fake_api.expect_log(NAMESPACE, "cart-c", "app", "no connection")
    message, result = failed_run(fake_api, **target, older_than=FIRST)
    assert (
        "not done after 60 s (wait_timeout): 1 of the 2 pods of Deployment cart are Ready, or not for long enough, "
        "and with older_than the others are waited for: an earlier run may have taken them down, or something else "
        "keeps them away, such as a quota"
    ) in message
    assert outcomes(result) == [("uid-cart-b", "uid-cart-b", "unchanged"), ("uid-cart-c", "uid-cart-c", "failed")]
    assert reasons(result)[1] == ("cart-c", f"{LEFT}, and it is not Ready yet")
    assert not result["changed"]


@pytest.mark.parametrize("made", [OLD, HAD_ITS_TIME], ids=["before the first run", "had its time"])
def test_a_pod_that_is_not_ready_for_reasons_of_its_own_is_not_waited_for(
    fake_api: FakeApi, made: dict[str, str]
) -> None:
    young = pod("cart-b", DEPLOYMENT, meta=YOUNG)
    target = expect_workload(fake_api, DEPLOYMENT, [young, pod("cart-c", DEPLOYMENT, meta=made, ready=False)])
    select = {"select": "metadata.name == 'cart-b'"}
    result = again(fake_api, target | select)
    assert (reasons(result), result["summary"]["seconds"]) == ([("cart-b", LEFT)], 0)


def test_a_surge_that_is_stuck_does_not_excuse_the_replacement(fake_api: FakeApi) -> None:
    """The rollout's broken pod is one more than is wanted."""
    good = [pod(name, THREE, meta=YOUNG) for name in ("cart-a", "cart-b")]
    broken = pod("cart-x", THREE, hash_label="bbb", meta=HAD_ITS_TIME, ready=False)
    target = expect_workload(fake_api, THREE, [*good, broken, pod("cart-c", THREE, meta=YOUNG, ready=False)])
    expect_events(fake_api, 9.0, changed(pod("cart-c", THREE, meta=YOUNG)))
    result = again(fake_api, target)
    assert ("cart-c", f"{LEFT}, and it is Ready by now") in reasons(result)
    assert result["summary"]["seconds"] == 9


def test_a_pod_that_recovers_is_not_the_replacement(fake_api: FakeApi) -> None:
    ill = pod("cart-b", THREE, meta=HAD_ITS_TIME, ready=False)
    target = expect_workload(fake_api, THREE, [pod("cart-a", THREE, meta=YOUNG), ill])
    recovered = changed(pod("cart-b", THREE, meta=HAD_ITS_TIME))
    expect_events(fake_api, recovered, 4.0, added(pod("cart-c", THREE)))
    result = again(fake_api, target)
    assert outcomes(result)[2:] == [(None, "uid-cart-c", "unchanged")]
    assert (reasons(result)[2], result["summary"]["seconds"]) == (("cart-c", MADE_MEANWHILE), 4)


def owned_by(kind: str, name: str, **status: Any) -> JsonObject:
    """A young pod of an owner that does not say how many pods it wants."""
    owner = {"kind": kind, "name": "report-zzz", "uid": "uid-report", "controller": True}
    meta = {"ownerReferences": [owner], "labels": {"pod-template-hash": "zzz"}}
    return pod(name, meta=meta | YOUNG, **status)


@pytest.mark.parametrize("kind", ["Job", "Workflow", "ReplicaSet"])
def test_an_owner_that_does_not_say_how_many_it_wants_is_not_waited_for(fake_api: FakeApi, kind: str) -> None:
    old, new = pod("cart-b", DEPLOYMENT, meta=OLD), pod("cart-c", DEPLOYMENT, meta=YOUNG)
    fake_api.expect_list(POD, NAMESPACE, [old, new, owned_by(kind, "report", ready=False)], label_selector="tier")
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", DEPLOYMENT)
    if kind == "ReplicaSet":
        fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "report", ApiError("no", 403))
        fake_api.expect_get(REPLICA_SET, NAMESPACE, "report-zzz", ApiError("no", 403))
    fake_api.expect_list(POD, NAMESPACE, [old, new], label_selector="app=cart", resource_version="20")
    fake_api.expect_evict(NAMESPACE, "cart-b", uid="uid-cart-b")
    expect_events(fake_api, gone(old), added(pod("cart-d", DEPLOYMENT)))
    result = again(fake_api, BY_LABEL)
    assert [row[2] for row in outcomes(result)] == ["restarted", "unchanged", "unchanged"]
    assert reasons(result)[2] == ("report", LEFT)


def test_nor_is_it_where_one_of_its_pods_is_taken_down(fake_api: FakeApi) -> None:
    """Its other pods end when their work is done, and none comes in their place."""
    old = owned_by("Workflow", "old")
    old["metadata"] |= OLD
    fake_api.expect_list(POD, NAMESPACE, [old, owned_by("Workflow", "step")], label_selector="tier")
    fake_api.expect_list(POD, NAMESPACE, [old, owned_by("Workflow", "step")])
    fake_api.expect_evict(NAMESPACE, "old", uid="uid-old")
    ended = changed(owned_by("Workflow", "step", ready=False, phase="Succeeded"))
    fake_api.expect_watch(
        POD, NAMESPACE, [gone(old), ended, added(owned_by("Workflow", "new"))], resource_version="100"
    )
    result = again(fake_api, BY_LABEL)
    assert outcomes(result) == [("uid-old", "uid-new", "restarted"), ("uid-step", "uid-step", "unchanged")]


def test_what_is_said_is_not_lost_when_another_owners_pod_cannot_be_taken_down(fake_api: FakeApi) -> None:
    cart, web = workload("StatefulSet", spec={"replicas": 1}), workload("StatefulSet", "web")
    old, late = pod("cart-0", cart, meta=OLD), pod("web-1", web, meta=YOUNG, ready=False)
    pods = [old, pod("web-0", web, meta=YOUNG), late]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="tier")
    for obj in (cart, web):
        fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, obj["metadata"]["name"], obj)
    fake_api.expect_list(POD, NAMESPACE, pods)
    fake_api.expect_evict(NAMESPACE, "cart-0", NO_ROOM, uid="uid-cart-0")
    fake_api.expect_watch(POD, NAMESPACE, [2.0, gone(late)], resource_version="100")
    fake_api.expect_evict(NAMESPACE, "cart-0", ApiError("Cannot evict: a webhook denied it.", 403), uid="uid-cart-0")
    message, result = failed_run(fake_api, **BY_LABEL, older_than=FIRST)
    assert "a webhook denied it" in message
    assert [row[2] for row in outcomes(result)] == ["skipped", "unchanged", "unchanged"]


def test_owners_that_have_all_they_want_are_not_watched(fake_api: FakeApi) -> None:
    """Nor is the whole namespace listed."""
    cart, web = (workload("StatefulSet", name, spec={"replicas": 1}) for name in ("cart", "web"))
    pods = [pod("cart-0", cart, meta=YOUNG), pod("web-0", web, meta=YOUNG)]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="tier")
    for obj in (cart, web):
        fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, obj["metadata"]["name"], obj)
    result = again(fake_api, BY_LABEL)
    assert (reasons(result), result["summary"]["seconds"]) == ([("cart-0", LEFT), ("web-0", LEFT)], 0)


def test_only_the_owner_that_lacks_a_pod_is_watched(fake_api: FakeApi) -> None:
    cart, web = (workload("StatefulSet", name, spec={"replicas": 1}) for name in ("cart", "web"))
    late = pod("cart-0", cart, meta=YOUNG, ready=False)
    fake_api.expect_list(POD, NAMESPACE, [late, pod("web-0", web, meta=YOUNG)], label_selector="tier")
    for obj in (cart, web):
        fake_api.expect_get(WORKLOADS["StatefulSet"].resource, NAMESPACE, obj["metadata"]["name"], obj)
    fake_api.expect_list(POD, NAMESPACE, [late], label_selector="app=cart", resource_version="20")
    expect_events(fake_api, 3.0, changed(pod("cart-0", cart, meta=YOUNG)))
    result = again(fake_api, BY_LABEL)
    assert reasons(result) == [("cart-0", f"{LEFT}, and it is Ready by now"), ("web-0", LEFT)]


def test_a_young_static_pod_is_told_with_the_uid_that_its_kubelet_knows(fake_api: FakeApi) -> None:
    mirror = pod("etcd-one", meta=YOUNG | {"annotations": {"kubernetes.io/config.mirror": "5f1d"}})
    fake_api.expect_list(POD, NAMESPACE, [mirror], label_selector="tier")
    assert again(fake_api, BY_LABEL)["pods"][0]["static_uid"] == "5f1d"
