# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who else looks after an object, and may change it back: read from its metadata. Pure.

Sources: Flux's kustomize-controller and helm-controller (labels of what they apply), Argo CD's resource tracking
(annotation or label), Helm's pkg/action/validate.go, and ownerReferences of Kubernetes.
"""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

_FLUX = (
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
)
_HELM = "meta.helm.sh/release"


def manager_of(obj: JsonObject) -> str | None:
    """Who keeps a copy of the object, as in `Flux (Kustomization flux-system/apps)`; None if nobody is known to."""
    meta = obj["metadata"]
    labels, annotations = meta.get("labels") or {}, meta.get("annotations") or {}
    for prefix, kind in _FLUX:
        if name := labels.get(f"{prefix}/name"):
            return f"Flux ({kind} {labels.get(f'{prefix}/namespace', '')}/{name})"
    if tracking := annotations.get("argocd.argoproj.io/tracking-id"):
        return f"Argo CD (Application {tracking.split(':')[0]})"
    if name := labels.get("argocd.argoproj.io/instance"):
        return f"Argo CD (Application {name})"
    if labels.get("app.kubernetes.io/managed-by") == "Helm" and (name := annotations.get(f"{_HELM}-name")):
        return f"Helm (release {annotations.get(f'{_HELM}-namespace', '')}/{name})"
    owner = next((entry for entry in meta.get("ownerReferences") or [] if entry.get("controller")), None)
    return f"its owner ({owner['kind']} {owner['name']})" if owner else None


def require_unmanaged(obj: JsonObject, what: str, *, allow: bool) -> list[str]:
    """Warnings for an object that somebody else looks after; `what` names it. Raises TargetError unless allowed."""
    manager = manager_of(obj)
    if manager is None:
        return []
    if not allow:
        raise TargetError(
            f"{what} is looked after by {manager}, and allow_managed is false. Make the change there instead."
        )
    return [f"{what} is looked after by {manager}, which may change it back: make a lasting change there."]
