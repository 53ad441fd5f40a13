# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    Stage,
    chosen,
    decide,
    is_another_instance,
    refusal,
    stage,
    unreadable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

NO_SIGNALS = SignalMask(0)
FACTS = ProcessFacts(1, "app", NO_SIGNALS, NO_SIGNALS, NO_SIGNALS, NO_SIGNALS, NO_SIGNALS, uid=0, own_uid=1000)
CRASHING = container(state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}})
ENDED = container(state={"terminated": {"exitCode": 0, "reason": "Completed"}})
SIDECAR = [{"name": "proxy", "restartPolicy": "Always"}, {"name": "setup"}]


def verdict(kind: VerdictKind) -> Verdict:
    """A verdict of that kind."""
    return Verdict(kind, "SIGTERM", f"PID 1 is {kind}")


def container_spec(**more: Any) -> JsonObject:
    """A spec of one container."""
    return {"containers": [{"name": "app"} | more]}


def with_sidecar(**spec: Any) -> JsonObject:
    """A pod with a native sidecar, named proxy, which is the one that is meant."""
    return pod("cart-1", spec={"initContainers": SIDECAR} | spec, initContainerStatuses=[container("proxy")])


def first(obj: JsonObject) -> tuple[Pod, Container]:
    """The pod and the container that is meant: the last one, a sidecar where there is one."""
    made = Pod.from_object(obj)
    return made, made.containers[-1]


# Whether it can be looked at, and whether it may be signalled. Nothing of this is overridden by force.

NOT_READABLE = [
    ("terminating", pod("cart-1", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), "is terminating"),
    ("completed", pod("cart-1", phase="Succeeded", containers=[ENDED]), "has ended (phase Succeeded), nothing runs"),
    ("failed", pod("cart-1", phase="Failed", containers=[ENDED]), "has ended (phase Failed), nothing runs"),
    (
        "pending",
        pod("cart-1", phase="Pending", containerStatuses=[]),
        "it is not running: unknown, pod phase Pending",
    ),
    (
        "crashing",
        pod("cart-1", containers=[CRASHING]),
        "it is not running: waiting (CrashLoopBackOff), pod phase Running",
    ),
    ("ended", pod("cart-1", containers=[ENDED]), "is not running: terminated (Completed), pod phase Running"),
    ("hostPID", pod("cart-1", spec={"hostPID": True}), "uses hostPID: PID 1 is the node's own init"),
]
REFUSED = [
    ("never", pod("cart-1", spec={"restartPolicy": "Never"}), "would not be started again: its restartPolicy is Never"),
    ("on failure", pod("cart-1", spec={"restartPolicy": "OnFailure"}), "only after a non-zero exit code"),
    (
        "never, of the container",
        pod("cart-1", spec=container_spec(restartPolicy="Never")),
        "it would not be started again: its restartPolicy is Never",
    ),
]
ACCEPTED = [
    ("running", pod("cart-1")),
    ("not ready", pod("cart-1", ready=False)),
    (
        "always, of the container",
        pod("cart-1", spec=container_spec(restartPolicy="Always") | {"restartPolicy": "Never"}),
    ),
    ("native sidecar", with_sidecar()),
    ("native sidecar of a job", with_sidecar(restartPolicy="Never")),
]


@pytest.mark.parametrize(("obj", "words"), [row[1:] for row in NOT_READABLE], ids=[row[0] for row in NOT_READABLE])
def test_it_cannot_be_looked_at(obj: JsonObject, words: str) -> None:
    assert words in (unreadable(*first(obj)) or "")


@pytest.mark.parametrize("obj", [row[1] for row in REFUSED + ACCEPTED], ids=[row[0] for row in REFUSED + ACCEPTED])
def test_it_can_be_looked_at(obj: JsonObject) -> None:
    assert unreadable(*first(obj)) is None


@pytest.mark.parametrize(
    ("obj", "words"),
    [row[1:] for row in NOT_READABLE + REFUSED],
    ids=[row[0] for row in NOT_READABLE + REFUSED],
)
def test_it_must_not_be_signalled_by_any_force(obj: JsonObject, words: str) -> None:
    found, meant = first(obj)
    assert words in (refusal(found, meant) or "")
    assert decide(found, meant, FACTS, verdict(VerdictKind.HANDLED), skip_prestop=True, force=True) == refusal(
        found, meant
    )


@pytest.mark.parametrize("obj", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_it_may_be_signalled(obj: JsonObject) -> None:
    found, meant = first(obj)
    assert refusal(found, meant) is None
    assert decide(found, meant, FACTS, verdict(VerdictKind.HANDLED), skip_prestop=False) is None


@pytest.mark.parametrize("kind", VerdictKind)
def test_the_verdict_decides_unless_forced(kind: VerdictKind) -> None:
    found, meant = first(pod("cart-1"))
    acts = kind in (VerdictKind.HANDLED, VerdictKind.WAITED)
    wanted = None if acts else f"PID 1 is {kind}"
    assert decide(found, meant, FACTS, verdict(kind), skip_prestop=False) == wanted
    assert decide(found, meant, FACTS, verdict(kind), skip_prestop=False, force=True) is None


@pytest.mark.parametrize("kind", VerdictKind)
def test_what_is_unknown_may_be_tried(kind: VerdictKind) -> None:
    found, meant = first(pod("cart-1"))
    reason = decide(found, meant, FACTS, verdict(kind), skip_prestop=False, try_unknown=True)
    sent = kind in (VerdictKind.HANDLED, VerdictKind.WAITED, VerdictKind.UNKNOWN)
    assert reason == (None if sent else f"PID 1 is {kind}")


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP"])
def test_what_the_kernel_drops_for_certain_is_not_forced(signal: str) -> None:
    found, meant = first(pod("cart-1"))
    judged = Verdict(VerdictKind.DEFAULT, signal, "the kernel drops it")
    assert decide(found, meant, FACTS, judged, skip_prestop=False, force=True) == "the kernel drops it"


@pytest.mark.parametrize("force", [False, True])
def test_what_could_not_be_read_is_not_signalled(force: bool) -> None:
    found, meant = first(pod("cart-1"))
    reason = decide(found, meant, None, verdict(VerdictKind.UNKNOWN), skip_prestop=False, force=force)
    assert reason == "PID 1 is unknown"


@pytest.mark.parametrize("force", [False, True])
def test_no_permission_to_signal(force: bool) -> None:
    found, meant = first(pod("cart-1"))
    facts = dataclasses.replace(FACTS, may_signal=False)
    assert decide(found, meant, facts, verdict(VerdictKind.HANDLED), skip_prestop=False, force=force) == (
        "the session's user (uid 1000) is not permitted to signal PID 1 (uid 0)"
    )


SHARED = pod("cart-1", spec={"shareProcessNamespace": True})
SANDBOX = "/kubepods/pod1/5a4d"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("obj", "facts"),
    [
        (SHARED, FACTS),
        (SHARED, dataclasses.replace(FACTS, cgroup=("0::/../5a4d",), own_cgroup=("0::/",))),
        # whatever the pod's object says: PID 1 is in another cgroup than the container
        (pod("cart-1"), dataclasses.replace(FACTS, cgroup=("0::/../5a4d",), own_cgroup=("0::/",))),
        (pod("cart-1"), dataclasses.replace(FACTS, cgroup=(f"1:x:{SANDBOX}",), own_cgroup=("1:x:/kubepods/cart-1",))),
    ],
)
def test_the_sandbox_is_not_signalled_by_any_force(obj: JsonObject, facts: ProcessFacts, force: bool) -> None:
    found, meant = first(obj)
    reason = decide(found, meant, facts, verdict(VerdictKind.HANDLED), skip_prestop=True, force=force)
    assert "PID 1 is the pod's sandbox" in (reason or "")


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        dataclasses.replace(FACTS, cgroup=("0::/",), own_cgroup=("0::/",)),
        dataclasses.replace(FACTS, cgroup=("0::/init.scope",), own_cgroup=("0::/",)),
        dataclasses.replace(FACTS, cgroup=("1:x:/kubepods/cart-1/init",), own_cgroup=("1:x:/kubepods/cart-1",)),
    ],
)
def test_its_own_pid_1_is(facts: ProcessFacts) -> None:
    assert decide(*first(pod("cart-1")), facts, verdict(VerdictKind.HANDLED), skip_prestop=True) is None


def test_its_own_process_in_a_shared_namespace_is() -> None:
    facts = dataclasses.replace(FACTS, pid=7, cgroup=("0::/",), own_cgroup=("0::/",))
    assert decide(*first(SHARED), facts, verdict(VerdictKind.HANDLED), skip_prestop=True) is None


# Which containers.


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, ["app", "web", "proxy"]),
        (["web"], ["web"]),
        (["proxy", "app", "proxy"], ["proxy", "app"]),
    ],
)
def test_chosen(names: list[str] | None, expected: list[str]) -> None:
    obj = pod("cart-1", containers=[container("app"), container("web")], spec={"initContainers": SIDECAR})
    assert [entry.name for entry in chosen(Pod.from_object(obj), names)] == expected


def test_an_empty_list_of_containers_is_not_all_of_them() -> None:
    with pytest.raises(TargetError, match="containers is an empty list: leave it out"):
        chosen(Pod.from_object(pod("cart-1")), [])


def test_a_container_that_is_not_there_is_named_with_those_that_are() -> None:
    obj = pod("cart-1", containers=[container("app"), container("web")])
    with pytest.raises(TargetError, match=r"^Pod shop/cart-1 has no container db, log; it has app, web\.$"):
        chosen(Pod.from_object(obj), ["db", "app", "log"])


# How far it has come.


@pytest.mark.parametrize(
    ("now", "reached"),
    [
        (None, Stage.LOST),
        (pod("cart-1", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}, containers=[container(restarts=4)]), "lost"),
        (pod("cart-1", containers=[container("other")]), Stage.LOST),
        (pod("cart-1", containers=[container(restarts=3)]), Stage.UNTOUCHED),
        (pod("cart-1", containers=[container(restarts=3, ready=False)]), Stage.UNTOUCHED),
        (pod("cart-1", containers=[container(restarts=3, containerID="containerd://new")]), Stage.UNTOUCHED),
        (pod("cart-1", containers=[container(restarts=4, containerID="containerd://app-3")]), Stage.UNTOUCHED),
        (pod("cart-1", containers=[ENDED]), Stage.DOWN),
        (pod("cart-1", containers=[CRASHING]), Stage.DOWN),
        (pod("cart-1", containers=[container(restarts=4, ready=False)]), Stage.STARTED),
        (pod("cart-1", containers=[container(restarts=4)]), Stage.READY),
        (pod("cart-1", containers=[container(restarts=6)]), Stage.READY),
    ],
    ids=[
        "gone",
        "terminating",
        "no such container",
        "the same",
        "the same, no longer ready",
        "an ID without a restart",
        "a restart without an ID",
        "ended",
        "waiting",
        "started",
        "ready",
        "restarted more than once",
    ],
)
def test_stage(now: JsonObject | None, reached: Stage) -> None:
    before = Pod.from_object(pod("cart-1", containers=[container(restarts=3)])).containers[0]
    assert stage(before, True, Pod.from_object(now) if now else None) == reached


@pytest.mark.parametrize(
    ("was_ready", "pod_ready", "ready", "reached"),
    [
        (True, True, True, Stage.READY),
        (True, False, True, Stage.STARTED),
        (True, True, False, Stage.STARTED),
        (False, False, True, Stage.READY),
        (False, True, True, Stage.READY),
        (False, False, False, Stage.STARTED),
    ],
)
def test_a_pod_that_was_ready_has_to_be_ready_again(
    was_ready: bool, pod_ready: bool, ready: bool, reached: Stage
) -> None:
    before = Pod.from_object(pod("cart-1")).containers[0]
    now = pod("cart-1", ready=pod_ready, containers=[container(restarts=1, ready=ready)])
    assert stage(before, was_ready, Pod.from_object(now)) == reached


# Whether the pod's status tells of the process that was read. It says that the container runs since 03:00:00.

BOOT = int(datetime(2026, 1, 2, 2, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("later", "age", "another"),
    [
        (0, 5.0, False),
        (-2, 5.0, False),
        (3, 5.0, False),
        (4, 5.0, True),
        (600, 60.0, True),
        (600, 61.0, False),
        (600, None, False),
        (-600, 5.0, False),
    ],
    ids=[
        "the same",
        "made a little before it was started",
        "whole seconds",
        "more than that",
        "just young",
        "no longer young",
        "age unknown",
        "a clock that was set",
    ],
)
def test_is_another_instance(later: int, age: float | None, another: bool) -> None:
    told = Pod.from_object(pod("cart-1")).containers[0]
    start = (3600 + later) * 100
    uptime = None if age is None else start / 100 + age
    facts = dataclasses.replace(FACTS, boot_time=BOOT, start_time=start, uptime=uptime)
    assert is_another_instance(told, facts) is another


def test_without_a_start_any_instance_may_be_meant() -> None:
    told = Pod.from_object(pod("cart-1", containers=[container(state={"running": {}})])).containers[0]
    facts = dataclasses.replace(FACTS, boot_time=BOOT, start_time=100, uptime=2.0)
    assert not is_another_instance(told, facts)
    told = Pod.from_object(pod("cart-1")).containers[0]
    assert not is_another_instance(told, dataclasses.replace(facts, boot_time=None))


# What only the spec tells of the end.


def with_spec(**more: object) -> Pod:
    return Pod.from_object(pod("cart-1", spec={"containers": [{"name": "app", **more}]}))


def test_a_prestop_hook_is_refused_unless_it_is_to_be_skipped() -> None:
    found = with_spec(lifecycle={"preStop": {"exec": {"command": ["drain"]}}})
    meant, handled = found.containers[0], verdict(VerdictKind.HANDLED)
    refused = (
        "it has a preStop hook, which would not run (prestop: skip accepts that, container_restart can run it first)"
    )
    assert decide(found, meant, FACTS, handled, skip_prestop=False, force=True) == refused
    assert decide(found, meant, FACTS, handled, skip_prestop=True) is None


@pytest.mark.parametrize(("action", "refused"), [("RestartAllContainers", True), ("Restart", False)])
def test_a_rule_that_restarts_the_pod_is_refused(action: str, refused: bool) -> None:
    found = with_spec(restartPolicyRules=[{"action": action, "exitCodes": {"operator": "In", "values": [0]}}])
    assert ("RestartAllContainers" in (refusal(found, found.containers[0]) or "")) is refused
