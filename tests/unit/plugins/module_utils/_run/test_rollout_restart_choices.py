# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""older_than, OnDelete, partitions, and what is done when a rollout fails."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import ANNOTATION
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import (
    DONE,
    NOW,
    changed,
    expect_events,
    expect_pods,
    expect_start,
    expect_warnings,
    failed_run,
    modified,
    outcomes,
    run,
    template,
)

JSON_PATCH = "application/json-patch+json"
EXCEEDED = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}


def aged(name: str, owner: JsonObject, created: str, **more: Any) -> JsonObject:
    """A pod created at that time of the day."""
    return pod(name, owner, meta={"creationTimestamp": f"2026-01-02T{created}Z"}, **more)


def probed(name: str, owner: JsonObject, **more: Any) -> JsonObject:
    """A pod that counts as soon as it is Ready."""
    return pod(name, owner, spec={"containers": [{"name": "app", "readinessProbe": {}}]}, **more)


def on_delete(kind: str) -> JsonObject:
    return workload(kind, spec={"updateStrategy": {"type": "OnDelete"}})


def expect_get(api: FakeApi, obj: JsonObject) -> None:
    api.expect_get(WORKLOADS[obj["kind"]].resource, NAMESPACE, "cart", obj)


def test_pods_that_are_young_enough_are_left_alone(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_get(fake_api, obj)
    expect_pods(fake_api, [aged("cart-a1", obj, "02:30:00"), aged("cart-a2", obj, "03:00:00")])
    result = run(fake_api, "Deployment", older_than="1h")
    assert not result["changed"]
    assert result["plan"][0]["reason"] == "none of its pods was created before 2026-01-02T02:04:05Z (older_than)"
    assert [entry[2] for entry in outcomes(result)] == ["unchanged", "unchanged"]


def test_one_that_is_too_old_is_enough(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [aged("cart-a1", obj, "02:00:00"), aged("cart-a2", obj, "03:00:00")])
    expect_events(fake_api, obj, modified(obj, **DONE["Deployment"]))
    expect_pods(fake_api, [pod("cart-b1", obj, hash_label="bbb"), pod("cart-b2", obj, hash_label="bbb")])
    assert run(fake_api, "Deployment", older_than="1h")["summary"]["restarted"] == 2


def test_what_an_earlier_run_began_is_waited_for_and_not_begun_again(fake_api: FakeApi) -> None:
    obj = changed(workload("Deployment"), "11", "2026-01-02T03:00:00Z", updatedReplicas=1)
    expect_get(fake_api, obj)
    old, new = aged("cart-a1", obj, "02:00:00"), aged("cart-b1", obj, "03:01:00", hash_label="bbb")
    expect_pods(fake_api, [old, new])
    done = changed(obj, "12", "2026-01-02T03:00:00Z", **DONE["Deployment"])
    expect_events(fake_api, obj, WatchEvent("MODIFIED", done))
    expect_pods(fake_api, [new, aged("cart-b2", obj, "03:05:00", hash_label="bbb")])
    result = run(fake_api, "Deployment", older_than="2026-01-02T02:59:00Z")
    assert result["changed"]
    assert [entry["action"] for entry in result["plan"]] == ["go_on"]
    assert outcomes(result)[0][:3] == ("uid-cart-a1", None, "restarted")


def test_of_an_earlier_run_that_was_undone_nothing_is_left(fake_api: FakeApi) -> None:
    obj = changed(workload("Deployment"), "11", "2026-01-02T03:00:00Z", updatedReplicas=1)
    expect_get(fake_api, obj)
    expect_pods(fake_api, [aged("cart-a1", obj, "02:00:00")])
    gone = changed(obj, "13")
    del gone["spec"]["template"]["metadata"]["annotations"]
    expect_events(fake_api, obj, WatchEvent("MODIFIED", gone))
    expect_pods(fake_api, [aged("cart-a1", obj, "02:00:00")])
    expect_warnings(fake_api, "uid-cart", [])
    assert f"its template lost {ANNOTATION} meanwhile" in failed_run(fake_api, "Deployment", older_than="1h")[0]


def test_on_delete_the_pods_are_deleted_from_the_highest_ordinal_down(fake_api: FakeApi) -> None:
    obj = on_delete("StatefulSet")
    expect_start(fake_api, obj, [probed("cart-0", obj, uid="a0"), probed("cart-1", obj, uid="a1")])
    expect_events(fake_api, obj, modified(obj, replicas=2))
    expect_pods(fake_api, [probed("cart-0", obj, uid="a0"), probed("cart-1", obj, uid="a1")])
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", uid="a1")
    first = [
        WatchEvent("DELETED", probed("cart-1", obj, uid="a1")),
        WatchEvent("ADDED", probed("cart-1", obj, uid="b1", ready=False)),
        WatchEvent("MODIFIED", probed("cart-1", obj, uid="b1")),
    ]
    second = [
        WatchEvent("DELETED", probed("cart-0", obj, uid="a0")),
        WatchEvent("ADDED", probed("cart-0", obj, uid="b0")),
    ]
    fake_api.expect_watch(POD, NAMESPACE, [*first, *second], resource_version="100", label_selector="app=cart")
    fake_api.expect_delete(POD, NAMESPACE, "cart-0", uid="a0")
    expect_pods(fake_api, [probed("cart-0", obj, uid="b0"), probed("cart-1", obj, uid="b1")])
    result = run(fake_api, "StatefulSet")
    assert [entry[:3] for entry in outcomes(result)] == [("a0", "b0", "restarted"), ("a1", "b1", "restarted")]
    assert result["plan"][0]["reason"].startswith("its update strategy is OnDelete: its pods are deleted")


def test_pods_below_a_partition_are_deleted_if_asked(fake_api: FakeApi) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    obj = workload("StatefulSet", spec={"updateStrategy": rolling, "replicas": 1})
    expect_start(fake_api, obj, [probed("cart-0", obj, uid="a0")])
    done = {"replicas": 1, "updatedReplicas": 0, "readyReplicas": 1, "availableReplicas": 1}
    expect_events(fake_api, obj, modified(obj, **done))
    expect_pods(fake_api, [probed("cart-0", obj, uid="a0")])
    fake_api.expect_delete(POD, NAMESPACE, "cart-0", uid="a0")
    fake_api.expect_watch(
        POD,
        NAMESPACE,
        [WatchEvent("DELETED", probed("cart-0", obj, uid="a0")), WatchEvent("ADDED", probed("cart-0", obj, uid="b0"))],
        resource_version="100",
        label_selector="app=cart",
    )
    expect_pods(fake_api, [probed("cart-0", obj, uid="b0")])
    result = run(fake_api, "StatefulSet", below_partition="delete")
    assert [entry[:3] for entry in outcomes(result)] == [("a0", "b0", "restarted")]


@pytest.mark.parametrize("params", [{}, {"below_partition": "delete"}])
def test_what_has_to_be_deleted_has_to_be_waited_for(fake_api: FakeApi, params: dict[str, str]) -> None:
    expect_get(fake_api, on_delete("StatefulSet"))
    with pytest.raises(TargetError, match="wait is false"):
        run(fake_api, "StatefulSet", wait=False, **params)


def test_only_a_deployment_can_be_paused(fake_api: FakeApi) -> None:
    expect_get(fake_api, workload("DaemonSet"))
    with pytest.raises(TargetError, match="only a Deployment can be paused, DaemonSet shop/cart cannot"):
        run(fake_api, "DaemonSet", on_failure="pause")


@pytest.mark.parametrize("on_failure", ["pause", "undo"])
def test_nobody_sees_a_failure_without_waiting(fake_api: FakeApi, on_failure: str) -> None:
    expect_get(fake_api, workload("Deployment"))
    with pytest.raises(TargetError, match=f"on_failure: {on_failure} needs wait"):
        run(fake_api, "Deployment", on_failure=on_failure, wait=False)


def test_no_controller_would_bring_back_what_was_before(fake_api: FakeApi) -> None:
    expect_get(fake_api, on_delete("DaemonSet"))
    with pytest.raises(TargetError, match=r"the update strategy OnDelete: .*; take leave"):
        run(fake_api, "DaemonSet", on_failure="undo")


def test_a_workload_that_a_scale_cycle_left_at_0(fake_api: FakeApi) -> None:
    obj = workload("Deployment", spec={"replicas": 0})
    obj["metadata"]["annotations"] = {"saferestart.k8s/replicas": "3"}
    expect_get(fake_api, obj)
    with pytest.raises(TargetError, match="has no pods to restart: an interrupted scale_cycle left it at 0"):
        run(fake_api, "Deployment")


def test_a_workload_that_is_not_selected_is_not_touched(fake_api: FakeApi) -> None:
    expect_get(fake_api, workload("Deployment"))
    result = run(fake_api, "Deployment", select="spec.replicas > `2`")
    assert not result["changed"]
    assert result["plan"][0]["reason"] == "select 'spec.replicas > `2`' is not true of it"


def test_the_reason_is_kept_with_the_revision(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_get(fake_api, obj)
    body = template(NOW) | {"metadata": {"annotations": {"kubernetes.io/change-cause": "renewed certificate"}}}
    fake_api.expect_patch(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", body, changed(obj))
    assert run(fake_api, "Deployment", wait=False, reason="renewed certificate")["changed"]


def failing(api: FakeApi, kind: str, **status: Any) -> JsonObject:
    """A rollout that has failed, up to what is done then."""
    obj = workload(kind)
    expect_start(api, obj, [pod("cart-0", obj, uid="a0")])
    expect_events(api, obj, modified(obj, updatedReplicas=1, conditions=[EXCEEDED], **status))
    expect_pods(api, [pod("cart-0", obj, uid="b0", hash_label="bbb", ready=False)])
    expect_warnings(api, "b0", [])
    api.expect_log(NAMESPACE, "cart-0", "app", "no database\n")
    return obj


def test_a_failed_rollout_is_paused_if_asked(fake_api: FakeApi) -> None:
    obj = failing(fake_api, "Deployment")
    body = [
        {"op": "test", "path": "/spec/template", "value": changed(obj)["spec"]["template"]},
        {"op": "add", "path": "/spec/paused", "value": True},
    ]
    resource = WORKLOADS["Deployment"].resource
    fake_api.expect_patch(resource, NAMESPACE, "cart", body, obj, content_type=JSON_PATCH)
    message, _result = failed_run(fake_api, "Deployment", on_failure="pause")
    assert message.endswith("It was paused (on_failure): to go on, kubectl rollout resume.")


def expect_undone(api: FakeApi) -> JsonObject:
    """A rollout that fails, and the earlier template again, which its controller is done with; the workload."""
    obj = failing(api, "Deployment")
    body = [
        {"op": "test", "path": "/spec/template", "value": changed(obj)["spec"]["template"]},
        {"op": "replace", "path": "/spec/template", "value": obj["spec"]["template"]},
    ]
    resource = WORKLOADS["Deployment"].resource
    api.expect_patch(resource, NAMESPACE, "cart", body, changed(obj, "20", None), content_type=JSON_PATCH)
    done = changed(obj, "21", None, **DONE["Deployment"])
    api.expect_watch(
        resource, NAMESPACE, [WatchEvent("MODIFIED", done)], resource_version="20", field_selector="metadata.name=cart"
    )
    return obj


def test_a_failed_rollout_is_undone_if_asked(fake_api: FakeApi) -> None:
    obj = expect_undone(fake_api)
    expect_pods(fake_api, [pod("cart-a1", obj)])
    message, result = failed_run(fake_api, "Deployment", on_failure="undo")
    assert message.endswith("The earlier template was put back (on_failure), and all its pods are available.")
    assert result["changed"]


def test_that_the_earlier_pods_do_not_last_either_is_said(fake_api: FakeApi) -> None:
    obj = expect_undone(fake_api)
    ended = container("app", 4, ready=False, state={"terminated": {"exitCode": 4, "reason": "Error"}})
    expect_pods(fake_api, [pod("cart-a1", obj, ready=False, containers=[ended])], probes=False)
    message, _result = failed_run(fake_api, "Deployment", on_failure="undo")
    assert "The earlier template was put back (on_failure), and its pods are not available: " in message
    assert message.endswith("do not stay Ready: Pod shop/cart-a1: container app ended with exit code 4 (Error).")


def test_what_somebody_else_has_changed_since_is_not_undone(fake_api: FakeApi) -> None:
    obj = failing(fake_api, "Deployment")
    refused = ApiError("Cannot patch Deployment shop/cart: testing path /spec/template failed", 422)
    fake_api.expect_patch(
        WORKLOADS["Deployment"].resource,
        NAMESPACE,
        "cart",
        [
            {"op": "test", "path": "/spec/template", "value": changed(obj)["spec"]["template"]},
            {"op": "replace", "path": "/spec/template", "value": obj["spec"]["template"]},
        ],
        refused,
        content_type=JSON_PATCH,
    )
    message, _result = failed_run(fake_api, "Deployment", on_failure="undo")
    assert message.endswith(f"on_failure: undo did not work either: {refused}")


def test_an_undo_that_may_not_delete_a_stuck_pod_says_what_to_do(fake_api: FakeApi) -> None:
    obj = failing(fake_api, "StatefulSet", updateRevision="cart-new", currentRevision="cart-old")
    resource = WORKLOADS["StatefulSet"].resource
    path = "/spec/template"
    body = [
        {"op": "test", "path": path, "value": changed(obj)["spec"]["template"]},
        {"op": "replace", "path": path, "value": obj["spec"]["template"]},
    ]
    fake_api.expect_patch(resource, NAMESPACE, "cart", body, changed(obj, "20", None), content_type=JSON_PATCH)
    seen = changed(obj, "21", None, replicas=2, readyReplicas=1, updateRevision="cart-old", currentRevision="cart-old")
    only = "metadata.name=cart"
    event = WatchEvent("MODIFIED", seen)
    fake_api.expect_watch(resource, NAMESPACE, [event], resource_version="20", field_selector=only)
    stuck = pod("cart-0", obj, uid="b0", ready=False)
    stuck["metadata"]["labels"]["controller-revision-hash"] = "cart-new"
    expect_pods(fake_api, [stuck])
    forbidden = ApiError("Cannot delete Pod shop/cart-0: forbidden.", 403)
    fake_api.expect_delete(POD, NAMESPACE, "cart-0", forbidden, uid="b0")
    message, _result = failed_run(fake_api, "StatefulSet", on_failure="undo")
    assert "The earlier template was put back (on_failure), and its controller waits for a pod" in message
    assert message.endswith("delete it (kubectl delete pod): Cannot delete Pod shop/cart-0: forbidden.")
