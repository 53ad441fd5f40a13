# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    Unreachable,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import (
    ANNOTATION,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import (
    AGAIN,
    DONE,
    ENDED,
    NOW,
    changed,
    expect_events,
    expect_pods,
    expect_seen,
    expect_start,
    expect_unprobed,
    expect_warnings,
    failed_run,
    modified,
    outcomes,
    run,
)

FAILED = "shop/cart: the rollout did not succeed"
EXCEEDED = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}
NOT_ALLOWED = ApiError("Cannot do that: forbidden", 403, "Forbidden")


def test_progress_deadline_exceeded_is_an_error_at_once(fake_api: FakeApi) -> None:
    obj = workload("Deployment", spec={"progressDeadlineSeconds": 10})
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, 10.0, modified(obj, updatedReplicas=1, conditions=[EXCEEDED]))
    crashing = {
        "name": "app",
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
    }
    expect_pods(
        fake_api, [pod("cart-a1", obj), pod("cart-b1", obj, hash_label="bbb", ready=False, containers=[crashing])]
    )
    probe = {"reason": "Unhealthy", "message": "Liveness probe failed", "lastTimestamp": "2026-01-02T03:04:08Z"}
    back_off = {"reason": "BackOff", "message": "Back-off", "lastTimestamp": "2026-01-02T03:04:09Z"}
    earlier = {"reason": "FailedMount", "message": "no", "eventTime": "2026-01-02T03:04:06.123456Z"}
    expect_warnings(fake_api, "uid-cart-b1", [earlier, probe, back_off])
    fake_api.expect_log(NAMESPACE, "cart-b1", "app", "reading config\nno such file\n", previous=True)
    message, result = failed_run(fake_api, "Deployment")
    reason = "container app: CrashLoopBackOff; it ended with exit code 1 (Error)"
    assert message.splitlines() == [
        f"Deployment {FAILED}: it exceeded its progress deadline of 10 s (timed out progressing).",
        f"Pod shop/cart-b1: {reason}.",
        "Last warning event: Unhealthy: Liveness probe failed",
        "Last log lines of container app, the instance before:",
        "reading config",
        "no such file",
    ]
    assert outcomes(result) == [
        ("uid-cart-a1", "uid-cart-a1", "unchanged", "still the pod from before: the rollout did not get to it"),
        (None, "uid-cart-b1", "failed", f"new pod, not Ready: {reason}"),
    ]
    assert result["changed"]
    assert result["summary"]["seconds"] == 10.0


def test_a_log_that_cannot_be_read_does_not_hide_the_error(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    expect_start(fake_api, obj, [pod("cart-0", obj, uid="a0"), pod("cart-1", obj, uid="a1")])
    expect_events(fake_api, obj, modified(obj, readyReplicas=1))
    expect_pods(fake_api, [pod("cart-0", obj, uid="a0"), pod("cart-1", obj, uid="b1", ready=False)])
    expect_warnings(fake_api, "b1", NOT_ALLOWED)
    fake_api.expect_log(NAMESPACE, "cart-1", "app", NOT_ALLOWED)
    message, result = failed_run(fake_api, "StatefulSet")
    assert message.splitlines() == [
        f"StatefulSet {FAILED}: not done after 60 s (wait_timeout): 1 of 2 pods are Ready.",
        "Pod shop/cart-1: container app is running and not Ready, its readiness probe does not pass.",
    ]
    assert [entry[:3] for entry in outcomes(result)] == [("a0", "a0", "unchanged"), ("a1", "b1", "failed")]
    assert result["summary"]["seconds"] == 60.0


def test_new_pods_that_end_again_and_again(fake_api: FakeApi) -> None:
    expect_unprobed(fake_api)
    expect_seen(fake_api, "100", 1.0, WatchEvent("MODIFIED", ENDED))
    expect_seen(fake_api, "10")
    expect_warnings(fake_api, "uid-cart-b1", [])
    fake_api.expect_log(NAMESPACE, "cart-b1", "app", "no database\n")
    message, result = failed_run(fake_api, "Deployment")
    why = "its controller says that it is done, but new pods without a readiness probe do not stay Ready"
    pods = "Pod shop/cart-b1: container app ended with exit code 4 (Error)"
    assert message.splitlines()[0] == f"Deployment {FAILED}: {why}: {pods}."
    assert "no database" in message
    assert [entry[:3] for entry in outcomes(result)] == [
        ("uid-cart-a1", None, "failed"),
        (None, "uid-cart-b1", "failed"),
    ]


def test_one_that_runs_for_the_moment_when_the_time_is_up_is_told_as_it_was(fake_api: FakeApi) -> None:
    expect_unprobed(fake_api)
    expect_seen(fake_api, "100", 1.0, WatchEvent("MODIFIED", ENDED))
    expect_seen(fake_api, "10", 56.0, WatchEvent("MODIFIED", AGAIN))
    expect_warnings(fake_api, "uid-cart-b1", [])
    fake_api.expect_log(NAMESPACE, "cart-b1", "app", "no database\n")
    message, result = failed_run(fake_api, "Deployment")
    assert "container app ended with exit code 4 (Error)" in message
    assert "no database" in message
    assert [entry[2] for entry in outcomes(result)] == ["failed", "failed"]


def test_no_pod_can_be_made(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    expect_start(fake_api, obj, [pod("cart-0", obj)])
    expect_events(fake_api, obj, modified(obj, readyReplicas=1))
    expect_pods(fake_api, [])
    quota = {"reason": "FailedCreate", "message": "exceeded quota", "series": {"lastObservedTime": NOW}}
    expect_warnings(fake_api, "uid-cart", [quota])
    message, result = failed_run(fake_api, "StatefulSet")
    assert message.splitlines()[1:] == ["Last warning event: FailedCreate: exceeded quota"]
    gone = "ended by the rollout, and no new pod is Ready in its place"
    assert outcomes(result) == [("uid-cart-0", None, "failed", gone)]


def test_an_old_pod_that_blocks_a_stateful_set(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    expect_start(fake_api, obj, [pod("cart-0", obj, ready=False)])
    expect_events(fake_api, obj)
    expect_pods(fake_api, [pod("cart-0", obj, ready=False)])
    expect_warnings(fake_api, "uid-cart-0", [])
    fake_api.expect_log(NAMESPACE, "cart-0", "app", "")
    message, _result = failed_run(fake_api, "StatefulSet")
    assert message.splitlines()[2:] == [
        "It is from before, and a StatefulSet is not rolled while a pod is not Ready: delete that pod.",
        "The log of container app is empty.",
    ]


def test_half_of_a_deployment_was_replaced(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod(f"cart-a{number}", obj) for number in (1, 2, 3)])
    expect_events(fake_api, obj)
    late = pod("cart-b2", obj, hash_label="bbb", ready=False)
    expect_pods(fake_api, [pod("cart-a3", obj), pod("cart-b1", obj, hash_label="bbb"), late])
    expect_warnings(fake_api, "uid-cart-b2", [])
    fake_api.expect_log(NAMESPACE, "cart-b2", "app", "starting")
    _message, result = failed_run(fake_api, "Deployment")
    assert [entry[:3] for entry in outcomes(result)] == [
        ("uid-cart-a1", None, "restarted"),
        ("uid-cart-a2", None, "failed"),
        ("uid-cart-a3", "uid-cart-a3", "unchanged"),
        (None, "uid-cart-b1", "restarted"),
        (None, "uid-cart-b2", "failed"),
    ]
    counts = {key: result["summary"][key] for key in ("pods", "restarted", "unchanged", "failed")}
    assert counts == {"pods": 3, "restarted": 1, "unchanged": 1, "failed": 2}


def test_pods_from_before_are_waited_for_though_the_controller_is_done(fake_api: FakeApi) -> None:
    obj = workload("DaemonSet")
    old, new = pod("cart-x", obj), pod("cart-y", obj)
    expect_start(fake_api, obj, [old])
    expect_events(fake_api, obj, modified(obj, **DONE["DaemonSet"]))
    expect_pods(fake_api, [old], "20")
    gone = [WatchEvent("DELETED", old), WatchEvent("ADDED", new)]
    fake_api.expect_watch(POD, NAMESPACE, gone, resource_version="20", label_selector="app=cart")
    assert [entry[2] for entry in outcomes(run(fake_api, "DaemonSet"))] == ["restarted"]


def test_pods_from_before_that_stay_are_an_error(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = pod("cart-a1", obj)
    expect_start(fake_api, obj, [old])
    expect_events(fake_api, obj, modified(obj, **DONE["Deployment"]))
    expect_pods(fake_api, [old], "20")
    fake_api.expect_watch(POD, NAMESPACE, [], resource_version="20", label_selector="app=cart")
    expect_warnings(fake_api, "uid-cart", [])
    message, _result = failed_run(fake_api, "Deployment")
    assert message.endswith("says that it is done, but there are still pods from before: cart-a1.")


@pytest.mark.parametrize("before", [None, "2026-01-01T00:00:00Z"])
def test_a_template_that_is_changed_back(fake_api: FakeApi, before: str | None) -> None:
    obj = workload("Deployment")
    if before:
        obj["spec"]["template"]["metadata"]["annotations"] = {ANNOTATION: before}
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, modified(obj, value=before, **DONE["Deployment"]))
    expect_pods(fake_api, [pod("cart-a1", obj)])
    expect_warnings(fake_api, "uid-cart", [])
    message, _result = failed_run(fake_api, "Deployment")
    assert f"its template lost {ANNOTATION} meanwhile" in message


def test_deleted_meanwhile(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, WatchEvent("DELETED", changed(obj)))
    expect_pods(fake_api, [])
    expect_warnings(fake_api, "uid-cart", [])
    message, _result = failed_run(fake_api, "Deployment")
    assert message == f"Deployment {FAILED}: it was deleted meanwhile."


def test_made_anew_meanwhile_is_another_workload(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, WatchExpired("too old", 410))
    other = changed(obj, **DONE["Deployment"])
    other["metadata"]["uid"] = "another"
    fake_api.expect_list(WORKLOADS["Deployment"].resource, NAMESPACE, [other], field_selector="metadata.name=cart")
    expect_pods(fake_api, [])
    expect_warnings(fake_api, "uid-cart", [])
    message, _result = failed_run(fake_api, "Deployment")
    assert "it was deleted meanwhile" in message


def test_an_expired_watch_begins_anew_with_a_list(fake_api: FakeApi) -> None:
    obj, only = workload("Deployment"), "metadata.name=cart"
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, WatchExpired("too old", 410))
    now = changed(obj, **DONE["Deployment"])
    fake_api.expect_list(WORKLOADS["Deployment"].resource, NAMESPACE, [now], field_selector=only)
    expect_pods(fake_api, [pod("cart-b1", obj, hash_label="bbb")])
    assert run(fake_api, "Deployment")["summary"]["restarted"] == 1


def test_a_cut_watch_is_resumed(fake_api: FakeApi) -> None:
    obj, only = workload("Deployment"), "metadata.name=cart"
    resource = WORKLOADS["Deployment"].resource
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    first = [modified(obj, updatedReplicas=1)]
    fake_api.expect_watch(resource, NAMESPACE, first, resource_version="11", field_selector=only, cut=True)
    last = [WatchEvent("MODIFIED", changed(obj, "13", **DONE["Deployment"]))]
    fake_api.expect_watch(resource, NAMESPACE, last, resource_version="12", field_selector=only)
    expect_pods(fake_api, [pod("cart-b1", obj, hash_label="bbb")])
    assert run(fake_api, "Deployment")["summary"]["restarted"] == 1


def test_the_cluster_is_gone_after_the_patch(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, 59.5, Unreachable("No answer."))
    expect_events(fake_api, obj, Unreachable("No answer."))
    message, result = failed_run(fake_api, "Deployment")
    assert message == "Deployment shop/cart: the rollout was started, but not observed to its end: No answer."
    assert result["changed"]
