# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    RestartFailed,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_undo import rollout_undo
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod
from ansible_collections.saferestart.k8s.tests.unit.revision_script import (
    CAUSE,
    expect_history,
    revision,
    running,
    template,
)
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import (
    DONE,
    expect_events,
    expect_pods,
    expect_warnings,
    outcomes,
)

KINDS = ["Deployment", "StatefulSet", "DaemonSet"]
STUCK = "not Ready, and of the revision that is undone: its controller would wait for it to become Ready"


def run(api: FakeApi, kind: str, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work on the workload shop/cart."""
    options = {
        "namespace": NAMESPACE,
        "kind": kind,
        "name": "cart",
        "select": None,
        "to_revision": 0,
        "to_name": None,
        "delete_stuck": True,
        "reason": None,
        "allow_managed": True,
        "wait": True,
        "wait_timeout": 60,
        "on_failure": "leave",
    }
    return rollout_undo(api, api.clock, options | params, check_mode)


def expect_read(api: FakeApi, obj: JsonObject, images: str) -> None:
    """The workload, and its history: revision 1 has the first image, and so on."""
    api.expect_get(WORKLOADS[obj["kind"]].resource, NAMESPACE, "cart", obj)
    expect_history(api, obj, [revision(obj, number, image) for number, image in enumerate(images, 1)])


def undone(obj: JsonObject, image: str, version: str = "11", **status: Any) -> JsonObject:
    """The workload after the undo; seen by its controller once there is some status."""
    new = copy.deepcopy(obj)
    new["metadata"] |= {"resourceVersion": version, "generation": 3}
    new["spec"]["template"] = template(image)
    new["status"] = ({"observedGeneration": 3} if status else obj["status"]) | status
    return new


def expect_undo(
    api: FakeApi, obj: JsonObject, image: str, annotations: JsonObject | None = None, *, dry: bool = False
) -> None:
    """The one request that changes something."""
    body: JsonObject = {"spec": {"template": template(image) | {"$patch": "replace"}}}
    if annotations:
        body = {"metadata": {"annotations": annotations}} | body
    resource = WORKLOADS[obj["kind"]].resource
    api.expect_patch(resource, NAMESPACE, "cart", body, undone(obj, image), dry_run=dry)


def event(obj: JsonObject, image: str, **status: Any) -> WatchEvent:
    """A watch event: the workload after the undo, seen by its controller."""
    return WatchEvent("MODIFIED", undone(obj, image, "12", **status))


def made(obj: JsonObject, name: str, image: str, **more: Any) -> JsonObject:
    """A pod of the workload with that image."""
    entry = pod(name, obj, hash_label=image, **more)
    label = f"cart-{image}" if obj["kind"] == "StatefulSet" else image
    entry["metadata"]["labels"]["controller-revision-hash"] = label
    return entry


@pytest.mark.parametrize("kind", KINDS)
def test_undo(fake_api: FakeApi, kind: str) -> None:
    obj = running(kind, "b", status=DONE[kind])
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, [made(obj, "cart-0", "b", uid="old", node="one")])
    expect_undo(fake_api, obj, "a")
    expect_events(fake_api, obj, event(obj, "a", **DONE[kind]))
    expect_pods(fake_api, [made(obj, "cart-0", "a", uid="new", node="one")])
    result = run(fake_api, kind)
    assert result["changed"]
    assert result["strategy"] == "rollout_undo"
    assert result["plan"][0] == {
        "workload": f"{kind} shop/cart",
        "action": "undo",
        "reason": "the template of revision 1 (cart-a) is put in the place of that of revision 2",
    }
    assert result["diff"]["before"] == {"spec": {"template": template("b")}}
    assert result["diff"]["after"] == {"spec": {"template": template("a")}}
    assert result["summary"]["restarted"] == 1
    assert result["summary"]["api_requests"] == 5


def test_a_pod_that_has_the_template_already_stays(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "b", status=DONE["DaemonSet"])
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, [made(obj, "cart-x", "a", node="one"), made(obj, "cart-y", "b", node="two")])
    expect_undo(fake_api, obj, "a")
    expect_events(fake_api, obj, event(obj, "a", **DONE["DaemonSet"]))
    expect_pods(fake_api, [made(obj, "cart-x", "a", node="one"), made(obj, "cart-z", "a", node="two")])
    assert outcomes(run(fake_api, "DaemonSet")) == [
        ("uid-cart-x", "uid-cart-x", "unchanged", "it already has this template"),
        ("uid-cart-y", "uid-cart-z", "restarted", "replaced by the rollout"),
    ]


@pytest.mark.parametrize(
    ("kind", "reason", "annotations"),
    [
        ("Deployment", None, {CAUSE: "old", "gone": None}),
        ("Deployment", "it was wrong", {CAUSE: "it was wrong", "gone": None}),
        ("StatefulSet", None, None),
        ("DaemonSet", "it was wrong", {CAUSE: "it was wrong"}),
    ],
)
def test_annotations(fake_api: FakeApi, kind: str, reason: str | None, annotations: JsonObject | None) -> None:
    obj = running(kind, "b", meta={"annotations": {CAUSE: "new", "gone": "1"}})
    fake_api.expect_get(WORKLOADS[kind].resource, NAMESPACE, "cart", obj)
    expect_history(fake_api, obj, [revision(obj, 1, "a", **{CAUSE: "old"}), revision(obj, 2, "b", **{CAUSE: "new"})])
    expect_undo(fake_api, obj, "a", annotations)
    assert run(fake_api, kind, wait=False, reason=reason)["changed"]


@pytest.mark.parametrize("more", [{"to_revision": 1}, {"to_name": "cart-a"}])
def test_to_a_revision(fake_api: FakeApi, more: dict[str, Any]) -> None:
    obj = running("Deployment", "c")
    expect_read(fake_api, obj, "abc")
    expect_undo(fake_api, obj, "a")
    assert run(fake_api, "Deployment", wait=False, **more)["changed"]


@pytest.mark.parametrize(
    ("spec", "images", "more", "message"),
    [
        ({"paused": True}, None, {}, "is paused: its controller would not follow. Resume it first"),
        (
            {},
            "ab",
            {"to_revision": 9},
            "has no revision 9 in its history; there are 1 (cart-a), 2 (cart-b, the current",
        ),
        ({}, "b", {}, "has no earlier revision to go back to; there is 1 (cart-b, the current one)"),
        ({}, "", {}, "has no rollout history"),
    ],
)
def test_refused(fake_api: FakeApi, spec: JsonObject, images: str | None, more: dict[str, Any], message: str) -> None:
    obj = running("Deployment", "b", spec=spec)
    if images is None:
        fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", obj)
    else:
        expect_read(fake_api, obj, images)
    with pytest.raises(TargetError) as caught:
        run(fake_api, "Deployment", **more)
    assert message in str(caught.value)


def test_managed_by_somebody_else(fake_api: FakeApi) -> None:
    obj = running("Deployment", "b", meta={"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps"}})
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", obj)
    with pytest.raises(TargetError, match="Argo CD"):
        run(fake_api, "Deployment", allow_managed=False)


def test_the_next_apply_is_warned_of(fake_api: FakeApi) -> None:
    meta = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}
    obj = running("StatefulSet", "b", status=DONE["StatefulSet"], meta=meta)
    expect_read(fake_api, obj, "ab")
    expect_undo(fake_api, obj, "a")
    (warning,) = run(fake_api, "StatefulSet", wait=False)["warnings"]
    assert "the next kubectl apply brings that back" in warning


def test_not_selected(fake_api: FakeApi) -> None:
    obj = running("Deployment", "b")
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", obj)
    result = run(fake_api, "Deployment", select="spec.paused")
    assert not result["changed"]
    assert result["plan"][0]["action"] == "skip"


ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}


def test_on_delete_without_waiting(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "b", spec=ON_DELETE)
    expect_read(fake_api, obj, "ab")
    expect_undo(fake_api, obj, "a")
    result = run(fake_api, "DaemonSet", wait=False)
    assert result["changed"]
    assert "its pods stay as they are until somebody deletes them" in result["warnings"][0]


def test_on_delete_in_check_mode(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "b", spec=ON_DELETE)
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, [made(obj, "cart-x", "a"), made(obj, "cart-y", "b")])
    expect_undo(fake_api, obj, "a", dry=True)
    result = run(fake_api, "DaemonSet", check_mode=True)
    assert result["plan"][1]["reason"] == "its update strategy is OnDelete: its pods are deleted one after the other"
    assert [entry[3] for entry in outcomes(result)] == [
        "it already has this template",
        "check mode: the rollout would replace it",
    ]


def test_on_delete_deletes_what_has_another_template(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "b", spec=ON_DELETE)
    before = [made(obj, "cart-x", "a", node="one"), made(obj, "cart-y", "b", node="two")]
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, before)
    expect_undo(fake_api, obj, "a")
    expect_events(fake_api, obj, event(obj, "a", desiredNumberScheduled=2))
    expect_pods(fake_api, before)
    fake_api.expect_delete(POD, NAMESPACE, "cart-y", uid="uid-cart-y")
    new = made(obj, "cart-z", "a", node="two")
    events = [WatchEvent("DELETED", before[1]), WatchEvent("ADDED", new)]
    fake_api.expect_watch(POD, NAMESPACE, events, resource_version="100", label_selector="app=cart")
    expect_pods(fake_api, [before[0], new])
    assert outcomes(run(fake_api, "DaemonSet")) == [
        ("uid-cart-x", "uid-cart-x", "unchanged", "it already has this template"),
        ("uid-cart-y", "uid-cart-z", "restarted", "replaced by the rollout"),
    ]


@pytest.mark.parametrize(
    ("image", "check_mode", "changed", "reason"),
    [
        ("a", False, False, "the pod template already is that of revision 2: nothing restarts"),
        ("b", True, True, "check mode: the rollout would replace it"),
    ],
)
def test_on_delete_again(fake_api: FakeApi, image: str, check_mode: bool, changed: bool, reason: str) -> None:
    obj = running("DaemonSet", "a", spec=ON_DELETE)
    expect_read(fake_api, obj, "ba")
    expect_pods(fake_api, [made(obj, "cart-0", image)])
    result = run(fake_api, "DaemonSet", to_name="cart-a", check_mode=check_mode)
    assert result["changed"] is changed
    assert [entry[3] for entry in outcomes(result)] == [reason]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check_mode", [False, True])
def test_the_same_revision_is_skipped(fake_api: FakeApi, kind: str, check_mode: bool) -> None:
    obj = running(kind, "b", status=DONE[kind])
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, [made(obj, "cart-0", "b")])
    result = run(fake_api, kind, to_revision=2, check_mode=check_mode)
    words = "the pod template already is that of revision 2: nothing restarts"
    assert not result["changed"]
    assert result["plan"] == [{"workload": f"{kind} shop/cart", "action": "skip", "reason": words}]
    assert outcomes(result) == [("uid-cart-0", "uid-cart-0", "unchanged", words)]
    assert result["diff"]["before"] == result["diff"]["after"]


def test_check_mode_names_the_stuck_pods(fake_api: FakeApi) -> None:
    obj = running("StatefulSet", "b", status={"readyReplicas": 1})
    pods = [made(obj, "cart-0", "a"), made(obj, "cart-1", "b", ready=False)]
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, pods)
    expect_pods(fake_api, pods)
    expect_undo(fake_api, obj, "a", dry=True)
    result = run(fake_api, "StatefulSet", check_mode=True)
    assert result["plan"][-1] == {"pod": "cart-1", "action": "delete_stuck", "reason": STUCK}
    assert [entry[2:] for entry in outcomes(result)] == [
        ("skipped", "it already has this template"),
        ("skipped", "check mode: the rollout would replace it"),
    ]


@pytest.mark.parametrize("gone", [None, NotFound("gone", 404), ApiError("another", 409)])
def test_a_stuck_pod_is_deleted_once_its_controller_has_seen_the_undo(
    fake_api: FakeApi, gone: Exception | None
) -> None:
    obj = running("StatefulSet", "b", status={"readyReplicas": 1, "updateRevision": "cart-b"})
    pods = [made(obj, "cart-0", "a"), made(obj, "cart-1", "b", uid="old", ready=False)]
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, pods)
    expect_undo(fake_api, obj, "a")
    stuck = event(obj, "a", readyReplicas=1, updateRevision="cart-a")
    done = event(obj, "a", **DONE["StatefulSet"], updateRevision="cart-a", currentRevision="cart-a")
    expect_events(fake_api, obj, stuck, 5.0, done)
    expect_pods(fake_api, pods)
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", gone, uid="old")
    expect_pods(fake_api, [made(obj, "cart-0", "a"), made(obj, "cart-1", "a", uid="new")])
    result = run(fake_api, "StatefulSet")
    deleted = [] if gone else [{"pod": "cart-1", "action": "delete_stuck", "reason": STUCK}]
    assert result["plan"][2:] == deleted
    assert outcomes(result) == [
        ("uid-cart-0", "uid-cart-0", "unchanged", "it already has this template"),
        ("old", "new", "restarted", "replaced by the rollout"),
    ]


def test_a_stuck_pod_that_must_not_be_deleted(fake_api: FakeApi) -> None:
    obj = running("StatefulSet", "b", status={"readyReplicas": 1})
    pods = [made(obj, "cart-1", "b", ready=False)]
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, pods)
    expect_undo(fake_api, obj, "a")
    expect_events(fake_api, obj, event(obj, "a", readyReplicas=1, updateRevision="cart-a"))
    expect_pods(fake_api, pods)
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", ApiError("pods is forbidden", 403), uid="uid-cart-1")
    with pytest.raises(RestartFailed, match=r"started, but not observed.*forbidden") as caught:
        run(fake_api, "StatefulSet")
    assert caught.value.result["changed"]


def test_without_delete_stuck_it_is_waited_for(fake_api: FakeApi) -> None:
    obj = running("StatefulSet", "b", status={"readyReplicas": 1})
    pods = [made(obj, "cart-1", "b", ready=False)]
    expect_read(fake_api, obj, "ab")
    expect_pods(fake_api, pods)
    expect_undo(fake_api, obj, "a")
    expect_events(fake_api, obj, event(obj, "a", readyReplicas=1, updateRevision="cart-a"))
    expect_pods(fake_api, pods)
    expect_warnings(fake_api, "uid-cart-1", [])
    fake_api.expect_log(NAMESPACE, "cart-1", "app", "")
    with pytest.raises(RestartFailed, match=r"(?s)1 of 2 pods are Ready.*It is from before.*delete that pod"):
        run(fake_api, "StatefulSet", delete_stuck=False)


def test_a_stuck_pod_that_is_not_waited_for_is_warned_of(fake_api: FakeApi) -> None:
    obj = running("StatefulSet", "b", status={"readyReplicas": 1})
    expect_read(fake_api, obj, "ab")
    expect_undo(fake_api, obj, "a")
    (warning,) = run(fake_api, "StatefulSet", wait=False)["warnings"]
    assert "They are deleted only with wait" in warning


def test_a_run_after_an_interrupted_one_sees_it_to_its_end(fake_api: FakeApi) -> None:
    obj = running("StatefulSet", "a", status={"readyReplicas": 1, "updateRevision": "cart-a"})
    pods = [made(obj, "cart-0", "a"), made(obj, "cart-1", "b", uid="old", ready=False)]
    expect_read(fake_api, obj, "ba")
    expect_pods(fake_api, pods)
    expect_pods(fake_api, pods)
    fake_api.expect_delete(POD, NAMESPACE, "cart-1", uid="old")
    done = copy.deepcopy(obj)
    done["status"] |= DONE["StatefulSet"] | {"currentRevision": "cart-a"}
    only = "metadata.name=cart"
    resource = WORKLOADS["StatefulSet"].resource
    events = [WatchEvent("MODIFIED", done)]
    fake_api.expect_watch(resource, NAMESPACE, events, resource_version="10", field_selector=only)
    expect_pods(fake_api, [made(obj, "cart-0", "a"), made(obj, "cart-1", "a", uid="new")])
    result = run(fake_api, "StatefulSet", to_name="cart-a")
    assert result["changed"]
    assert [entry["action"] for entry in result["plan"]] == ["skip", "delete_stuck"]
    assert outcomes(result) == [
        ("uid-cart-0", "uid-cart-0", "unchanged", "it already has this template"),
        ("old", "new", "restarted", "replaced by the rollout"),
    ]


def test_one_that_is_undone_meanwhile(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "a", status={"desiredNumberScheduled": 2})
    expect_read(fake_api, obj, "ba")
    expect_pods(fake_api, [made(obj, "cart-0", "a")])
    other = event(obj, "c", desiredNumberScheduled=2)
    resource = WORKLOADS["DaemonSet"].resource
    fake_api.expect_watch(resource, NAMESPACE, [other], resource_version="10", field_selector="metadata.name=cart")
    expect_pods(fake_api, [made(obj, "cart-0", "a")])
    expect_warnings(fake_api, "uid-cart", [])
    with pytest.raises(RestartFailed, match="its template is no longer that of revision 2"):
        run(fake_api, "DaemonSet", to_name="cart-a")
