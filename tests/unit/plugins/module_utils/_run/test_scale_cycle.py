# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import outcomes
from ansible_collections.saferestart.k8s.tests.unit.scale_script import (
    at,
    body,
    ending,
    expect_down,
    expect_end,
    expect_get,
    expect_patch,
    expect_pod_watch,
    expect_start,
    expect_up,
    fresh,
    gone,
    run,
    scaler,
    up,
)

CONFLICT = ApiError("Cannot patch: the object has been modified", 409, "Conflict")
FORBIDDEN = ApiError("Cannot list horizontalpodautoscalers: forbidden", 403, "Forbidden")
CYCLED = "replaced by the scale cycle"


def test_deployment(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = [pod("cart-a1", obj), pod("cart-a2", obj)]
    expect_start(fake_api, obj, [*old, pod("cart-debug", workload("Deployment", "x"))])
    ends = [ending(old[0], "2026-01-02T03:04:06Z"), ending(old[1], "2026-01-02T03:04:07Z")]
    expect_down(fake_api, obj, *(WatchEvent("MODIFIED", entry) for entry in ends), 2.0, *gone(*ends))
    expect_up(fake_api, obj)
    expect_end(fake_api, [fresh("cart-b1", obj, hash_label="aaa"), fresh("cart-b2", obj, "2026-01-02T03:04:11Z")])
    result = run(fake_api)
    assert outcomes(result) == [
        ("uid-cart-a1", None, "restarted", CYCLED),
        ("uid-cart-a2", None, "restarted", CYCLED),
        (None, "uid-cart-b1", "restarted", "new pod"),
        (None, "uid-cart-b2", "restarted", "new pod"),
    ]
    assert result["changed"]
    assert result["strategy"] == "scale_cycle"
    assert result["warnings"] == []
    assert result["summary"]["downtime_seconds"] == 2
    assert [entry["action"] for entry in result["plan"]] == ["scale_down", "scale_up"]
    shown = {"metadata": {"annotations": {}}, "spec": {"replicas": 2}}
    zero = {"metadata": {"annotations": {"saferestart.k8s/replicas": "2"}}, "spec": {"replicas": 0}}
    assert (result["diff"]["before"], result["diff"]["after"]) == (shown, zero)


def test_a_stateful_set_is_paired_by_name(fake_api: FakeApi) -> None:
    obj = workload("StatefulSet")
    old = [pod("cart-0", obj, uid="a0"), pod("cart-1", obj, uid="a1")]
    expect_start(fake_api, obj, old)
    expect_down(fake_api, obj, *gone(*old))
    expect_up(fake_api, obj)
    expect_end(fake_api, [fresh("cart-0", obj, uid="b0"), fresh("cart-1", obj, uid="b1")])
    result = run(fake_api, "StatefulSet")
    assert outcomes(result) == [("a0", "b0", "restarted", CYCLED), ("a1", "b1", "restarted", CYCLED)]
    assert result["summary"]["downtime_seconds"] is None


def test_the_new_pods_are_waited_for(fake_api: FakeApi, waits: Callable[[], list[str]]) -> None:
    obj = workload("Deployment", status={"replicas": 0})
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    behind = at(obj, 2, None, "13")
    behind["metadata"]["generation"] = 4
    expect_up(fake_api, obj, behind)
    some = [at(obj, 2, None, "14", replicas=2, availableReplicas=1), up(obj, version="15")]
    only, resource = "metadata.name=cart", WORKLOADS["Deployment"].resource
    events = [WatchEvent("MODIFIED", entry) for entry in some]
    fake_api.expect_watch(resource, NAMESPACE, events, resource_version="13", field_selector=only)
    expect_end(fake_api, [fresh("cart-b1", obj)])
    assert run(fake_api)["changed"]
    assert waits()[-2:] == ["Deployment shop/cart is scaled back, 1 of 2 pods are available", ""]


def test_without_waiting_the_end_of_the_old_pods_is_waited_for(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = pod("cart-a1", obj)
    expect_start(fake_api, obj, [old])
    expect_down(fake_api, obj, *gone(old))
    expect_up(fake_api, obj)
    result = run(fake_api, wait=False)
    assert result["pods"] == []
    assert result["plan"][2]["action"] == "no_wait"


def test_check_mode_asks_the_server_and_changes_nothing(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [pod("cart-a1", obj)])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2"), dry_run=True)
    result = run(fake_api, check_mode=True, reason="a leak")
    would = "check mode: the scale cycle would replace it"
    assert outcomes(result) == [("uid-cart-a1", "uid-cart-a1", "skipped", would)]
    assert result["changed"]
    assert result["plan"][0]["reason"].endswith("(a leak)")


def test_check_mode_of_a_run_that_would_go_on(fake_api: FakeApi) -> None:
    obj = at(workload("Deployment"), 0, "3")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", None, 3), obj, dry_run=True)
    result = run(fake_api, check_mode=True)
    assert result["plan"][0]["action"] == "resume"
    assert result["diff"]["after"] == {"metadata": {"annotations": {}}, "spec": {"replicas": 3}}


def test_an_interrupted_run_goes_on(fake_api: FakeApi) -> None:
    obj = at(workload("Deployment"), 0, "2")
    late = ending(pod("cart-a1", obj))
    expect_start(fake_api, obj, [late])
    expect_pod_watch(fake_api, 3.0, *gone(late))
    expect_up(fake_api, obj)
    expect_end(fake_api, [fresh("cart-b1", obj)])
    result = run(fake_api)
    assert result["changed"]
    assert "by an earlier run that did not get to its end: it is scaled back to 2" in result["warnings"][0]
    assert [entry["action"] for entry in result["plan"]] == ["resume", "scale_up"]


def test_a_stale_annotation_is_overwritten(fake_api: FakeApi) -> None:
    obj = at(workload("Deployment"), 2, "many")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_up(fake_api, obj)
    expect_end(fake_api, [])
    assert "was scaled to 2 since: 2 counts" in run(fake_api)["warnings"][0]


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (None, "is scaled to 0, and it has no annotation saferestart.k8s/replicas"),
        *((bad, "which is no number of pods. Scale it up by hand") for bad in ("", "0", "-1", "many", "2.5", "9" * 10)),
    ],
)
def test_a_count_of_0_without_one_to_go_back_to(fake_api: FakeApi, kept: str | None, words: str) -> None:
    expect_get(fake_api, at(workload("Deployment"), 0, kept))
    with pytest.raises(TargetError, match=words):
        run(fake_api)


def test_volumes_that_would_be_lost(fake_api: FakeApi) -> None:
    policy = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Retain"}}
    expect_get(fake_api, workload("StatefulSet", spec=policy), "StatefulSet")
    with pytest.raises(TargetError, match=r"whenScaled: Delete: .* would delete its volume claims"):
        run(fake_api, "StatefulSet")


def test_what_somebody_else_looks_after(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    obj["metadata"]["labels"] = {"argocd.argoproj.io/instance": "shop"}
    expect_get(fake_api, obj)
    with pytest.raises(TargetError, match="allow_managed is false"):
        run(fake_api, allow_managed=False)


@pytest.mark.parametrize(("obj", "warned"), [(workload("Deployment"), 0), (at(workload("Deployment"), 0, "2"), 1)])
def test_what_is_not_selected(fake_api: FakeApi, obj: JsonObject, warned: int) -> None:
    expect_get(fake_api, obj)
    result = run(fake_api, select="spec.paused")
    assert not result["changed"]
    assert len(result["warnings"]) == warned


def test_an_autoscaler_is_told(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [], [scaler()])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    # It has raised the count before the first look.
    expect_up(fake_api, obj, up(obj, 3))
    expect_end(fake_api, [])
    result = run(fake_api)
    words = "HorizontalPodAutoscaler cart-scaler (2 to 4 pods) sets its count"
    assert words in result["warnings"][0]
    assert result["plan"][2]["action"] == "autoscaler"


def test_autoscalers_that_may_not_be_read_are_a_warning(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [], FORBIDDEN)
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_up(fake_api, obj)
    expect_end(fake_api, [])
    assert "Whether an autoscaler sets the count" in run(fake_api)["warnings"][0]


def test_another_version_is_read_and_tried_again(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), CONFLICT)
    expect_get(fake_api, at(obj, 3, None, "15"))
    expect_patch(fake_api, body("15", "3", 0), at(obj, 0, "3", "16"))
    expect_get(fake_api, at(obj, 0, "3", "16"))
    expect_patch(fake_api, body("16", None, 3), CONFLICT)
    expect_get(fake_api, at(obj, 0, "3", "17"))
    expect_patch(fake_api, body("17", None, 3), up(obj, 3))
    expect_end(fake_api, [])
    result = run(fake_api)
    assert result["plan"][-1]["reason"] == "its count has changed to 3 meanwhile: that is what is put back"
    assert result["diff"]["before"]["spec"] == {"replicas": 3}


def test_the_answer_to_the_first_request_was_lost(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), CONFLICT)
    expect_get(fake_api, at(obj, 0, "2", "11"))
    expect_up(fake_api, obj)
    expect_end(fake_api, [])
    assert run(fake_api)["warnings"] == []


def test_the_answer_to_the_last_request_was_lost(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_start(fake_api, obj, [])
    expect_patch(fake_api, body("10", "2", 0), at(obj, 0, "2", "11"))
    expect_get(fake_api, at(obj, 0, "2", "12"))
    expect_patch(fake_api, body("12", None, 2), CONFLICT)
    expect_get(fake_api, up(obj))
    expect_end(fake_api, [])
    assert run(fake_api)["warnings"] == []


def test_scaled_up_by_somebody_else_meanwhile(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    old = pod("cart-a1", obj)
    expect_start(fake_api, obj, [old])
    new = fresh("cart-b1", obj)
    expect_down(fake_api, obj, WatchEvent("ADDED", new), *gone(old))
    expect_get(fake_api, at(obj, 5, "2", "12"))
    expect_get(fake_api, at(obj, 5, "2", "12"))
    expect_patch(fake_api, body("12", None, 5), up(obj, 5))
    expect_end(fake_api, [new])
    assert run(fake_api)["warnings"] == [
        "Deployment shop/cart was scaled to 5 by somebody else meanwhile: that is kept."
    ]
