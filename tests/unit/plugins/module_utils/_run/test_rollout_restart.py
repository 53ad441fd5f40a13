# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    NotFound,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import (
    ANNOTATION,
    next_value,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
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
    modified,
    outcomes,
    run,
    template,
)


def test_deployment(fake_api: FakeApi, waits: Callable[[], list[str]]) -> None:
    obj = workload("Deployment")
    expect_start(
        fake_api, obj, [pod("cart-a1", obj), pod("cart-a2", obj), pod("cart-debug", workload("Deployment", "x"))]
    )
    half = DONE["Deployment"] | {"updatedReplicas": 1}
    expect_events(fake_api, obj, modified(obj, **half), 7.0, modified(obj, **DONE["Deployment"]))
    going = pod("cart-a2", obj)
    going["metadata"]["deletionTimestamp"] = NOW
    new = [pod("cart-b1", obj, hash_label="bbb"), pod("cart-b2", obj, hash_label="bbb")]
    expect_pods(fake_api, [going, *new])
    result = run(fake_api, "Deployment")
    assert waits()[-2:] == ["Deployment shop/cart: 1 of 2 pods are updated, 2 are available", ""]
    assert outcomes(result) == [
        ("uid-cart-a1", None, "restarted", "replaced by the rollout"),
        ("uid-cart-a2", None, "restarted", "replaced by the rollout"),
        (None, "uid-cart-b1", "restarted", "new pod"),
        (None, "uid-cart-b2", "restarted", "new pod"),
    ]
    assert result["changed"]
    assert result["strategy"] == "rollout_restart"
    assert result["warnings"] == []
    assert result["summary"] == {
        "pods": 2,
        "restarted": 2,
        "unchanged": 0,
        "skipped": 0,
        "failed": 0,
        "seconds": 7.0,
        "api_requests": 4,
    }
    assert result["diff"] == {
        "before_header": "Deployment shop/cart",
        "after_header": "Deployment shop/cart",
        "before": {"spec": {"template": {"metadata": {"annotations": {}}}}},
        "after": template(NOW),
    }


def test_new_pods_that_have_ended_already_are_a_warning(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_events(fake_api, obj, modified(obj, **DONE["Deployment"]))
    expect_pods(fake_api, [pod("cart-b1", obj, hash_label="bbb", containers=[container("app", 1)])])
    (warning,) = run(fake_api, "Deployment")["warnings"]
    assert warning == "New pods did not run on at once: container app of Pod shop/cart-b1 was restarted."


def test_a_new_pod_without_a_readiness_probe_has_to_run_for_a_moment(
    fake_api: FakeApi, waits: Callable[[], list[str]]
) -> None:
    expect_unprobed(fake_api)
    expect_seen(fake_api, "100")
    result = run(fake_api, "Deployment")
    assert waits()[-2:] == ["Deployment shop/cart: new pods without a readiness probe have to run for 3 s", ""]
    assert (result["summary"]["restarted"], result["summary"]["seconds"]) == (1, 3.0)


def test_a_new_pod_that_ends_in_that_time_is_waited_for(fake_api: FakeApi) -> None:
    expect_unprobed(fake_api)
    expect_seen(fake_api, "100", 1.0, WatchEvent("MODIFIED", ENDED))
    expect_seen(fake_api, "10", 10.0, WatchEvent("MODIFIED", AGAIN))
    expect_seen(fake_api, "10")
    result = run(fake_api, "Deployment")
    assert (result["summary"]["restarted"], result["summary"]["seconds"]) == (1, 16.0)
    assert result["warnings"] == [
        "New pods did not run on at once: container app of Pod shop/cart-b1 ended with exit code 4 (Error)."
    ]


def test_a_stateful_set_is_paired_by_name(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    expect_start(fake_api, obj, [pod("cart-0", obj, uid="a0"), pod("cart-1", obj, uid="a1")])
    expect_events(fake_api, obj, modified(obj, **DONE["StatefulSet"]))
    expect_pods(fake_api, [pod("cart-0", obj, uid="b0"), pod("cart-1", obj, uid="b1")])
    result = run(fake_api, "StatefulSet")
    assert [entry[:3] for entry in outcomes(result)] == [("a0", "b0", "restarted"), ("a1", "b1", "restarted")]
    container = result["pods"][0]["containers"][0]
    assert (container["container_id_before"], container["container_id_after"]) == ("containerd://a0", "containerd://b0")


def test_a_daemon_set_is_paired_by_node(fake_api: FakeApi) -> None:
    obj = workload("DaemonSet")
    expect_start(fake_api, obj, [pod("cart-x", obj, node="n1"), pod("cart-y", obj, node="n2")])
    expect_events(fake_api, obj, modified(obj, **DONE["DaemonSet"]))
    expect_pods(fake_api, [pod("cart-v", obj, node="n2"), pod("cart-w", obj, node="n1")])
    pairs = [entry[:2] for entry in outcomes(run(fake_api, "DaemonSet"))]
    assert pairs == [("uid-cart-x", "uid-cart-w"), ("uid-cart-y", "uid-cart-v")]


def test_a_partition_keeps_pods_and_is_a_warning(fake_api: FakeApi) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    obj = workload("StatefulSet", spec={"updateStrategy": rolling, "ordinals": {"start": 5}})
    expect_start(fake_api, obj, [pod("cart-5", obj), pod("cart-6", obj, uid="a6")])
    expect_events(fake_api, obj, modified(obj, **DONE["StatefulSet"] | {"updatedReplicas": 1}))
    expect_pods(fake_api, [pod("cart-5", obj), pod("cart-6", obj, uid="b6")])
    result = run(fake_api, "StatefulSet")
    below = "its ordinal is below the partition: the controller leaves it alone"
    assert outcomes(result) == [
        ("uid-cart-5", "uid-cart-5", "unchanged", below),
        ("a6", "b6", "restarted", "replaced by the rollout"),
    ]
    assert "ordinals below 6" in result["warnings"][0]
    assert "ordinals below 6" in result["plan"][0]["reason"]


def test_a_partition_of_no_pods_is_none(fake_api: FakeApi) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    obj = workload("StatefulSet", spec={"replicas": 0, "updateStrategy": rolling})
    expect_start(fake_api, obj, [], dry=True)
    assert run(fake_api, "StatefulSet", check_mode=True)["changed"]


def test_scaled_to_zero(fake_api: FakeApi) -> None:
    obj = workload("Deployment", spec={"replicas": 0})
    expect_start(fake_api, obj, [])
    expect_events(fake_api, obj, modified(obj, replicas=0))
    expect_pods(fake_api, [])
    result = run(fake_api, "Deployment")
    assert result["plan"][0]["reason"] == "it is scaled to 0: the template changes, and no pod is restarted"
    assert result["summary"]["restarted"] == 0


def test_check_mode_asks_the_server_and_changes_nothing(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)], dry=True)
    result = run(fake_api, "Deployment", check_mode=True)
    would = "check mode: the rollout would replace it"
    assert outcomes(result) == [("uid-cart-a1", "uid-cart-a1", "skipped", would)]
    assert result["changed"]


def test_without_waiting_nothing_is_proven(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", obj)
    fake_api.expect_patch(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", template(NOW), changed(obj))
    result = run(fake_api, "Deployment", wait=False)
    assert result["changed"]
    assert result["pods"] == []
    assert result["plan"][1]["reason"] == "wait is false: no pod is looked at, nothing is proven"


def test_twice_within_a_second_is_a_change_too(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    obj["spec"]["template"]["metadata"]["annotations"] = {ANNOTATION: NOW, "other": "x"}
    expect_start(fake_api, obj, [pod("cart-a1", obj)], value="2026-01-02T03:04:06Z", dry=True)
    diff = run(fake_api, "Deployment", check_mode=True)["diff"]
    assert (diff["before"], diff["after"]) == (template(NOW), template("2026-01-02T03:04:06Z"))


@pytest.mark.parametrize(
    ("current", "value"),
    [
        (None, NOW),
        ("2026-01-01T00:00:00Z", NOW),
        (NOW, "2026-01-02T03:04:06Z"),
        # Ahead already: that second, or that clock, was used by someone else.
        ("2026-01-02T03:04:09Z", "2026-01-02T03:04:10Z"),
        # As kubectl writes it, in its local time.
        ("2026-01-02T05:04:05+02:00", "2026-01-02T03:04:06Z"),
        ("2026-01-02T03:04:05", NOW),
        ("yesterday", NOW),
    ],
)
def test_the_value_is_never_one_that_was_there(current: str | None, value: str) -> None:
    assert next_value(datetime(2026, 1, 2, 3, 4, 5, 999999, tzinfo=UTC), current) == value


@pytest.mark.parametrize(
    ("kind", "spec", "words"),
    [
        ("Deployment", {"paused": True}, r"Deployment shop/cart is paused: .* Resume it first"),
        *(
            (
                "StatefulSet",
                {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}},
                f"StatefulSet shop/cart has a partition of {partition}, which holds back all 2 of its pods",
            )
            for partition in (2, 3)
        ),
    ],
)
def test_what_would_restart_nothing_is_refused(fake_api: FakeApi, kind: str, spec: JsonObject, words: str) -> None:
    fake_api.expect_get(WORKLOADS[kind].resource, NAMESPACE, "cart", workload(kind, spec=spec))
    with pytest.raises(TargetError, match=words):
        run(fake_api, kind)


def test_no_such_workload(fake_api: FakeApi) -> None:
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", NotFound("no", 404))
    fake_api.expect_namespace(NAMESPACE, True)
    with pytest.raises(TargetError, match="Deployment cart does not exist in namespace shop"):
        run(fake_api, "Deployment")
