# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    DEPLOYMENT,
    EVENT,
    NODE,
    POD,
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
        (NODE, ("", "worker"), "/api/v1/nodes/worker"),
        (NODE, ("",), "/api/v1/nodes"),
    ],
)
def test_path(resource: Resource, parts: tuple[str, ...], path: str) -> None:
    assert resource.path(*parts) == path
