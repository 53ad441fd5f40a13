# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONFIG_MAP,
    POD,
    SECRET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.stale_config_info import stale_config_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload

CART = workload("Deployment", "cart")
STARTED, BEFORE, AFTER = "2026-01-02T03:00:00Z", "2026-01-02T02:00:00Z", "2026-01-02T04:00:00Z"


def run(api: FakeApi, **params: Any) -> dict[str, Any]:
    """The module's work."""
    options = {"namespace": NAMESPACE, "label_selectors": [], "uses": ["env", "env_from", "sub_path"]}
    api.ordered = False
    return stale_config_info(api, api.clock, options | params, False)


def config_map(name: str, changed: str) -> JsonObject:
    """Its metadata."""
    managed = [{"manager": "kubectl", "time": changed, "fieldsV1": {"f:data": {}}}]
    return {"metadata": {"name": name, "creationTimestamp": BEFORE, "managedFields": managed}}


def uses(*names: str) -> list[JsonObject]:
    """A container that takes its environment from these ConfigMaps."""
    return [{"name": "app", "envFrom": [{"configMapRef": {"name": name}} for name in names]}]


def expect(api: FakeApi, name: str, answer: JsonObject | Exception) -> None:
    api.expect_get(CONFIG_MAP, NAMESPACE, name, answer, metadata_only=True)


def test_pods_and_what_of_theirs_changed(fake_api: FakeApi) -> None:
    set_up = {
        "initContainers": [{"name": "set-up", "envFrom": [{"secretRef": {"name": "s"}}]}],
        "containers": uses("old", "new"),
    }
    ended = container("set-up", state={"terminated": {"exitCode": 0, "startedAt": BEFORE}})
    fake_api.expect_list(
        POD,
        NAMESPACE,
        [
            pod("cart-2", CART, spec={"containers": uses("old", "new")}),
            pod("cart-1", CART, spec=set_up, initContainerStatuses=[ended]),
            pod("fine", CART, spec={"containers": uses("old")}),
            pod("bare", spec={"containers": uses("new")}),
            pod("leaving", CART, spec={"containers": uses("new")}, meta={"deletionTimestamp": AFTER}),
        ],
        label_selector="a=b,c",
    )
    expect(fake_api, "old", config_map("old", BEFORE))
    expect(fake_api, "new", config_map("new", AFTER))
    fake_api.expect_get(SECRET, NAMESPACE, "s", config_map("s", AFTER), metadata_only=True)
    result = run(fake_api, label_selectors=["a=b", "c"])
    assert [(entry["name"], entry["workload"]) for entry in result["pods"]] == [
        ("bare", None),
        ("cart-1", "Deployment/cart"),
        ("cart-2", "Deployment/cart"),
    ]
    assert result["pods"][2]["stale"] == [
        {
            "container": "app",
            "init": False,
            "kind": "ConfigMap",
            "name": "new",
            "use": "env_from",
            "started_at": STARTED,
            "changed_at": AFTER,
            "settled_at": AFTER,
        }
    ]
    assert result["workloads"] == [
        {"workload": "Deployment/cart", "pods": 2, "new_pods": True, "stale": ["ConfigMap new", "Secret s"]}
    ]
    assert result["summary"] == {"pods": 4, "stale": 3, "workloads": 1, "seconds": 0.0, "api_requests": 4}
    assert result["warnings"] == []


def test_a_mounted_volume_counts_only_where_it_is_asked_for(fake_api: FakeApi) -> None:
    spec = {
        "containers": [{"name": "app", "volumeMounts": [{"name": "v"}]}],
        "volumes": [{"name": "v", "configMap": {"name": "new"}}],
    }
    fake_api.expect_list(POD, NAMESPACE, [pod("a", spec=spec)])
    assert run(fake_api)["pods"] == []
    fake_api.expect_list(POD, NAMESPACE, [pod("a", spec=spec)])
    expect(fake_api, "new", config_map("new", AFTER))
    assert len(run(fake_api, uses=["volume"])["pods"]) == 1


def test_what_is_not_known_is_a_warning(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("a", spec={"containers": uses("gone", "denied", "denied-too", "bare")})])
    expect(fake_api, "gone", NotFound("no", 404))
    expect(fake_api, "denied", ApiError("Cannot get ConfigMap shop/denied: no.", 403))
    expect(fake_api, "denied-too", ApiError("Cannot get ConfigMap shop/denied-too: forbidden.", 403))
    expect(fake_api, "bare", {"metadata": {"creationTimestamp": AFTER}})
    result = run(fake_api)
    assert result["pods"] == []
    assert result["warnings"] == [
        "Whether ConfigMap denied, ConfigMap denied-too changed is not known: Cannot get ConfigMap shop/denied: no.",
        "Whether ConfigMap bare changed is not known: it has no metadata.managedFields.",
    ]


def test_a_namespace_that_does_not_exist(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, "shpo", [])
    fake_api.expect_namespace("shpo", False)
    with pytest.raises(TargetError, match="Namespace shpo does not exist"):
        run(fake_api, namespace="shpo")
