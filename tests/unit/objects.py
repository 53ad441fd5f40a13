# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as an API server serves them, with only what a test is about spelt out."""

from __future__ import annotations

from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

NAMESPACE = "shop"


def workload(
    kind: str, name: str = "cart", *, spec: JsonObject | None = None, status: JsonObject | None = None
) -> JsonObject:
    """A Deployment, StatefulSet or DaemonSet of generation 2, which its controller has seen; UID `uid-NAME`.

    `spec` and `status` are laid over it, key by key. Its label is app=NAME.
    """
    base: JsonObject = {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}}}
    if kind != "DaemonSet":
        base["replicas"] = 2
    base["strategy" if kind == "Deployment" else "updateStrategy"] = {"type": "RollingUpdate"}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {
            "namespace": NAMESPACE,
            "name": name,
            "uid": f"uid-{name}",
            "generation": 2,
            "resourceVersion": "10",
        },
        "spec": base | (spec or {}),
        "status": {"observedGeneration": 2} | (status or {}),
    }


def container(
    name: str = "app", restarts: int = 0, *, ready: bool = True, state: JsonObject | None = None, **more: Any
) -> JsonObject:
    """A containerStatus, running unless `state` says otherwise; its ID changes with each restart."""
    return {
        "name": name,
        "ready": ready,
        "restartCount": restarts,
        "containerID": f"containerd://{name}-{restarts}",
        "state": state or {"running": {"startedAt": "2026-01-02T03:00:00Z"}},
    } | more


def pod(
    name: str,
    owner: JsonObject | None = None,
    *,
    uid: str = "",
    node: str = "worker",
    hash_label: str = "aaa",
    ready: bool = True,
    containers: list[JsonObject] | None = None,
    spec: JsonObject | None = None,
    meta: JsonObject | None = None,
    **status: Any,
) -> JsonObject:
    """A running pod that the workload `owner` made, or nobody; UID `uid-NAME` unless given.

    `containers` are containerStatuses. `spec`, `meta` and `status` are laid over it, key by key.
    """
    statuses = containers or [container(ready=ready, containerID=f"containerd://{uid or name}")]
    return {
        "metadata": {"namespace": NAMESPACE, "name": name, "uid": uid or f"uid-{name}", "resourceVersion": "10"}
        | (_owned(owner, hash_label) if owner else {})
        | (meta or {}),
        "spec": {"nodeName": node, "containers": [{"name": entry["name"]} for entry in statuses]} | (spec or {}),
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": statuses,
        }
        | status,
    }


def probed(obj: JsonObject) -> JsonObject:
    """The pod, with a readiness probe for each of its containers."""
    containers = [entry | {"readinessProbe": {}} for entry in obj["spec"]["containers"]]
    return obj | {"spec": obj["spec"] | {"containers": containers}}


def _owned(owner: JsonObject, hash_label: str) -> JsonObject:
    """What a workload's controller writes into the metadata of a pod."""
    meta = owner["metadata"]
    controller = {"kind": owner["kind"], "name": meta["name"], "uid": meta["uid"], "controller": True}
    if owner["kind"] == "Deployment":
        controller |= {"kind": "ReplicaSet", "name": f"{meta['name']}-{hash_label}", "uid": f"uid-{hash_label}"}
    return {"labels": {"app": meta["name"], "pod-template-hash": hash_label}, "ownerReferences": [controller]}
