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


def pod(
    name: str,
    owner: JsonObject,
    *,
    uid: str = "",
    node: str = "worker",
    hash_label: str = "aaa",
    ready: bool = True,
    containers: list[JsonObject] | None = None,
    **status: Any,
) -> JsonObject:
    """A running pod that the workload `owner` made; UID `uid-NAME` unless given. `containers` are containerStatuses."""
    meta = owner["metadata"]
    controller = {"kind": owner["kind"], "name": meta["name"], "uid": meta["uid"], "controller": True}
    if owner["kind"] == "Deployment":
        controller |= {"kind": "ReplicaSet", "name": f"{meta['name']}-{hash_label}", "uid": f"uid-{hash_label}"}
    running = {"name": "app", "ready": ready, "restartCount": 0, "containerID": f"containerd://{uid or name}"}
    statuses = containers or [running | {"state": {"running": {"startedAt": "2026-01-02T03:00:00Z"}}}]
    return {
        "metadata": {
            "namespace": NAMESPACE,
            "name": name,
            "uid": uid or f"uid-{name}",
            "labels": {"app": meta["name"], "pod-template-hash": hash_label},
            "ownerReferences": [controller],
            "resourceVersion": "10",
        },
        "spec": {"nodeName": node, "containers": [{"name": entry["name"]} for entry in statuses]},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": statuses,
        }
        | status,
    }
