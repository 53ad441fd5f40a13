# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.resource_replace import resource_replace
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import DONE, expect_pods, outcomes

RESOURCE = WORKLOADS["Deployment"].resource
LABELS = {"labels": {"app": "cart"}}


def definition(image: str = "cart:2", **spec: Any) -> JsonObject:
    template = {"metadata": LABELS, "spec": {"containers": [{"name": "app", "image": image}]}}
    whole = {"replicas": 2, "selector": {"matchLabels": {"app": "cart"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart"}, "spec": whole | spec}


def there(image: str = "cart:1", **spec: Any) -> JsonObject:
    return workload("Deployment", spec={"template": definition(image)["spec"]["template"]} | spec)


def after(live: JsonObject, put: JsonObject, version: str = "11", **status: Any) -> JsonObject:
    """The object as the server has it when that was put in its place."""
    new = copy.deepcopy(live)
    new["spec"] |= put["spec"]
    new["metadata"] |= {"resourceVersion": version, "generation": 3}
    if annotations := put["metadata"].get("annotations"):
        new["metadata"]["annotations"] = annotations
    new["status"] = {"observedGeneration": 3 if status else 2} | status
    return new


def sent(put: JsonObject, **annotations: str) -> JsonObject:
    """The body of the request."""
    meta = put["metadata"] | {"namespace": NAMESPACE}
    return put | {"metadata": meta | ({"annotations": annotations} if annotations else {})}


def run(api: FakeApi, put: JsonObject, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    options = {
        "namespace": NAMESPACE,
        "definition": put,
        "force": False,
        "reason": None,
        "allow_managed": True,
        "on_failure": "leave",
        "select": None,
        "wait": True,
        "wait_timeout": 60,
    }
    return resource_replace(api, api.clock, options | params, check_mode)


def expect_judged(api: FakeApi, live: JsonObject, body: JsonObject, answer: JsonObject | Exception) -> None:
    api.expect_get(RESOURCE, NAMESPACE, "cart", live)
    api.expect_replace(RESOURCE, NAMESPACE, "cart", body, answer, dry_run=True)


def test_a_new_template_is_rolled_out(fake_api: FakeApi) -> None:
    live, put = there(), definition()
    live["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1", "kubernetes.io/change-cause": "first"}
    new = after(live, put)
    kept = {"deployment.kubernetes.io/revision": "1"}
    expect_judged(fake_api, live, sent(put, **kept, **{"kubernetes.io/change-cause": "first"}), new)
    expect_pods(fake_api, [pod("cart-a1", live)])
    body = sent(put, **kept, **{"kubernetes.io/change-cause": "second"})
    fake_api.expect_replace(RESOURCE, NAMESPACE, "cart", body, new)
    done = WatchEvent("MODIFIED", after(live, put, "12", **DONE["Deployment"]))
    fake_api.expect_watch(RESOURCE, NAMESPACE, [done], resource_version="11", field_selector="metadata.name=cart")
    expect_pods(fake_api, [pod("cart-b1", live, hash_label="bbb")])
    result = run(fake_api, put, reason="second")
    assert [entry[:3] for entry in outcomes(result)] == [
        ("uid-cart-a1", None, "restarted"),
        (None, "uid-cart-b1", "restarted"),
    ]
    assert result["changed"]
    assert result["strategy"] == "resource_replace"
    assert "cart:1" in str(result["diff"]["before"])
    assert "cart:2" in str(result["diff"]["after"])


def test_nothing_new_is_not_even_sent(fake_api: FakeApi) -> None:
    live, put = there("cart:2"), definition()
    live["status"] |= DONE["Deployment"]
    judged = after(live, put)
    judged["metadata"]["generation"], judged["status"] = 2, live["status"]
    expect_judged(fake_api, live, sent(put), judged)
    expect_pods(fake_api, [pod("cart-a1", live)])
    result = run(fake_api, put, reason="why")
    assert not result["changed"]
    assert result["plan"][0]["action"] == "skip"
    assert outcomes(result)[0][2] == "unchanged"


def test_a_change_that_is_none_of_the_template(fake_api: FakeApi) -> None:
    live, put = there("cart:2"), definition(replicas=3)
    expect_judged(fake_api, live, sent(put), after(live, put))
    expect_pods(fake_api, [pod("cart-a1", live)])
    fake_api.expect_replace(RESOURCE, NAMESPACE, "cart", sent(put), after(live, put))
    scaled = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
    done = WatchEvent("MODIFIED", after(live, put, "12", **scaled))
    fake_api.expect_watch(RESOURCE, NAMESPACE, [done], resource_version="11", field_selector="metadata.name=cart")
    expect_pods(fake_api, [pod("cart-a1", live), pod("cart-b1", live)])
    result = run(fake_api, put)
    assert result["changed"]
    assert [entry[2] for entry in outcomes(result)] == ["unchanged", "restarted"]
    assert result["warnings"] == []


def test_a_count_that_is_left_out_is_warned_of(fake_api: FakeApi) -> None:
    live, put = there("cart:2"), definition()
    del put["spec"]["replicas"]
    expect_judged(fake_api, live, sent(put), after(live, definition(replicas=1)))
    expect_pods(fake_api, [])
    (warning,) = run(fake_api, put, check_mode=True)["warnings"]
    assert warning.startswith("Deployment shop/cart: the definition has no spec.replicas, which means 1: it is scaled ")


def test_check_mode_asks_the_server_alone(fake_api: FakeApi) -> None:
    live, put = there(), definition()
    expect_judged(fake_api, live, sent(put), after(live, put))
    expect_pods(fake_api, [pod("cart-a1", live)])
    result = run(fake_api, put, check_mode=True)
    assert result["changed"]
    assert result["summary"]["skipped"] == 1


def test_a_conflict_says_what_to_do(fake_api: FakeApi) -> None:
    put = definition()
    put["metadata"]["resourceVersion"] = "9"
    conflict = ApiError("Cannot replace: the object has been modified.", 409, "Conflict")
    expect_judged(fake_api, there(), sent(put), conflict)
    with pytest.raises(TargetError, match=r"has been modified\. Nothing was changed\. Read it again .*resourceVersion"):
        run(fake_api, put)


def test_another_refusal_is_the_servers_own_words(fake_api: FakeApi) -> None:
    put = definition()
    expect_judged(fake_api, there(), sent(put), ApiError("422 Invalid: field is immutable.", 422, "Invalid"))
    with pytest.raises(ApiError, match="field is immutable"):
        run(fake_api, put)


@pytest.mark.parametrize(
    ("was", "becomes"), [({"paused": True}, {"paused": True}), ({}, {"paused": True}), ({"paused": True}, {})]
)
def test_a_pause_counts_as_the_definition_leaves_it(fake_api: FakeApi, was: JsonObject, becomes: JsonObject) -> None:
    live, put = there(**was), definition(paused=bool(becomes))
    expect_judged(fake_api, live, sent(put), after(live, put))
    if becomes:
        with pytest.raises(TargetError, match="is paused"):
            run(fake_api, put)
        return
    expect_pods(fake_api, [])
    assert run(fake_api, put, check_mode=True)["changed"]


def test_it_has_to_exist(fake_api: FakeApi) -> None:
    fake_api.expect_get(RESOURCE, NAMESPACE, "cart", NotFound("no", 404))
    fake_api.expect_namespace(NAMESPACE, True)
    with pytest.raises(TargetError, match="Deployment cart does not exist"):
        run(fake_api, definition())


def test_what_somebody_else_keeps_a_copy_of(fake_api: FakeApi) -> None:
    live = there()
    live["metadata"]["labels"] = {"argocd.argoproj.io/instance": "web"}
    fake_api.expect_get(RESOURCE, NAMESPACE, "cart", live)
    with pytest.raises(TargetError, match="looked after by Argo CD"):
        run(fake_api, definition(), allow_managed=False)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"definition": None, "pod": "toolbox"}, "pod needs force: true"),
        ({"definition": None, "pod": "toolbox", "force": True, "namespace": None}, "pod needs namespace"),
        ({"force": True}, "force would delete it with all of its pods"),
        ({"namespace": "other", "definition": definition() | {"metadata": {"name": "a", "namespace": "b"}}}, "says b"),
    ],
)
def test_options_that_do_not_fit(fake_api: FakeApi, params: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, **({"put": definition()} | params))


def test_a_workload_that_is_not_selected_is_not_touched(fake_api: FakeApi) -> None:
    fake_api.expect_get(RESOURCE, NAMESPACE, "cart", workload("Deployment"))
    result = run(fake_api, definition(), select="spec.paused")
    assert not result["changed"]
    assert result["plan"][0]["reason"] == "select 'spec.paused' is not true of it"
