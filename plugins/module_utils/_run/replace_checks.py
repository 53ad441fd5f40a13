# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a pod can come back, asked before it is deleted. Whatever is certain to fail is an error here."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import Reference, on_trial, references
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.quota import exceeded, never_fits
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.schedulable import no_node
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONFIG_MAP,
    NODE,
    POD,
    RESOURCE_QUOTA,
    SECRET,
    JsonObject,
    Resource,
)

UNTOUCHED = "Nothing was touched."
_NEEDED = {
    "ConfigMap": CONFIG_MAP,
    "Secret": SECRET,
    "PersistentVolumeClaim": Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
}


def require_return(api: ClusterApi, live: JsonObject, manifest: JsonObject) -> list[str]:
    """Warnings about what could not be checked. Raises TargetError where the new pod would not be made or not start.

    The server judges the manifest in a dry run, its service account, priority class and limits included. Then nodes,
    and each object that the pod cannot start without. An owner that is gone is taken out of `manifest`.
    """
    warnings = _drop_lost_owners(api, manifest)
    spec = _try(api, live, manifest)["spec"]
    return warnings + _require_node(api, manifest, spec) + _require_references(api, manifest)


def _try(api: ClusterApi, live: JsonObject, manifest: JsonObject) -> JsonObject:
    """The new pod as the server would have it."""
    namespace = manifest["metadata"]["namespace"]
    try:
        return api.create(POD, namespace, on_trial(manifest), dry_run=True)
    except ApiError as error:
        if not (refused_by := exceeded(str(error))):
            raise TargetError(f"{_pod(manifest)} would not be made again: {error} {UNTOUCHED}") from error
        _require_quota(api, live, manifest, refused_by, error)
        return manifest


def _require_quota(api: ClusterApi, live: JsonObject, manifest: JsonObject, refused_by: str, refusal: ApiError) -> None:
    """The dry run counted the old pod as well: raises TargetError unless the new one fits when that is gone."""
    try:
        quotas = api.list(RESOURCE_QUOTA, manifest["metadata"]["namespace"]).items
    except ApiError as error:
        words = f"{_pod(manifest)} may not be made again: {refusal} Whether it fits without the old pod is not known"
        raise TargetError(f"{words}: {error} {UNTOUCHED}") from error
    if reason := never_fits(quotas, refused_by, live, manifest):
        raise TargetError(f"{_pod(manifest)} would not be made again: {reason}. Raise the quota. {UNTOUCHED}")


def _require_node(api: ClusterApi, manifest: JsonObject, spec: JsonObject) -> list[str]:
    """Raises TargetError when no node takes the pod."""
    try:
        nodes = api.list(NODE, "").items
    except ApiError:
        return [f"{_pod(manifest)}: whether a node takes it was not checked, these credentials may not list nodes."]
    if reason := no_node(spec, nodes):
        raise TargetError(f"{_pod(manifest)} would not run again: {reason}. {UNTOUCHED}")
    return []


def _require_references(api: ClusterApi, manifest: JsonObject) -> list[str]:
    """Raises TargetError when an object that the pod cannot start without is not there."""
    missing, unknown = [], []
    for entry in references(manifest):
        try:
            api.get(_NEEDED[entry.kind], manifest["metadata"]["namespace"], entry.name)
        except NotFound:
            missing.append(entry)
        except ApiError:
            unknown.append(entry)
    if missing:
        raise TargetError(f"{_pod(manifest)} would not start again: there is no {_names(missing)}. {UNTOUCHED}")
    if not unknown:
        return []
    return [f"{_pod(manifest)}: not checked, these credentials may not read it: {_names(unknown)}."]


def _drop_lost_owners(api: ClusterApi, manifest: JsonObject) -> list[str]:
    """Take out owners that no longer exist: the garbage collector would delete the new pod for them.

    Those that cannot be asked for stay, as kubectl leaves them.
    """
    meta, warnings = manifest["metadata"], []
    kept = []
    for owner in meta.get("ownerReferences") or []:
        if _is_gone(api, meta["namespace"], owner):
            what = f"its owner {owner['kind']} {owner['name']} no longer exists, and is left out of the new pod"
            warnings.append(f"{_pod(manifest)}: {what}, which would be deleted otherwise.")
        else:
            kept.append(owner)
    if warnings:
        meta["ownerReferences"] = kept
    return warnings


def _is_gone(api: ClusterApi, namespace: str, owner: JsonObject) -> bool:
    try:
        resource = api.discover(owner["apiVersion"], owner["kind"])
    except ApiError:  # an owner without a namespace, too
        return False
    try:
        found = api.get(resource, namespace, owner["name"])
    except NotFound:
        return True
    except ApiError:
        return False
    return bool(found["metadata"]["uid"] != owner["uid"])


def _pod(manifest: JsonObject) -> str:
    return f"Pod {manifest['metadata']['namespace']}/{manifest['metadata']['name']}"


def _names(entries: list[Reference]) -> str:
    return ", ".join(map(str, entries))
