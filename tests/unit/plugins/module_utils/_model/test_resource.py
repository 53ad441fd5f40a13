# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    DEPLOYMENT,
    EVENT,
    POD,
    WORKLOADS,
    Resource,
)


@pytest.mark.parametrize(
    ("resource", "parts", "path"),
    [
        (POD, ("shop",), "/api/v1/namespaces/shop/pods"),
        (POD, ("shop", "cart-1"), "/api/v1/namespaces/shop/pods/cart-1"),
        (POD, ("shop", "cart-1", "exec"), "/api/v1/namespaces/shop/pods/cart-1/exec"),
        (EVENT, ("shop",), "/api/v1/namespaces/shop/events"),
        (DEPLOYMENT, ("shop", "cart"), "/apis/apps/v1/namespaces/shop/deployments/cart"),
    ],
)
def test_path(resource: Resource, parts: tuple[str, ...], path: str) -> None:
    assert resource.path(*parts) == path


def test_workloads_by_kind() -> None:
    assert {kind: resource.plural for kind, resource in WORKLOADS.items()} == {
        "Deployment": "deployments",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
    }
    assert {resource.api_version for resource in WORKLOADS.values()} == {"apps/v1"}
