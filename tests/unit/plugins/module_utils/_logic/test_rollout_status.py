# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import (
    RolloutStatus,
    how_far,
    partition,
    replicas,
    rollout_status,
    scale_status,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import workload

DEPLOYMENT = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}
STATEFUL_SET = DEPLOYMENT | {"currentRevision": "b", "updateRevision": "b"}
DAEMON_SET = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2, "numberReady": 2}
FINISHED = {"Deployment": DEPLOYMENT, "StatefulSet": STATEFUL_SET, "DaemonSet": DAEMON_SET}
EXCEEDED = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": 'ReplicaSet "cart-bbb" has timed out progressing.',
}
NO_ROOM = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: six."}


def judge(kind: str, status: dict[str, Any], spec: dict[str, Any] | None = None) -> RolloutStatus:
    return rollout_status(workload(kind, spec=spec, status=FINISHED[kind] | status))


@pytest.mark.parametrize("kind", FINISHED)
def test_done(kind: str) -> None:
    assert judge(kind, {}) == RolloutStatus(True, False, "all wanted pods are updated and available")


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("Deployment", {"updatedReplicas": 1}, "1 of 2 new pods have been made"),
        ("Deployment", {"replicas": 3}, "1 old pods have not been ended yet"),
        ("Deployment", {"availableReplicas": 1}, "1 of 2 new pods are available"),
        # The API leaves out a zero.
        ("Deployment", {"availableReplicas": None}, "0 of 2 new pods are available"),
        # A scale-up that is not over: kubectl compares with the updated ones only.
        ("Deployment", {"updatedReplicas": 3, "replicas": 3}, "2 of 3 new pods are available"),
        ("StatefulSet", {"readyReplicas": 1}, "1 of 2 pods are Ready"),
        ("StatefulSet", {"updatedReplicas": 1}, "1 of 2 pods have been updated"),
        # The rest of the StatefulSet's is not looked at by kubectl, which says that all of it is complete.
        ("StatefulSet", {"availableReplicas": 1}, "1 of 2 pods are available"),
        ("StatefulSet", {"replicas": 3}, "1 surplus pods have not been ended yet"),
        ("StatefulSet", {"currentRevision": "a"}, "revision b is not the current one yet"),
        ("DaemonSet", {"updatedNumberScheduled": 1}, "1 of 2 nodes have the new pod"),
        ("DaemonSet", {"numberAvailable": 1}, "on 1 of 2 nodes the pod is available"),
    ],
)
def test_not_done(kind: str, status: dict[str, Any], words: str) -> None:
    assert judge(kind, status) == RolloutStatus(False, False, words)


@pytest.mark.parametrize("kind", FINISHED)
@pytest.mark.parametrize("observed", [1, 0, None])
def test_a_status_of_an_earlier_generation_says_nothing(kind: str, observed: int | None) -> None:
    status = judge(kind, {"observedGeneration": observed, "conditions": [EXCEEDED]})
    assert status == RolloutStatus(False, False, "its controller has not seen the change yet")


def test_an_object_without_a_status() -> None:
    obj = workload("Deployment")
    del obj["status"], obj["metadata"]["generation"]
    assert rollout_status(obj) == RolloutStatus(False, False, "its controller has not seen the change yet")


def test_progress_deadline_exceeded() -> None:
    status = judge("Deployment", {"updatedReplicas": 1, "conditions": [EXCEEDED]}, {"progressDeadlineSeconds": 10})
    words = 'it exceeded its progress deadline of 10 s (ReplicaSet "cart-bbb" has timed out progressing)'
    assert status == RolloutStatus(False, True, words)


def test_a_full_quota_is_in_the_message() -> None:
    words = "; no pod can be made: FailedCreate: exceeded quota: six"
    assert judge("Deployment", {"updatedReplicas": 1, "conditions": [NO_ROOM]}).message.endswith(words)
    failed = judge("Deployment", {"updatedReplicas": 1, "conditions": [NO_ROOM, EXCEEDED]})
    assert failed.failed
    assert failed.message.endswith(words)


def test_a_full_quota_of_earlier_is_not() -> None:
    past = NO_ROOM | {"status": "False"}
    assert judge("Deployment", {"updatedReplicas": 1, "conditions": [past]}).message == "1 of 2 new pods have been made"


def test_paused_meanwhile() -> None:
    status = judge("Deployment", {"updatedReplicas": 1}, {"paused": True})
    assert status == RolloutStatus(False, False, "1 of 2 new pods have been made, and it is paused")


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_on_delete_never_ends(kind: str) -> None:
    assert judge(kind, {}, {"updateStrategy": {"type": "OnDelete"}}).failed


@pytest.mark.parametrize(
    ("size", "updated", "done"),
    [(1, 0, False), (1, 1, True), (2, 0, True), (5, 0, True), (0, 1, False)],
)
def test_partition(size: int, updated: int, done: bool) -> None:
    spec = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": size}}}
    status = {"updatedReplicas": updated, "currentRevision": "a"}
    assert judge("StatefulSet", status, spec).done is done


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_scaled_to_zero_is_done(kind: str) -> None:
    nothing = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"))
    assert judge(kind, nothing, {"replicas": 0}).done


def test_no_node_wants_the_daemon() -> None:
    assert judge("DaemonSet", dict.fromkeys(DAEMON_SET)).done


def test_fields_that_may_be_left_out() -> None:
    assert replicas({"spec": {}}) == 1
    assert replicas({"spec": {"replicas": 0}}) == 0
    assert partition({"spec": {}}) == 0
    assert partition({"spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": None}}}) == 0


def test_a_failure_from_before_the_change_is_not_this_rollouts() -> None:
    said = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "no", "lastUpdateTime": "one"}
    before = workload("Deployment", status={"replicas": 2, "updatedReplicas": 1, "conditions": [said]})
    assert rollout_status(before).failed
    assert not rollout_status(before, before).failed
    later = workload("Deployment", status={"updatedReplicas": 1, "conditions": [said | {"lastUpdateTime": "two"}]})
    assert rollout_status(later, before).failed


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize(
    ("spec", "status", "message"),
    [
        ({}, {"replicas": 2, "availableReplicas": 2}, "all wanted pods are available"),
        ({"paused": True}, {"replicas": 2, "availableReplicas": 2}, "all wanted pods are available"),
        ({}, {"replicas": 1, "availableReplicas": 1}, "there are 1 pods, and 2 are wanted"),
        ({}, {"replicas": 3, "availableReplicas": 2}, "there are 3 pods, and 2 are wanted"),
        ({}, {"replicas": 2, "availableReplicas": 1}, "1 of 2 pods are available"),
        ({}, {"observedGeneration": 1}, "its controller has not seen the change yet"),
    ],
)
def test_scaled(kind: str, spec: JsonObject, status: JsonObject, message: str) -> None:
    found = scale_status(workload(kind, spec=spec, status=status))
    assert (found.message, found.done) == (message, message.startswith("all"))


@pytest.mark.parametrize("kind", FINISHED)
def test_how_far_it_is_in_numbers(kind: str) -> None:
    assert how_far(workload(kind, status=FINISHED[kind])) == "2 of 2 pods are updated, 2 are available"


def test_how_far_a_type_without_rules_is_cannot_be_told() -> None:
    obj = {"apiVersion": "example.com/v1", "kind": "Cache", "spec": {"replicas": "2"}, "status": {"replicas": "1/2"}}
    assert how_far(obj) == "its controller is at it"
