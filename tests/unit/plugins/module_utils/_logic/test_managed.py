# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import manager_of, require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

KUSTOMIZATION = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
RELEASE = {"helm.toolkit.fluxcd.io/name": "cart", "helm.toolkit.fluxcd.io/namespace": "shop"}
HELM = {"app.kubernetes.io/managed-by": "Helm"}
HELM_RELEASE = {"meta.helm.sh/release-name": "cart", "meta.helm.sh/release-namespace": "shop"}
TRACKED = {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/cart"}


@pytest.mark.parametrize(
    ("meta", "manager"),
    [
        ({"labels": KUSTOMIZATION}, "Flux (Kustomization flux-system/apps)"),
        ({"labels": HELM | RELEASE, "annotations": HELM_RELEASE}, "Flux (HelmRelease shop/cart)"),
        ({"annotations": TRACKED}, "Argo CD (Application web)"),
        ({"labels": {"argocd.argoproj.io/instance": "web"}}, "Argo CD (Application web)"),
        ({"labels": HELM, "annotations": HELM_RELEASE}, "Helm (release shop/cart)"),
        ({"ownerReferences": [{"kind": "Shop", "name": "main", "controller": True}]}, "its owner (Shop main)"),
        ({"ownerReferences": [{"kind": "Shop", "name": "main"}]}, None),
        ({"labels": HELM}, None),
        ({"labels": {"app.kubernetes.io/managed-by": "kustomize"}, "annotations": None}, None),
        ({}, None),
    ],
)
def test_manager(meta: dict[str, Any], manager: str | None) -> None:
    assert manager_of({"metadata": meta}) == manager


def test_it_is_named_and_refused_if_asked() -> None:
    obj = {"metadata": {"annotations": TRACKED}}
    (warning,) = require_unmanaged(obj, "Deployment shop/cart", allow=True)
    assert warning.startswith("Deployment shop/cart is looked after by Argo CD (Application web), which may change it")
    with pytest.raises(TargetError, match=r"Deployment shop/cart is looked after by Argo CD .*allow_managed is false"):
        require_unmanaged(obj, "Deployment shop/cart", allow=False)
    assert require_unmanaged({"metadata": {}}, "Deployment shop/cart", allow=False) == []
