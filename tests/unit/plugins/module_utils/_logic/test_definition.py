# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.definition import (
    carried_over,
    differs,
    object_of,
    require_kind,
    with_template,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit.objects import workload


def definition(kind: str = "Deployment", version: str = "apps/v1", **meta: Any) -> JsonObject:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "cart"} | meta, "spec": {"template": {}}}


@pytest.mark.parametrize(("own", "option"), [("shop", None), (None, "shop"), ("shop", "shop")])
def test_namespace(own: str | None, option: str | None) -> None:
    given = definition(**({"namespace": own} if own else {}))
    before = copy.deepcopy(given)
    assert object_of(given, option)["metadata"]["namespace"] == "shop"
    assert given == before


@pytest.mark.parametrize(
    ("given", "option", "words"),
    [
        (definition(namespace="shop"), "other", "namespace is other, and the definition says shop"),
        (definition(), None, "There is no namespace"),
        ({"kind": "Deployment"}, "shop", "no complete object"),
        (definition() | {"spec": None}, "shop", "no complete object"),
        (definition(name=""), "shop", "definition has no metadata.name"),
        (definition() | {"kind": None}, "shop", "definition has no kind"),
    ],
)
def test_no_object(given: JsonObject, option: str | None, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        object_of(given, option)


@pytest.mark.parametrize(
    ("kind", "version", "force", "words"),
    [
        ("Deployment", "apps/v1", False, ""),
        ("Pod", "v1", True, ""),
        ("Deployment", "apps/v1", True, "force would delete it with all of its pods.*rollout_restart"),
        ("Deployment", "extensions/v1beta1", False, "it has to be apps/v1"),
        ("Pod", "v2", True, "it has to be v1"),
        ("Pod", "v1", False, "Set force: true"),
        ("ReplicaSet", "apps/v1", False, "pod_delete"),
        ("ReplicaSet", "apps/v1", True, "pod_delete"),
        ("ReplicationController", "v1", False, "pod_delete"),
        ("Job", "batch/v1", False, "delete it and create it"),
        ("CronJob", "batch/v1", False, "its next Job"),
        ("Service", "v1", False, "kubernetes.core.k8s"),
    ],
)
def test_kinds(kind: str, version: str, force: bool, words: str) -> None:
    obj = definition(kind, version, namespace="shop")
    if not words:
        require_kind(obj, force=force)
        return
    with pytest.raises(TargetError, match=f"{kind} shop/cart.*{words}"):
        require_kind(obj, force=force)


REVISION, CAUSE = {"deployment.kubernetes.io/revision": "3"}, {"kubernetes.io/change-cause": "why"}


@pytest.mark.parametrize(
    ("mine", "theirs", "same", "kept"),
    [
        (None, REVISION | {"x": "y"}, True, REVISION),
        ({"a": "b"}, REVISION | CAUSE, True, {"a": "b"} | REVISION | CAUSE),
        (None, REVISION | CAUSE, False, REVISION),
        ({"kubernetes.io/change-cause": "new"}, CAUSE, True, {"kubernetes.io/change-cause": "new"}),
        (None, None, True, None),
    ],
)
def test_what_is_not_the_users(
    mine: dict[str, str] | None, theirs: dict[str, str] | None, same: bool, kept: dict[str, str] | None
) -> None:
    live = {"metadata": {"annotations": theirs}}
    body = carried_over(definition(annotations=mine), live, same_revision=same)
    assert body["metadata"].get("annotations") == kept


@pytest.mark.parametrize(
    ("change", "different"),
    [
        ({"metadata": {"resourceVersion": "11", "generation": 3, "managedFields": [1]}}, False),
        ({"metadata": {"labels": {}}}, False),
        ({"metadata": {"labels": {"a": "b"}}}, True),
        ({"metadata": {"finalizers": ["x"]}}, True),
        ({"spec": {"replicas": 3}}, True),
        ({"status": {"x": 1}}, False),
    ],
)
def test_differs(change: JsonObject, different: bool) -> None:
    live = workload("Deployment")
    judged = copy.deepcopy(live)
    for part, values in change.items():
        judged[part] |= values
    assert differs(live, judged) is different


def test_with_template() -> None:
    obj = workload("Deployment")
    made = with_template(obj, WORKLOADS["Deployment"], {"x": "y"})
    assert made["spec"]["template"] == {"x": "y"}
    assert obj == workload("Deployment")
