# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    DAEMON_SET,
    DEPLOYMENT,
    POD,
    STATEFUL_SET,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.workload_info import workload_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, workload

KINDS = ["Deployment", "StatefulSet", "DaemonSet"]


def run(api: FakeApi, **params: Any) -> dict[str, Any]:
    """The module's work."""
    return workload_info(api, api.clock, {"namespaces": [], "kinds": KINDS, "label_selectors": []} | params, False)


def test_all_workloads_of_the_cluster_with_their_pods(fake_api: FakeApi) -> None:
    cart = workload("Deployment", "cart", status={"readyReplicas": 1})
    db = workload("StatefulSet", "db")
    db["metadata"]["labels"] = {"tier": "data"}
    fake_api.expect_list(DEPLOYMENT, "", [cart])
    fake_api.expect_list(STATEFUL_SET, "", [db])
    fake_api.expect_list(DAEMON_SET, "", [])
    fake_api.expect_list(
        POD,
        "",
        [
            pod("cart-1", cart, ready=False),
            pod("cart-2", cart),
            pod("cart-old", cart, phase="Failed"),
            pod("cart-leaving", cart, meta={"deletionTimestamp": "2026-01-02T03:00:00Z"}),
            pod("db-0", db, node="other"),
            pod("db-1", {**db, "metadata": db["metadata"] | {"uid": "an earlier one"}}),
            pod("bare"),
        ],
    )
    result = run(fake_api)
    found = result["workloads"]
    assert [(entry["kind"], entry["namespace"], entry["name"]) for entry in found] == [
        ("Deployment", NAMESPACE, "cart"),
        ("StatefulSet", NAMESPACE, "db"),
    ]
    assert (found[0]["wanted"], found[0]["ready"], found[1]["labels"]) == (2, 1, {"tier": "data"})
    assert [entry["name"] for entry in found[0]["pods"]] == ["cart-2", "cart-1"]
    assert found[1]["pods"] == [{"name": "db-0", "uid": "uid-db-0", "node": "other", "ready": True, "phase": "Running"}]
    assert result["summary"] == {"workloads": 2, "pods": 3, "seconds": 0.0, "api_requests": 4}
    assert not result["changed"]


def test_some_namespaces_kinds_and_labels(fake_api: FakeApi) -> None:
    for namespace in ("shop", "pay"):
        fake_api.expect_list(DAEMON_SET, namespace, [workload("DaemonSet")], label_selector="a=b,!c")
        fake_api.expect_list(POD, namespace, [])
    result = run(fake_api, namespaces=["shop", "pay", "shop"], kinds=["DaemonSet"], label_selectors=["a=b", "!c"])
    assert result["summary"]["workloads"] == 2


def test_nothing_there(fake_api: FakeApi) -> None:
    fake_api.expect_list(DAEMON_SET, "shop", [])
    fake_api.expect_namespace("shop", True)
    assert run(fake_api, namespaces=["shop"], kinds=["DaemonSet"])["workloads"] == []


def test_a_namespace_that_does_not_exist(fake_api: FakeApi) -> None:
    fake_api.expect_list(DAEMON_SET, "shpo", [])
    fake_api.expect_namespace("shpo", False)
    with pytest.raises(TargetError, match="Namespace shpo does not exist"):
        run(fake_api, namespaces=["shpo"], kinds=["DaemonSet"])


def test_a_name_that_is_none(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="namespaces: 'a/b' is no name"):
        run(fake_api, namespaces=["a/b"])
