# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import (
    WORKLOADS,
    Workload,
    WorkloadType,
    selector_text,
)
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

CRON = WorkloadType(
    Resource("batch/v1", "CronJob", "cronjobs"), ("spec", "jobTemplate", "spec", "template"), built_in=False
)


def test_types_by_kind() -> None:
    assert {kind: entry.resource.plural for kind, entry in WORKLOADS.items()} == {
        "Deployment": "deployments",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
    }
    assert {entry.resource.api_version for entry in WORKLOADS.values()} == {"apps/v1"}


def test_a_template_is_found_where_the_type_has_it() -> None:
    template = {"spec": {"containers": []}}
    obj = CRON.at_template(template) | {"metadata": {"name": "nightly"}}
    assert obj["spec"] == {"jobTemplate": {"spec": {"template": template}}}
    assert CRON.template(obj) == template
    for spec in ({"jobTemplate": None}, {}):
        with pytest.raises(TargetError, match=r"nightly has no pod template at spec\.jobTemplate\.spec\.template"):
            CRON.template({"metadata": {"name": "nightly"}, "spec": spec})


def expression(key: str, operator: str, *values: str) -> JsonObject:
    """An entry of matchExpressions."""
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({}, ""),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchExpressions": [expression("a", "In", "x", "y")]}, "a in (x,y)"),
        ({"matchExpressions": [expression("a", "NotIn", "x")]}, "a notin (x)"),
        ({"matchExpressions": [expression("a", "Exists"), expression("b", "DoesNotExist")]}, "a,!b"),
        ({"matchLabels": {"c": "3"}, "matchExpressions": [expression("a", "Exists")]}, "c=3,a"),
        ({"matchLabels": None, "matchExpressions": None}, ""),
    ],
)
def test_selector_text(selector: JsonObject, text: str) -> None:
    assert selector_text(selector) == text


@pytest.mark.parametrize(
    ("kind", "spec", "strategy"),
    [
        ("Deployment", {}, "RollingUpdate"),
        ("Deployment", {"strategy": {"type": "Recreate"}}, "Recreate"),
        ("Deployment", {"strategy": None}, "RollingUpdate"),
        ("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
        ("DaemonSet", {"updateStrategy": {}}, "RollingUpdate"),
    ],
)
def test_from_object(kind: str, spec: JsonObject, strategy: str) -> None:
    found = Workload.from_object(workload(kind, spec=spec))
    assert found.update_strategy == strategy
    assert found.paused is False
    assert found.selector == "app=cart"
    assert str(found) == f"{kind} shop/cart"
    assert found.to_result() == {
        "api_version": "apps/v1",
        "kind": kind,
        "namespace": "shop",
        "name": "cart",
        "uid": "uid-cart",
    }


def test_paused() -> None:
    assert Workload.from_object(workload("Deployment", spec={"paused": True})).paused


@pytest.mark.parametrize("selector", [None, {}, {"matchLabels": {}}])
def test_an_empty_selector_is_an_error(selector: JsonObject | None) -> None:
    with pytest.raises(TargetError, match="Deployment shop/cart has an empty selector"):
        Workload.from_object(workload("Deployment", spec={"selector": selector}))


def controller(kind: str, name: str, uid: str = "uid-x") -> dict[str, Any]:
    """The metadata of a pod of that controller, of the template aaa."""
    owner = {"kind": kind, "name": name, "uid": uid, "controller": True}
    return {"ownerReferences": [owner], "labels": {"app": "cart", "pod-template-hash": "aaa"}}


@pytest.mark.parametrize(
    ("kind", "meta", "owned"),
    [
        ("Deployment", controller("ReplicaSet", "cart-aaa"), True),
        ("Deployment", controller("ReplicaSet", "cart-canary-aaa"), False),
        ("Deployment", controller("ReplicaSet", "cart-bbb"), False),
        ("Deployment", controller("ReplicaSet", "cart"), False),
        ("Deployment", controller("Job", "cart-aaa"), False),
        ("Deployment", {}, False),
        ("StatefulSet", controller("StatefulSet", "cart", "uid-cart"), True),
        ("StatefulSet", controller("StatefulSet", "cart", "uid-of-one-before"), False),
        ("DaemonSet", controller("DaemonSet", "cart", "uid-cart"), True),
        ("DaemonSet", {}, False),
    ],
)
def test_owns(kind: str, meta: JsonObject, owned: bool) -> None:
    assert Workload.from_object(workload(kind)).owns(Pod.from_object(pod("a", meta=meta))) is owned
