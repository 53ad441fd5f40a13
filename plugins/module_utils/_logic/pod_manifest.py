# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From a live pod to the manifest that makes it again: without what the server, its node and its network wrote. Pure.

Sources in Kubernetes: plugin/pkg/admission (serviceaccount, priority, defaulttolerationseconds, podtopologylabels),
pkg/apis/core/v1/defaults.go, and pkg/apis/core/validation (no ephemeral containers in a new pod).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import without_secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: What the server writes into an object's metadata.
SERVER_META = frozenset(
    {
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    }
)
#: Has a whole earlier manifest in it, with what is secret there.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
#: Written by networks when the pod got its address: Calico, Multus, OVN-Kubernetes.
_NETWORK = frozenset(
    {"k8s.v1.cni.cncf.io/network-status", "k8s.v1.cni.cncf.io/networks-status", "k8s.ovn.org/pod-networks"}
)
_NETWORK_PREFIX = "cni.projectcalico.org/"
#: Copied from the node when the pod is bound to it, and not where they are there already.
_NODE_LABELS = frozenset({"topology.kubernetes.io/zone", "topology.kubernetes.io/region"})
#: Computed from the priority class, or the default one: values that differ from it are refused.
_PRIORITY = frozenset({"priority", "preemptionPolicy"})
_TOKEN_VOLUME = "kube-api-access-"  # noqa: S105
#: The server makes names of up to 58 characters and five random ones (apiserver/pkg/storage/names/generate.go).
_MOST_BASE = 58


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a pod cannot start without."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def clean(obj: JsonObject, *, keep_node: bool) -> tuple[JsonObject, list[str]]:
    """The manifest for a new pod like this one, and warnings about what is lost with the old one.

    Owners are left as they are: whether they still exist has to be asked. What a person wrote (the annotation of
    kubectl apply among it) stays.
    """
    manifest = copy.deepcopy(obj)
    manifest.pop("status", None)
    spec, lost = manifest["spec"], []
    manifest["metadata"] = _clean_meta(manifest["metadata"], keep_node=keep_node)
    if extra := spec.pop("ephemeralContainers", None):
        names = ", ".join(entry["name"] for entry in extra)
        lost.append(f"The ephemeral containers {names} are lost: a new pod cannot have any.")
    for key in (*_PRIORITY, *(() if keep_node else ("nodeName",))):
        spec.pop(key, None)
    if spec.get("serviceAccount") == spec.get("serviceAccountName"):
        spec.pop("serviceAccount", None)
    _drop_token(spec)
    tolerations = [entry for entry in spec.get("tolerations") or [] if not _is_default_toleration(entry)]
    _put(spec, "tolerations", tolerations)
    return manifest, lost


def on_trial(manifest: JsonObject) -> JsonObject:
    """The manifest under a name that the server makes up: a dry run under its own would only say AlreadyExists."""
    meta = {key: value for key, value in manifest["metadata"].items() if key != "name"}
    return manifest | {"metadata": meta | {"generateName": manifest["metadata"]["name"][: _MOST_BASE - 1] + "-"}}


def references(manifest: JsonObject) -> list[Reference]:
    """The volume claims, ConfigMaps and Secrets that the pod needs, each once. Not what is marked as optional."""
    spec = manifest["spec"]
    found = [*_of_containers(spec), *_of_volumes(spec)]
    return sorted(set(found), key=str)


def shown(obj: JsonObject) -> JsonObject:
    """An object as a diff may show it: what a person would write, without secrets."""
    meta = {key: value for key, value in obj["metadata"].items() if key not in SERVER_META}
    if annotations := meta.get("annotations"):
        _put(meta, "annotations", {key: value for key, value in annotations.items() if key != LAST_APPLIED})
    kept = {key: value for key, value in obj.items() if key not in ("status", "metadata")}
    visible: JsonObject = without_secret_values(kept | {"metadata": meta})
    return visible


def _clean_meta(meta: JsonObject, *, keep_node: bool) -> JsonObject:
    """The metadata without what the server, the node and the network wrote."""
    kept = {key: value for key, value in meta.items() if key not in SERVER_META}
    annotations = kept.get("annotations") or {}
    mine = {key: text for key, text in annotations.items() if not (key in _NETWORK or key.startswith(_NETWORK_PREFIX))}
    _put(kept, "annotations", mine)
    labels = kept.get("labels") or {}
    _put(kept, "labels", {key: text for key, text in labels.items() if keep_node or key not in _NODE_LABELS})
    return kept


def _drop_token(spec: JsonObject) -> None:
    """Take out the volume with the service account's token, and its mounts: the server puts in another one."""
    volumes = spec.get("volumes") or []
    names = {entry["name"] for entry in volumes if entry["name"].startswith(_TOKEN_VOLUME) and "projected" in entry}
    _put(spec, "volumes", [entry for entry in volumes if entry["name"] not in names])
    for container in [*spec["containers"], *(spec.get("initContainers") or [])]:
        mounts = container.get("volumeMounts") or []
        _put(container, "volumeMounts", [entry for entry in mounts if entry["name"] not in names])


def _is_default_toleration(entry: JsonObject) -> bool:
    """Whether it is one of the two that every pod gets: five minutes for a node that is not ready or unreachable."""
    return entry in [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("not-ready", "unreachable")
    ]


def _put(where: JsonObject, key: str, value: Any) -> None:
    """Set the key, or leave it out where there is nothing."""
    if value:
        where[key] = value
    else:
        where.pop(key, None)


def _of_containers(spec: JsonObject) -> Iterator[Reference]:
    """What the environment of the containers comes from."""
    for container in [*spec["containers"], *(spec.get("initContainers") or [])]:
        for entry in container.get("envFrom") or []:
            yield from _named("ConfigMap", entry.get("configMapRef"), "name")
            yield from _named("Secret", entry.get("secretRef"), "name")
        for entry in container.get("env") or []:
            source = entry.get("valueFrom") or {}
            yield from _named("ConfigMap", source.get("configMapKeyRef"), "name")
            yield from _named("Secret", source.get("secretKeyRef"), "name")


def _of_volumes(spec: JsonObject) -> Iterator[Reference]:
    """What the volumes are made of."""
    for volume in spec.get("volumes") or []:
        yield from _named("PersistentVolumeClaim", volume.get("persistentVolumeClaim"), "claimName")
        yield from _named("ConfigMap", volume.get("configMap"), "name")
        yield from _named("Secret", volume.get("secret"), "secretName")
        for source in (volume.get("projected") or {}).get("sources") or []:
            yield from _named("ConfigMap", source.get("configMap"), "name")
            yield from _named("Secret", source.get("secret"), "name")


def _named(kind: str, source: JsonObject | None, key: str) -> Iterator[Reference]:
    if source and source.get(key) and not source.get("optional"):
        yield Reference(kind, source[key])
