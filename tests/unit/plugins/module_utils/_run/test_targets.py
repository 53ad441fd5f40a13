# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import condition
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, get_workload, resolve
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload

GONE = NotFound("not found", 404)
KINDS = ["Deployment", "StatefulSet", "DaemonSet"]


def resolved(api: FakeApi, **params: Any) -> Target:
    """The call under test, in the namespace shop."""
    return resolve(api, {"namespace": NAMESPACE, **params})


def error(api: FakeApi, **params: Any) -> str:
    """The message of the TargetError that it raises."""
    with pytest.raises(TargetError) as caught:
        resolved(api, **params)
    return str(caught.value)


def names(target: Target) -> list[str]:
    """The pods' names."""
    return [found.name for found in target.pods]


@pytest.mark.parametrize("kind", KINDS)
def test_a_workload_means_its_own_pods_by_name(fake_api: FakeApi, kind: str) -> None:
    mine, other = workload(kind), workload(kind, "cart-two")
    other["metadata"]["name"] += "-canary"
    same_labels = [
        pod("alien", other),
        pod("bare", meta={"labels": {"app": "cart"}}),
        pod("job", workload("Job", "cart-job")),
    ]
    fake_api.expect_get(WORKLOADS[kind].resource, NAMESPACE, "cart", mine)
    fake_api.expect_list(POD, NAMESPACE, [pod("b", mine), *same_labels, pod("a", mine)], label_selector="app=cart")
    target = resolved(fake_api, kind=kind, name="cart")
    assert names(target) == ["a", "b"]
    assert target.listing.resource_version == "100"


def test_a_deployments_pods_of_an_older_replica_set_are_its_own_too(fake_api: FakeApi) -> None:
    mine = workload("Deployment")
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", mine)
    pods = [pod("new", mine, hash_label="bbb"), pod("old", mine, hash_label="aaa")]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    assert names(resolved(fake_api, kind="Deployment", name="cart")) == ["new", "old"]


def test_selectors_are_joined_and_ask_for_no_owner(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("bare"), pod("a")], label_selector="app=cart,tier in (web)")
    target = resolved(fake_api, label_selectors=["app=cart", "tier in (web)"])
    assert names(target) == ["a", "bare"]
    assert target.workload is None


def test_one_pod_by_name_is_one_list(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("web-0")], field_selector="metadata.name=web-0")
    target = resolved(fake_api, pods=["web-0", "web-0"])
    assert names(target) == ["web-0"]
    assert target.listing.resource_version == "100"  # of the list, not of the pod: it can be watched from


def test_several_pods_by_name_come_in_the_order_asked_for_each_once(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("web-0"), pod("web-1"), pod("web-2")])
    assert names(resolved(fake_api, pods=["web-2", "web-0", "web-2"])) == ["web-2", "web-0"]


# What does not exist.


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        (True, "Deployment cart does not exist in namespace shop."),
        (None, "Deployment cart does not exist in namespace shop."),
        (False, "Namespace shop does not exist."),
    ],
    ids=["namespace is there", "not allowed to ask", "no namespace"],
)
def test_no_such_workload(fake_api: FakeApi, namespace: bool | None, message: str) -> None:
    fake_api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", GONE)
    fake_api.expect_namespace(NAMESPACE, namespace)
    with pytest.raises(TargetError) as caught:
        get_workload(fake_api, "Deployment", NAMESPACE, "cart")
    assert str(caught.value) == message


def test_no_such_pod(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [], field_selector="metadata.name=web-0")
    fake_api.expect_namespace(NAMESPACE, True)
    assert error(fake_api, pods=["web-0"]) == "No such pod in namespace shop: web-0."


def test_some_of_several_pods_missing(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("web-1")])
    fake_api.expect_namespace(NAMESPACE, True)
    assert error(fake_api, pods=["web-0", "web-1", "web-2"]) == "No such pod in namespace shop: web-0, web-2."


def test_several_pods_in_no_namespace(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [])
    fake_api.expect_namespace(NAMESPACE, False)
    assert error(fake_api, pods=["web-0", "web-1"]) == "Namespace shop does not exist."


def test_another_error_is_passed_on(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, ApiError("forbidden", 403), field_selector="metadata.name=web-0")
    with pytest.raises(ApiError, match="forbidden"):
        resolved(fake_api, pods=["web-0"])


# No pods.


def expect_no_pods(api: FakeApi, **params: Any) -> None:
    """The requests of a target without pods."""
    if "name" in params:
        api.expect_get(WORKLOADS["Deployment"].resource, NAMESPACE, "cart", workload("Deployment"))
    if params.get("pods") is None:
        api.expect_list(POD, NAMESPACE, [], label_selector="app=cart")


NO_PODS = pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kind": "Deployment", "name": "cart"}, "Deployment shop/cart has no pods."),
        ({"label_selectors": ["app=cart"]}, "No pod in namespace shop matches the selector app=cart."),
        ({"pods": []}, "pods is an empty list."),
    ],
    ids=["workload", "selector", "names"],
)


@NO_PODS
def test_no_pods_are_an_error(fake_api: FakeApi, params: dict[str, Any], message: str) -> None:
    expect_no_pods(fake_api, **params)
    fake_api.expect_namespace(NAMESPACE, True)
    assert error(fake_api, **params) == f"{message} Set allow_empty if that is expected."


@NO_PODS
def test_no_pods_are_none_with_allow_empty(fake_api: FakeApi, params: dict[str, Any], message: str) -> None:
    assert message
    expect_no_pods(fake_api, **params)
    assert resolved(fake_api, **params, allow_empty=True).pods == ()


@pytest.mark.parametrize("selectors", [[], [""], [" "]])
@pytest.mark.parametrize("allow_empty", [True, False])
def test_an_empty_selector_never_means_every_pod(fake_api: FakeApi, selectors: list[str], allow_empty: bool) -> None:
    message = error(fake_api, label_selectors=selectors, allow_empty=allow_empty)
    assert message == "label_selectors is empty, which would match every pod of the namespace."


@pytest.mark.parametrize("name", ["", ".", "..", "../secrets/x", "a/b", "a%2fb", "a?b", "a#b", "Cart", "a b", "a\n"])
@pytest.mark.parametrize("option", ["namespace", "name", "pods", "one of several pods"])
def test_what_is_no_name_gets_into_no_request(fake_api: FakeApi, option: str, name: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "namespace": {"namespace": name, "label_selectors": ["app=cart"]},
        "name": {"kind": "Deployment", "name": name},
        "pods": {"pods": [name]},
        "one of several pods": {"pods": ["web-0", name]},
    }
    what = {"namespace": "namespace", "name": "Deployment"}.get(option, "pods")
    assert error(fake_api, **options[option]) == (
        f"{what}: {name!r} is no name; those have lower-case letters, digits, '-' and '.' only."
    )


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("status.containerStatuses[?restartCount > `5`]", ["often"]),
        ("metadata.name == 'often' || metadata.name == 'seldom'", ["often", "seldom"]),
        ("status.containerStatuses[0].restartCount", ["often", "seldom"]),
    ],
    ids=["a list, empty or not", "a boolean", "a number, 0 too"],
)
def test_select_chooses_among_the_pods(fake_api: FakeApi, expression: str, chosen: list[str]) -> None:
    pods = [pod("often", containers=[container(restarts=6)]), pod("seldom", containers=[container(restarts=0)])]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    assert names(resolved(fake_api, label_selectors=["app=cart"], select=expression)) == chosen


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("spec.nothing", "None of the 1 pods is chosen by select 'spec.nothing'. Set allow_empty if that is expected."),
        ("status.[", "select: 'status.[' cannot be used: "),
        ("length(spec.nodeName == 'a')", "cannot be used: "),
        ("", "select is empty: leave it out."),
        (" \n", "select is empty: leave it out."),
    ],
)
def test_select_that_chooses_nothing_or_is_none(fake_api: FakeApi, expression: str, message: str) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("a")], label_selector="app=cart")
    assert message in error(fake_api, label_selectors=["app=cart"], select=expression)


def test_select_may_leave_nothing(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("a")], label_selector="app=cart")
    assert names(resolved(fake_api, label_selectors=["app=cart"], select="spec.nothing", allow_empty=True)) == []


def test_select_without_its_library(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition, "jmespath", None)
    fake_api.expect_list(POD, NAMESPACE, [pod("a")], label_selector="app=cart")
    assert "pip install jmespath" in error(fake_api, label_selectors=["app=cart"], select="spec")
