# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import (
    LogSource,
    PodFailure,
    Severity,
    ended_meanwhile,
    pod_failure,
    worst,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, workload

OWNER = workload("Deployment")
RUNNING = {"running": {"startedAt": "2026-01-02T03:00:00Z"}}
ENDED = {"terminated": {"exitCode": 3, "reason": "Error"}}


def status(name: str = "app", state: JsonObject | None = None, **more: Any) -> JsonObject:
    return {"name": name, "ready": False, "state": state or {}} | more


def broken(*containers: JsonObject, name: str = "cart-1", **more: Any) -> JsonObject:
    return pod(name, OWNER, ready=False, containers=list(containers), **more)


def failure_of(obj: JsonObject) -> PodFailure:
    failure = pod_failure(obj)
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("container", "severity", "reason", "log"),
    [
        (
            status(state={"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image\n "x:1".'}}),
            Severity.BROKEN,
            'container app: ImagePullBackOff: Back-off pulling image "x:1"',
            None,
        ),
        (
            status(state={"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "s" not found'}}),
            Severity.BROKEN,
            'container app: CreateContainerConfigError: secret "s" not found',
            None,
        ),
        (
            status(state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}, lastState=ENDED),
            Severity.BROKEN,
            "container app: CrashLoopBackOff: back-off 10s; it ended with exit code 3 (Error)",
            LogSource("app", previous=True),
        ),
        (
            status(state=ENDED),
            Severity.BROKEN,
            "container app ended with exit code 3 (Error)",
            LogSource("app", previous=False),
        ),
        (
            status(state={"waiting": {"reason": "ContainerCreating"}}, lastState=ENDED),
            Severity.BROKEN,
            "container app: ContainerCreating; it ended with exit code 3 (Error)",
            LogSource("app", previous=True),
        ),
        (
            status(state=RUNNING),
            Severity.NOT_READY,
            "container app is running and not Ready",
            LogSource("app", previous=False),
        ),
        (
            status(state=RUNNING, lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            Severity.NOT_READY,
            "container app is running and not Ready; it ended with exit code 137 (OOMKilled)",
            LogSource("app", previous=True),
        ),
        (
            status(state={"waiting": {"reason": "ContainerCreating"}}),
            Severity.STARTING,
            "container app: ContainerCreating",
            None,
        ),
        (status(), Severity.STARTING, "is Running, its kubelet has not said why", None),
        (status(state={"waiting": {}}), Severity.STARTING, "is Running, its kubelet has not said why", None),
    ],
)
def test_one_container(container: JsonObject, severity: Severity, reason: str, log: LogSource | None) -> None:
    failure = failure_of(broken(container))
    assert (failure.severity, failure.reasons, failure.log) == (severity, (reason,), log)


def test_words() -> None:
    words = "Pod shop/cart-1: container app is running and not Ready"
    assert str(failure_of(broken(status(state=RUNNING)))) == words


@pytest.mark.parametrize(
    ("probe", "started", "words"),
    [
        ("readinessProbe", True, "its readiness probe does not pass"),
        ("startupProbe", False, "its startup probe has not passed"),
    ],
)
def test_probes(probe: str, started: bool, words: str) -> None:
    obj = broken(status(state=RUNNING, started=started))
    obj["spec"]["containers"][0][probe] = {"exec": {"command": ["true"]}}
    assert failure_of(obj).reasons == (f"container app is running and not Ready, {words}",)


def test_not_scheduled() -> None:
    message = "0/2 nodes are available: 2 Insufficient cpu."
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    obj = broken(status(), phase="Pending", conditions=[unscheduled])
    failure = failure_of(obj)
    assert failure.severity is Severity.UNSCHEDULED
    assert failure.reasons == ("not scheduled: Unschedulable: 0/2 nodes are available: 2 Insufficient cpu",)


def test_evicted() -> None:
    obj = broken(status(), phase="Failed", reason="Evicted", message="The node was low on resource: memory.")
    assert failure_of(obj).reasons == ("Evicted: The node was low on resource: memory",)


def test_readiness_gate() -> None:
    obj = broken(status(state=RUNNING, ready=True))
    obj["spec"]["readinessGates"] = [{"conditionType": "lb.example/registered"}]
    assert failure_of(obj).reasons == ("its readiness gate lb.example/registered is not True",)
    obj["status"]["conditions"].append({"type": "lb.example/registered", "status": "True"})
    assert failure_of(obj).reasons == ("is Running, its kubelet has not said why",)


@pytest.mark.parametrize(
    ("state", "reason", "log"),
    [
        (ENDED, "container setup ended with exit code 3 (Error)", LogSource("setup", previous=False)),
        (RUNNING, "init container setup has not ended yet", LogSource("setup", previous=False)),
        ({"terminated": {"exitCode": 0, "reason": "Completed"}}, "container app: PodInitializing", None),
    ],
)
def test_init_container(state: JsonObject, reason: str, log: LogSource | None) -> None:
    obj = broken(status(state={"waiting": {"reason": "PodInitializing"}}))
    obj["spec"]["initContainers"] = [{"name": "setup"}]
    obj["status"]["initContainerStatuses"] = [status("setup", state)]
    failure = failure_of(obj)
    assert failure.reasons[0] == reason
    assert failure.log == log


def test_native_sidecar_is_not_meant_to_end() -> None:
    obj = broken(status(state={"waiting": {"reason": "PodInitializing"}}))
    obj["spec"]["initContainers"] = [{"name": "proxy", "restartPolicy": "Always"}]
    obj["status"]["initContainerStatuses"] = [status("proxy", {"terminated": {"exitCode": 0, "reason": "Completed"}})]
    assert failure_of(obj).reasons == ("container proxy ended with exit code 0 (Completed)",)


def test_the_broken_container_comes_first_and_the_waiting_one_is_left_out() -> None:
    failure = failure_of(
        broken(
            status("slow", RUNNING),
            status("late", {"waiting": {"reason": "ContainerCreating"}}),
            status("app", {"waiting": {"reason": "CrashLoopBackOff"}}, lastState=ENDED),
        )
    )
    assert failure.reasons == (
        "container app: CrashLoopBackOff; it ended with exit code 3 (Error)",
        "container slow is running and not Ready",
    )
    assert failure.log == LogSource("app", previous=True)


def test_ready_and_terminating_pods_are_no_failures() -> None:
    going = broken(status(state=RUNNING))
    going["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    assert pod_failure(going) is None
    assert pod_failure(pod("cart-2", OWNER)) is None
    assert worst([going, pod("cart-2", OWNER)]) is None


def test_new_pods_that_have_ended_already() -> None:
    ended = {"exitCode": 4, "reason": "Error"}
    running = {"running": {"startedAt": "2026-01-02T03:00:00Z"}}
    pods = [
        pod("well"),
        pod("again", containers=[container("app", 1, state=running, lastState={"terminated": ended})]),
        pod("down", containers=[container("app", state={"terminated": ended})]),
        pod("forgotten", containers=[container("app", 2)]),
        pod("more", containers=[container("app", 2)]),
    ]
    (words,) = ended_meanwhile(pods)
    assert words.endswith(
        "container app of Pod shop/again ended with exit code 4 (Error); container app of Pod shop/down ended with "
        "exit code 4 (Error); container app of Pod shop/forgotten was restarted and 1 more."
    )
    assert ended_meanwhile(pods[:1]) == []


def test_the_worst_pod() -> None:
    pods = [
        broken(status(state=RUNNING), name="cart-1"),
        broken(status(state=ENDED), name="cart-3"),
        broken(status(state=ENDED), name="cart-2"),
    ]
    found = worst(pods)
    assert found is not None
    assert found.pod == "cart-2"
