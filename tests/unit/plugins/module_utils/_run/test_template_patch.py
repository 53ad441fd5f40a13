# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    DEPLOYMENT,
    POD,
    JsonObject,
    Resource,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import TEMPLATES, WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.set_env import set_env
from ansible_collections.saferestart.k8s.plugins.module_utils._run.template_patch import template_patch
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, probed, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import DONE, expect_pods, expect_warnings, outcomes

PATCH = {"metadata": {"annotations": {"x": "1"}}}
BODY: JsonObject = {"spec": {"template": PATCH}}
MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"
SHOPS = Resource("example.com/v1", "Shop", "shops")
OPTIONS: dict[str, Any] = {
    "namespace": NAMESPACE,
    "kind": "Deployment",
    "name": "cart",
    "api_version": None,
    "template_path": None,
    "patch": PATCH,
    "patch_type": None,
    "select": None,
    "reason": None,
    "allow_managed": True,
    "on_failure": "leave",
    "wait": True,
    "wait_timeout": 60,
    "env": None,
    "remove": None,
    "containers": None,
    "overwrite_value_from": False,
}


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """template_patch's work."""
    return template_patch(api, api.clock, OPTIONS | params, check_mode)


def run_env(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """set_env's work."""
    return set_env(api, api.clock, OPTIONS | params, check_mode)


def patched(obj: JsonObject, version: str = "11", **status: Any) -> JsonObject:
    """The workload with the patch, one generation on."""
    new = copy.deepcopy(obj)
    new["metadata"] |= {"resourceVersion": version, "generation": 3}
    new["spec"]["template"]["metadata"]["annotations"] = {"x": "1"}
    new["status"] = {"observedGeneration": 3 if status else 2} | status
    return new


def expect_get(api: FakeApi, obj: JsonObject, resource: Resource | None = None) -> None:
    api.expect_get(resource or WORKLOADS[obj["kind"]].resource, NAMESPACE, "cart", obj)


def custom(resource: Resource, **spec: Any) -> JsonObject:
    """A custom resource with a template and labels."""
    obj = workload("Deployment", spec=spec)
    return obj | {"apiVersion": resource.api_version, "kind": resource.kind}


def test_a_patch_rolls(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    expect_get(fake_api, obj)
    expect_pods(fake_api, [pod("cart-a1", obj)])
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", BODY, patched(obj))
    done = WatchEvent("MODIFIED", patched(obj, "12", **DONE["Deployment"]))
    fake_api.expect_watch(DEPLOYMENT, NAMESPACE, [done], resource_version="11", field_selector="metadata.name=cart")
    expect_pods(fake_api, [pod("cart-b1", obj, hash_label="bbb")])
    result = run(fake_api)
    assert (result["strategy"], result["changed"]) == ("template_patch", True)
    assert [entry[:3] for entry in outcomes(result)] == [
        ("uid-cart-a1", None, "restarted"),
        (None, "uid-cart-b1", "restarted"),
    ]
    assert result["diff"]["after"]["spec"]["template"]["metadata"]["annotations"] == {"x": "1"}


def test_a_patch_that_changes_nothing_restarts_nothing_and_leaves_no_reason(fake_api: FakeApi) -> None:
    obj = workload("Deployment", status=DONE["Deployment"])
    expect_get(fake_api, obj)
    expect_pods(fake_api, [pod("cart-a1", obj)])
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", BODY, obj, dry_run=True)
    result = run(fake_api, reason="why")
    assert not result["changed"]
    assert outcomes(result)[0][2:] == ("unchanged", "the pod template is the same as before: nothing restarts")


def test_a_reason_goes_along(fake_api: FakeApi) -> None:
    obj, resource = workload("Deployment"), DEPLOYMENT
    expect_get(fake_api, obj)
    fake_api.expect_patch(resource, NAMESPACE, "cart", BODY, patched(obj), dry_run=True)
    body = BODY | {"metadata": {"annotations": {"kubernetes.io/change-cause": "why"}}}
    fake_api.expect_patch(resource, NAMESPACE, "cart", body, patched(obj))
    assert run(fake_api, reason="why", wait=False)["changed"]


def test_who_looks_after_it_is_named(fake_api: FakeApi) -> None:
    obj = workload("Deployment")
    obj["metadata"]["labels"] = {"argocd.argoproj.io/instance": "web"}
    expect_get(fake_api, obj)
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", BODY, patched(obj))
    assert "looked after by Argo CD (Application web)" in run(fake_api, wait=False)["warnings"][0]
    expect_get(fake_api, obj)
    with pytest.raises(TargetError, match="allow_managed is false"):
        run(fake_api, allow_managed=False)


def test_a_paused_deployment_is_refused(fake_api: FakeApi) -> None:
    expect_get(fake_api, workload("Deployment", spec={"paused": True}))
    with pytest.raises(TargetError, match="is paused"):
        run(fake_api)


def test_a_known_custom_resource_needs_no_discovery(fake_api: FakeApi) -> None:
    resource = TEMPLATES["Rollout"].resource
    obj = custom(resource)
    expect_get(fake_api, obj, resource)
    expect_pods(fake_api, [])
    fake_api.expect_patch(resource, NAMESPACE, "cart", BODY, patched(obj), content_type=MERGE)
    status = {"observedGeneration": "3", "phase": "Degraded", "message": "ProgressDeadlineExceeded"}
    degraded = WatchEvent("MODIFIED", patched(obj, "12") | {"status": status})
    fake_api.expect_watch(resource, NAMESPACE, [degraded], resource_version="11", field_selector="metadata.name=cart")
    expect_pods(fake_api, [])
    expect_warnings(fake_api, "uid-cart", [])
    with pytest.raises(RestartFailed, match=r"its phase is Degraded \(ProgressDeadlineExceeded\)"):
        run(fake_api, kind="Rollout")


def test_of_any_other_the_pods_tell(fake_api: FakeApi) -> None:
    obj = custom(SHOPS, replicas=1)
    owned = {
        "labels": {"app": "cart"},
        "ownerReferences": [{"kind": "Shop", "name": "cart", "uid": "uid-cart", "controller": True}],
    }
    fake_api.expect_discover("example.com/v1", "Shop", SHOPS)
    expect_get(fake_api, obj, SHOPS)

    def one(uid: str, **more: Any) -> JsonObject:
        made = probed(pod("cart-0", uid=uid, **more))
        made["metadata"] |= owned
        return made

    for _time in range(2):
        expect_pods(fake_api, [one("a")])
    fake_api.expect_patch(SHOPS, NAMESPACE, "cart", BODY, patched(obj, replicas=1), content_type=MERGE)
    expect_pods(fake_api, [one("a")])
    events = [
        WatchEvent("DELETED", one("a")),
        WatchEvent("ADDED", one("b", ready=False)),
        WatchEvent("MODIFIED", one("b")),
    ]
    fake_api.expect_watch(POD, NAMESPACE, events, resource_version="100", label_selector="app=cart")
    result = run(fake_api, kind="Shop", api_version="example.com/v1")
    assert [entry[:3] for entry in outcomes(result)] == [("a", None, "restarted"), (None, "b", "restarted")]


def test_waiting_for_pods_that_cannot_be_found_is_refused(fake_api: FakeApi) -> None:
    fake_api.expect_discover("example.com/v1", "Shop", SHOPS)
    expect_get(fake_api, custom(SHOPS), SHOPS)
    expect_pods(fake_api, [pod("cart-0", workload("StatefulSet", "other"))])
    with pytest.raises(TargetError, match="The pods of Shop shop/cart cannot be found: none with the labels app=cart"):
        run(fake_api, kind="Shop", api_version="example.com/v1")


def test_a_cron_job_has_no_pods_to_wait_for(fake_api: FakeApi) -> None:
    kind = TEMPLATES["CronJob"]
    obj: JsonObject = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": workload("Deployment")["metadata"],
        "spec": {"jobTemplate": {"spec": {"template": {"metadata": {}}}}},
    }
    new = copy.deepcopy(obj)
    new["spec"]["jobTemplate"]["spec"]["template"] = PATCH
    expect_get(fake_api, obj, kind.resource)
    fake_api.expect_patch(kind.resource, NAMESPACE, "cart", kind.at_template(PATCH), new)
    result = run(fake_api, kind="CronJob")
    assert result["changed"]
    assert "a CronJob has no pods of its own" in result["warnings"][0]


def test_a_json_patch_that_does_not_fit_is_not_sent(fake_api: FakeApi) -> None:
    expect_get(fake_api, workload("Deployment"))
    with pytest.raises(TargetError, match="there is no /spec"):
        run(fake_api, patch_type="json", patch=[{"op": "remove", "path": "/spec/hostname"}])


def with_env(*env: JsonObject) -> JsonObject:
    """A Deployment whose one container has these variables."""
    obj = workload("Deployment")
    obj["spec"]["template"]["spec"] = {"containers": [{"name": "app", "env": [*env]}]}
    return obj


def env_patch(*env: JsonObject, order: list[str]) -> JsonObject:
    """The patch of the one container."""
    inside = {"name": "app", "env": [*env], "$setElementOrder/env": [{"name": name} for name in order]}
    return {"spec": {"template": {"spec": {"containers": [inside]}}}}


def test_set_env_sets_the_time_when_nothing_else_is_asked_for(fake_api: FakeApi) -> None:
    date = {"name": "DEPLOY_DATE", "value": "2026-01-02T03:04:05Z"}
    expect_get(fake_api, with_env())
    body = env_patch(date, order=["DEPLOY_DATE"])
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", body, with_env(date))
    assert run_env(fake_api, wait=False)["changed"]


def test_set_env_within_the_same_second_is_a_change_too(fake_api: FakeApi) -> None:
    expect_get(fake_api, with_env({"name": "DEPLOY_DATE", "value": "2026-01-02T03:04:05Z"}))
    date = {"name": "DEPLOY_DATE", "value": "2026-01-02T03:04:06Z"}
    body = env_patch(date, order=["DEPLOY_DATE"])
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", body, with_env(date))
    assert run_env(fake_api, wait=False)["changed"]


def test_set_env_sends_nothing_that_is_set_already(fake_api: FakeApi) -> None:
    obj = with_env({"name": "A", "value": "1"})
    obj["status"] |= DONE["Deployment"]
    expect_get(fake_api, obj)
    expect_pods(fake_api, [pod("cart-a1", obj)])
    result = run_env(fake_api, env={"A": "1"}, remove=["Z"], reason="why")
    assert not result["changed"]
    assert result["plan"][0]["reason"] == "the pod template is the same as before: nothing restarts"


def test_set_env_goes_on_with_the_rollout_of_an_earlier_run(fake_api: FakeApi) -> None:
    obj = with_env({"name": "A", "value": "1"})
    expect_get(fake_api, obj)
    old, new = pod("cart-a1", obj), pod("cart-b1", obj, hash_label="bbb")
    expect_pods(fake_api, [old, new])
    done = WatchEvent("MODIFIED", copy.deepcopy(obj) | {"status": {"observedGeneration": 2} | DONE["Deployment"]})
    fake_api.expect_watch(DEPLOYMENT, NAMESPACE, [done], resource_version="10", field_selector="metadata.name=cart")
    expect_pods(fake_api, [new, pod("cart-b2", obj, hash_label="bbb")])
    result = run_env(fake_api, env={"A": "1"})
    assert not result["changed"]
    assert result["plan"][0]["action"] == "go_on"
    assert [entry[2] for entry in outcomes(result)] == ["restarted", "unchanged", "restarted"]


def test_set_env_says_who_else_changed_it_meanwhile(fake_api: FakeApi) -> None:
    obj, asked = with_env({"name": "A", "value": "1"}), with_env({"name": "A", "value": "2"})
    expect_get(fake_api, obj)
    expect_pods(fake_api, [])
    body = env_patch({"name": "A", "value": "2"}, order=["A"])
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", body, asked)
    theirs = WatchEvent("MODIFIED", with_env({"name": "A", "value": "1"}, {"name": "B", "value": "3"}))
    fake_api.expect_watch(DEPLOYMENT, NAMESPACE, [theirs], resource_version="10", field_selector="metadata.name=cart")
    expect_pods(fake_api, [])
    expect_warnings(fake_api, "uid-cart", [])
    with pytest.raises(RestartFailed, match=r"has changed its variables since; .*lacks: container app: sets A"):
        run_env(fake_api, env={"A": "2"})


def test_set_env_does_not_show_secrets(fake_api: FakeApi) -> None:
    expect_get(fake_api, with_env({"name": "DB_PASSWORD", "value": "sesame-old"}))
    new = {"name": "DB_PASSWORD", "value": "sesame-new"}
    body = env_patch(new, order=["DB_PASSWORD"]) | {"metadata": {"annotations": {"kubernetes.io/change-cause": "why"}}}
    fake_api.expect_patch(DEPLOYMENT, NAMESPACE, "cart", body, with_env(new))
    assert "sesame" not in str(run_env(fake_api, wait=False, env={"DB_PASSWORD": "sesame-new"}, reason="why"))


@pytest.mark.parametrize("params", [{"env": {}}, {"remove": []}, {"env": {}, "remove": []}])
def test_set_env_takes_nothing_for_nothing(fake_api: FakeApi, params: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match=r"env and remove are empty\. Leave both out to set DEPLOY_DATE"):
        run_env(fake_api, **params)
