# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JOB, POD, STATEFUL_SET, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.pod_delete_script import (
    NO_ROOM,
    added,
    ending,
    expect_workload,
    failed_run,
    gone,
    outcomes,
    run,
)

OBJ = workload("StatefulSet")
TWO = [pod("cart-0", OBJ), pod("cart-1", OBJ)]


def reasons(result: dict[str, Any]) -> list[str]:
    """The reason of each pod's outcome."""
    return [entry["containers"][0]["reason"] for entry in result["pods"]]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"max_unavailable": "0"}, "max_unavailable"),
        ({"grace_seconds": 0}, "grace_seconds has to be 1 or more.*see force"),
        ({"grace_seconds": -1, "force": True}, "grace_seconds has to be 1 or more"),
        ({"grace_seconds": 5, "force": True}, "force means no grace period"),
    ],
)
def test_options_that_make_no_sense_ask_nothing(fake_api: FakeApi, params: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, pods=["cart-0"], **params)
    assert fake_api.calls == []


def test_nothing_is_deleted_if_one_pod_must_not_be(fake_api: FakeApi) -> None:
    mirror = pod("etcd", meta={"annotations": {"kubernetes.io/config.mirror": "x"}})
    fake_api.expect_list(POD, NAMESPACE, [*TWO, pod("bare"), mirror])
    with pytest.raises(TargetError, match=r"Nothing was deleted, 2 of 3 pods must not be: Pod shop/bare: it has no"):
        run(fake_api, pods=["cart-0", "bare", "etcd"])


def test_pods_without_a_controller_when_asked(fake_api: FakeApi) -> None:
    bare = pod("bare")
    fake_api.expect_list(POD, NAMESPACE, [bare], field_selector="metadata.name=bare")
    fake_api.expect_list(POD, NAMESPACE, [bare, *TWO], resource_version="20")
    fake_api.expect_evict(NAMESPACE, "bare", uid="uid-bare")
    fake_api.expect_watch(POD, NAMESPACE, [gone(bare)], resource_version="20")
    result = run(fake_api, pods=["bare"], allow_unowned=True)
    assert outcomes(result) == [("uid-bare", None, "deleted")]
    assert (result["changed"], result["summary"]["restarted"]) == (True, 0)


def test_force_removes_at_once_and_says_what_that_means(fake_api: FakeApi) -> None:
    stuck = ending(TWO[1])
    fake_api.expect_list(POD, NAMESPACE, [stuck], field_selector="metadata.name=cart-1")
    fake_api.expect_get(STATEFUL_SET, NAMESPACE, "cart", OBJ)
    fake_api.expect_list(POD, NAMESPACE, [TWO[0], stuck], label_selector="app=cart", resource_version="20")
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", uid="uid-cart-1", grace_seconds=0)
    events = [gone(stuck), added(pod("cart-1", OBJ, uid="new-1"))]
    fake_api.expect_watch(POD, NAMESPACE, events, resource_version="20", label_selector="app=cart")
    result = run(fake_api, pods=["cart-1"], method="delete", force=True)
    assert outcomes(result) == [("uid-cart-1", "new-1", "restarted")]
    assert "may run at the same time" in result["warnings"][0]
    assert result["strategy"] == "pod_delete"


def test_pods_that_have_ended_or_are_going_are_left_alone(fake_api: FakeApi) -> None:
    ended = pod("cart-0", OBJ, phase="Succeeded")
    going = pod("cart-1", OBJ, meta={"deletionTimestamp": "2026-01-02T03:04:05Z"})
    fake_api.expect_list(POD, NAMESPACE, [ended, going])
    result = run(fake_api, pods=["cart-0", "cart-1"])
    assert reasons(result) == [
        "it has ended (Succeeded): nothing runs in it that could be restarted",
        "it is being deleted already",
    ]
    assert [entry["action"] for entry in result["plan"]] == ["skip", "skip"]
    assert not result["changed"]


def test_pods_that_are_young_enough_are_left_alone(fake_api: FakeApi) -> None:
    old = pod("cart-0", OBJ, meta={"creationTimestamp": "2026-01-01T00:00:00Z"})
    young = pod("cart-1", OBJ, meta={"creationTimestamp": "2026-01-01T02:00:00Z"})
    fake_api.expect_list(POD, NAMESPACE, [old, young])
    fake_api.expect_get(STATEFUL_SET, NAMESPACE, "cart", OBJ)
    fake_api.expect_evict(NAMESPACE, "cart-0", uid="uid-cart-0", dry_run=True)
    result = run(fake_api, check_mode=True, pods=["cart-0", "cart-1"], older_than="2026-01-01T01:00:00Z")
    assert outcomes(result) == [("uid-cart-0", "uid-cart-0", "skipped"), ("uid-cart-1", "uid-cart-1", "unchanged")]
    assert result["plan"][1]["action"] == "leave"
    assert reasons(result)[1] == "created since 2026-01-01T01:00:00Z (older_than)"


def test_where_all_pods_are_young_enough_nothing_is_done(fake_api: FakeApi) -> None:
    young = pod("cart-1", OBJ, meta={"creationTimestamp": "2026-01-01T02:00:00Z"})
    fake_api.expect_list(POD, NAMESPACE, [young], field_selector="metadata.name=cart-1")
    fake_api.expect_get(STATEFUL_SET, NAMESPACE, "cart", OBJ)
    fake_api.expect_list(POD, NAMESPACE, [TWO[0], young], label_selector="app=cart", resource_version="20")
    result = run(fake_api, pods=["cart-1"], older_than="2026-01-01T01:00:00Z")
    assert (result["changed"], result["summary"]["unchanged"]) == (False, 1)
    assert reasons(result) == ["created since 2026-01-01T01:00:00Z (older_than)"]


def test_no_pods_are_fine_when_that_is_expected(fake_api: FakeApi) -> None:
    target = expect_workload(fake_api, OBJ, [])
    assert not run(fake_api, **target, allow_empty=True)["changed"]


@pytest.mark.parametrize("method", ["evict", "delete"])
def test_check_mode_has_the_server_judge_each_pod(fake_api: FakeApi, method: str) -> None:
    target = expect_workload(fake_api, OBJ, TWO)
    if method == "evict":
        fake_api.expect_evict(NAMESPACE, "cart-1", NO_ROOM, uid="uid-cart-1", dry_run=True)
        fake_api.expect_evict(NAMESPACE, "cart-0", NotFound("no", 404), uid="uid-cart-0", dry_run=True)
    else:
        fake_api.expect_delete(POD, NAMESPACE, "cart-1", uid="uid-cart-1", dry_run=True)
        fake_api.expect_delete(POD, NAMESPACE, "cart-0", uid="uid-cart-0", dry_run=True)
    result = run(fake_api, check_mode=True, **target, method=method)
    assert [entry[2] for entry in outcomes(result)] == ["skipped", "skipped"]
    if method == "evict":
        assert "no room now: Cannot evict: The disruption budget cart needs 2" in result["plan"][0]["reason"]
        assert reasons(result)[1] == "it was gone already"
    else:
        assert reasons(result) == ["check mode: it would be deleted"] * 2


def test_check_mode_fails_as_a_real_run_would(fake_api: FakeApi) -> None:
    target = expect_workload(fake_api, OBJ, TWO)
    fake_api.expect_evict(NAMESPACE, "cart-1", ApiError("Cannot evict: no.", 403), uid="uid-cart-1", dry_run=True)
    with pytest.raises(ApiError, match="Cannot evict: no"):
        run(fake_api, check_mode=True, **target)


def test_without_waiting_no_more_than_may_be_down(fake_api: FakeApi) -> None:
    target = expect_workload(fake_api, OBJ, TWO)
    with pytest.raises(TargetError, match=r"2 pods of StatefulSet cart are meant, and 1 may be down"):
        run(fake_api, **target, wait=False)


def test_without_waiting(fake_api: FakeApi) -> None:
    target = expect_workload(fake_api, OBJ, TWO)
    fake_api.expect_evict(NAMESPACE, "cart-1", uid="uid-cart-1")
    fake_api.expect_evict(NAMESPACE, "cart-0", NotFound("no", 404), uid="uid-cart-0")
    result = run(fake_api, **target, wait=False, max_unavailable="2")
    assert [entry[2] for entry in outcomes(result)] == ["deleted", "skipped"]
    assert result["changed"]


@pytest.mark.parametrize(("ready", "window", "refused"), [(True, "1", True), (True, "2", False), (False, "1", False)])
def test_without_waiting_what_is_down_counts(fake_api: FakeApi, ready: bool, window: str, refused: bool) -> None:
    """Of two that are wanted one is missing: its replacement was not made yet."""
    target = expect_workload(fake_api, OBJ, [pod("cart-0", OBJ, ready=ready)])
    if refused:
        with pytest.raises(TargetError, match=r"1 pods of StatefulSet cart are meant, 1 are down already, and 1"):
            run(fake_api, **target, wait=False, max_unavailable=window)
        return
    fake_api.expect_evict(NAMESPACE, "cart-0", uid="uid-cart-0")
    assert run(fake_api, **target, wait=False, max_unavailable=window)["changed"]


@pytest.mark.parametrize("error", [NO_ROOM, ApiError("Cannot evict: The disruption budget cart is away.", 403)])
def test_without_waiting_a_refusal_is_an_error_at_once(fake_api: FakeApi, error: ApiError) -> None:
    target = expect_workload(fake_api, OBJ, TWO)
    fake_api.expect_evict(NAMESPACE, "cart-1", error, uid="uid-cart-1")
    message, result = failed_run(fake_api, **target, wait=False, max_unavailable="2")
    assert "not all pods were replaced: Cannot evict: The disruption budget cart" in message
    assert message.endswith("Not touched: Pod shop/cart-1, Pod shop/cart-0.")
    assert not result["changed"]


def job_pod() -> JsonObject:
    """A pod that a Job made."""
    owner = {"kind": "Job", "name": "import", "uid": "uid-import", "controller": True}
    return pod("import-a", meta={"ownerReferences": [owner], "finalizers": ["batch.kubernetes.io/job-tracking"]})


@pytest.mark.parametrize("failed", [0, 6])
def test_a_pod_of_a_job(fake_api: FakeApi, failed: int) -> None:
    fake_api.expect_list(POD, NAMESPACE, [job_pod()], field_selector="metadata.name=import-a")
    job = {"metadata": {"namespace": NAMESPACE, "name": "import"}, "spec": {}, "status": {"failed": failed}}
    fake_api.expect_get(JOB, NAMESPACE, "import", job)
    if failed:
        with pytest.raises(TargetError, match="would fail for good: 6 of its pods failed, and its backoffLimit is 6"):
            run(fake_api, pods=["import-a"])
        return
    fake_api.expect_list(POD, NAMESPACE, [job_pod()], resource_version="20")
    fake_api.expect_evict(NAMESPACE, "import-a", uid="uid-import-a")
    done = job_pod()
    done["metadata"] |= {"name": "import-b", "uid": "uid-import-b"}
    done["status"]["phase"] = "Succeeded"
    fake_api.expect_watch(POD, NAMESPACE, [gone(job_pod()), added(done)], resource_version="20")
    result = run(fake_api, pods=["import-a"])
    assert outcomes(result) == [("uid-import-a", "uid-import-b", "restarted")]
    assert len(result["warnings"]) == 1


def test_a_job_that_may_not_be_read(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [job_pod()], field_selector="metadata.name=import-a")
    fake_api.expect_get(JOB, NAMESPACE, "import", ApiError("Cannot get Job: no.", 403))
    fake_api.expect_evict(NAMESPACE, "import-a", uid="uid-import-a", dry_run=True)
    assert "could not be read: Cannot get Job: no." in run(fake_api, check_mode=True, pods=["import-a"])["warnings"][0]
