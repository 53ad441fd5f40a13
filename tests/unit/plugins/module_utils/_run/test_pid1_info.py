# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import ANNOTATION
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1_info import pid1_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.signal_script import expect_exec, looking

pytestmark = pytest.mark.usefixtures("_known_token")


def run(api: FakeApi, **params: Any) -> dict[str, Any]:
    """The module's work."""
    options = {
        "namespace": NAMESPACE,
        "containers": None,
        "signal": "TERM",
        "shell": "/bin/sh",
        "prestop": "refuse",
    } | params
    return pid1_info(api, api.clock, options, False)


def test_the_result(fake_api: FakeApi) -> None:
    owner = workload("Deployment")
    fake_api.ordered = False
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", owner)
    one = pod("cart-1", owner, containers=[container("app", 2), container("web")])
    fake_api.expect_list(POD, NAMESPACE, [one, pod("cart-2", owner)], label_selector="app=cart")
    for name, inside, caught in (("cart-1", "app", "TERM"), ("cart-1", "web", "HUP"), ("cart-2", "app", "TERM")):
        expect_exec(fake_api, name, looking(caught=caught), inside)
    result = run(fake_api, kind="Deployment", name="cart")
    assert not result["changed"]
    assert not result["all_in_place"]
    assert result["workload"]["name"] == "cart"
    assert (result["wanted"], result["left_at_zero"]) == (2, None)
    assert result["summary"] == {"pods": 2, "containers": 3, "in_place": 2, "seconds": 0, "api_requests": 5}
    assert [[entry["name"] for entry in found["containers"]] for found in result["pods"]] == [["app", "web"], ["app"]]
    first, second = result["pods"][0]["containers"]
    process = first.pop("process")
    assert first == {
        "name": "app",
        "image": "",
        "container_id": "containerd://app-2",
        "restart_count": 2,
        "verdict": "handled",
        "signal": "SIGTERM",
        "acts": True,
        "ends": True,
        "confidence": "likely",
        "reason": "PID 1 has a handler for SIGTERM",
        "evidence": ["SigCgt 0000000000004000 has SIGTERM"],
        "in_place": True,
        "refusal": None,
        "basis": "forecast",
    }
    assert process["signals"]["SigCgt"] == ["SIGTERM"]
    assert (second["in_place"], second["verdict"]) == (False, "default")
    assert "PID 1 has no handler for SIGTERM" in second["refusal"]


def test_a_pod_that_is_not_ready_has_a_reason(fake_api: FakeApi) -> None:
    obj = pod("cart-1", ready=False, containers=[container("app", state={"waiting": {"reason": "CrashLoopBackOff"}})])
    fake_api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")
    (seen,) = run(fake_api, pods=["cart-1"])["pods"]
    assert (seen["ready"], seen["not_ready"]) == (False, "container app: CrashLoopBackOff")


def test_what_a_killed_run_has_left_at_0_is_told(fake_api: FakeApi) -> None:
    owner = workload("Deployment", spec={"replicas": 0})
    owner["metadata"]["annotations"] = {ANNOTATION: "3"}
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", owner)
    fake_api.expect_list(POD, NAMESPACE, [], label_selector="app=cart")
    left = run(fake_api, kind="Deployment", name="cart", allow_empty=True)["left_at_zero"]
    assert left.startswith("an interrupted scale_cycle left it at 0")


def test_the_nodes_own_pid_1_is_not_even_looked_at(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1", spec={"hostPID": True})], field_selector="metadata.name=cart-1")
    result = run(fake_api, pods=["cart-1"])
    assert result["wanted"] is None
    (seen,) = result["pods"][0]["containers"]
    assert (seen["verdict"], seen["in_place"], seen["process"]) == ("unknown", False, None)
    assert "hostPID" in seen["refusal"]


def test_it_acts_and_is_refused_all_the_same(fake_api: FakeApi) -> None:
    obj = pod("cart-1", spec={"restartPolicy": "Never"})
    fake_api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    result = run(fake_api, pods=["cart-1"])
    (seen,) = result["pods"][0]["containers"]
    assert (seen["acts"], seen["in_place"], result["all_in_place"]) == (True, False, False)
    assert "restartPolicy is Never" in seen["refusal"]


def test_all_in_place(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    assert run(fake_api, pods=["cart-1"])["all_in_place"]


def test_secrets_of_the_command_line_are_hidden(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking(command="/app --port 80 --password=sesame --token sesame"))
    result = run(fake_api, pods=["cart-1"])
    (seen,) = result["pods"][0]["containers"]
    hidden = "********"
    assert seen["process"]["command"] == ["/app", "--port", "80", f"--password={hidden}", "--token", hidden]
    assert "sesame" not in str(result)


def test_what_does_not_run_has_no_process(fake_api: FakeApi) -> None:
    obj = pod("cart-1", containers=[container(state={"waiting": {"reason": "ImagePullBackOff"}})])
    fake_api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")
    result = run(fake_api, pods=["cart-1"])
    assert result["wanted"] is None
    (seen,) = result["pods"][0]["containers"]
    assert (seen["verdict"], seen["process"]) == ("unknown", None)
    assert seen["refusal"] == seen["reason"]


def test_no_pods_are_not_all_in_place(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [], label_selector="app=cart")
    result = run(fake_api, label_selectors=["app=cart"], allow_empty=True)
    assert (result["pods"], result["all_in_place"]) == ([], False)


def test_no_such_container(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1")], field_selector="metadata.name=cart-1")
    with pytest.raises(TargetError, match="has no container web; it has app"):
        run(fake_api, pods=["cart-1"], containers=["web"])


def test_no_such_signal_is_said_before_anything_is_asked(fake_api: FakeApi) -> None:
    with pytest.raises(SignalError, match="SIGTERM"):
        run(fake_api, pods=["cart-1"], signal="STERM")
