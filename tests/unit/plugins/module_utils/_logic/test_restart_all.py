# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import (
    became,
    can_trigger,
    cannot_go_along,
    no_trigger,
    unlikely,
    what_follows,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

HOOK = {"preStop": {"exec": {"command": ["/drain"]}}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
FAILED = {"terminated": {"exitCode": 1, "reason": "Error"}}


def rule(operator: str, *codes: int, action: str = "RestartAllContainers") -> JsonObject:
    """One rule about exit codes."""
    return {"action": action, "exitCodes": {"operator": operator, "values": list(codes)}}


def ruled(*rules: JsonObject, **more: Any) -> Container:
    """A container with these rules, in a pod with nothing else."""
    spec = {"name": "app", "restartPolicy": "Always", "restartPolicyRules": list(rules)} | more
    return Pod.from_object(pod("cart-1", spec={"containers": [spec]})).containers[0]


def told(status: JsonObject) -> Container:
    """A container by its status."""
    return Container.from_objects("/spec/containers/0", {"name": status["name"]}, status, "Always")


@pytest.mark.parametrize(
    ("rules", "triggers", "likely"),
    [
        ([], False, None),
        ([rule("In", 0, action="Restart")], False, None),
        ([rule("In", 0)], True, True),
        ([rule("In", 143)], True, True),
        ([rule("In", 42)], True, False),
        ([rule("NotIn", 0)], True, True),
        ([rule("NotIn", 0, 143)], True, False),
        ([rule("In", 0, 143, action="Restart"), rule("NotIn", 1)], True, False),
        ([{"action": "RestartAllContainers"}], True, True),
    ],
)
def test_which_rules_come_into_effect(rules: list[JsonObject], triggers: bool, likely: bool | None) -> None:
    found = ruled(*rules)
    assert can_trigger(found) is triggers
    if likely is not None:
        assert (unlikely(found, 15, "SIGTERM") is None) is likely


def test_the_exit_code_of_another_signal() -> None:
    assert unlikely(ruled(rule("In", 130)), 2, "SIGINT") is None
    assert "exit code 130, and what ends on SIGTERM mostly" in (unlikely(ruled(rule("In", 130)), 15, "SIGTERM") or "")


@pytest.mark.parametrize(
    ("rules", "along", "words"),
    [
        (
            [rule("In", 0, 88)],
            1,
            "restarts 1 more container of the pod with it if it ends with exit code 0, 88, and other",
        ),
        ([rule("NotIn", 300)], 2, "restarts 2 more containers of the pod with it"),
    ],
)
def test_what_the_plan_says(rules: list[JsonObject], along: int, words: str) -> None:
    assert words in what_follows(ruled(*rules), along)


def test_a_pod_without_a_trigger() -> None:
    assert "no container of the pod has a rule RestartAllContainers" in no_trigger(Pod.from_object(pod("cart-1")))
    spec = {"containers": [{"name": "app"}, {"name": "watch", "restartPolicyRules": [rule("In", 0)]}]}
    assert "none has a rule RestartAllContainers; in this pod watch has" in no_trigger(
        Pod.from_object(pod("cart-1", spec=spec))
    )


@pytest.mark.parametrize(
    ("spec", "status", "skip_prestop", "reason"),
    [
        ({}, container(), False, None),
        ({}, container(state=DONE), False, "it is not running: terminated"),
        ({"lifecycle": HOOK}, container(), False, "it has a preStop hook, which the kubelet does not run then"),
        ({"lifecycle": HOOK}, container(), True, None),
    ],
)
def test_what_may_go_along(spec: JsonObject, status: JsonObject, skip_prestop: bool, reason: str | None) -> None:
    found = Pod.from_object(pod("cart-1", containers=[status], spec={"containers": [{"name": "app"} | spec]}))
    got = cannot_go_along(found, found.containers[0], skip_prestop=skip_prestop)
    assert got is None if reason is None else got and got.startswith(reason)


def test_an_init_container_that_has_run_may_go_along() -> None:
    obj = pod(
        "cart-1", spec={"initContainers": [{"name": "setup"}]}, initContainerStatuses=[container("setup", state=DONE)]
    )
    found = Pod.from_object(obj)
    assert [entry.name for entry in found.run_once] == ["setup"]
    assert cannot_go_along(found, found.run_once[0], skip_prestop=False) is None


@pytest.mark.parametrize(
    ("after", "kind", "once", "expected"),
    [
        (container(restarts=1), "restarted", False, "restarted"),
        (container(restarts=1, state=DONE), "restarted", True, "restarted"),
        (container(restarts=1, state=FAILED), "restarted", True, "failed"),
        (container(restarts=1, state=DONE), "restarted", False, "failed"),
        (container(restarts=1, ready=False), "failed", False, "failed"),
        (container(restarts=0, containerID="containerd://app-9"), "restarted", False, "failed"),
        (container(), "failed", False, "unchanged"),
        (container(), "unchanged", False, "unchanged"),
        (None, "failed", False, "failed"),
    ],
)
def test_what_became_of_it(after: JsonObject | None, kind: Any, once: bool, expected: str) -> None:
    assert became(told(container()), told(after) if after else None, kind, once=once)[0] == expected
