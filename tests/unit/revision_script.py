# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout history as an API server serves it. The template of a revision is told apart by its image."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONTROLLER_REVISION,
    REPLICA_SET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, workload

NUMBER = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"


def template(image: str) -> JsonObject:
    """A pod template."""
    return {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [{"name": "app", "image": image}]}}


def running(kind: str, image: str, **more: Any) -> JsonObject:
    """The workload with that image; `spec`, `status` and `meta` are laid over it."""
    obj = workload(kind, spec={"template": template(image)} | more.get("spec", {}), status=more.get("status"))
    obj["metadata"] |= more.get("meta", {})
    return obj


def revision(obj: JsonObject, number: int, image: str, **annotations: str) -> JsonObject:
    """A ReplicaSet or ControllerRevision of the workload, named cart-IMAGE, its hash the image."""
    meta = obj["metadata"]
    owner = {"kind": obj["kind"], "name": meta["name"], "uid": meta["uid"], "controller": True}
    made: JsonObject = {
        "metadata": {
            "namespace": NAMESPACE,
            "name": f"cart-{image}",
            "uid": f"uid-{image}",
            "creationTimestamp": f"2026-01-02T03:00:0{number % 10}Z",
            "ownerReferences": [owner],
            "annotations": dict(annotations),
        }
    }
    if obj["kind"] != "Deployment":
        made["metadata"]["labels"] = {"app": "cart", "controller-revision-hash": image}
        body = {"spec": {"template": template(image) | {"$patch": "replace"}}}
        return made | {"revision": number, "data": body}
    made["metadata"]["labels"] = {"app": "cart", "pod-template-hash": image}
    made["metadata"]["annotations"][NUMBER] = str(number)
    its = copy.deepcopy(template(image))
    its["metadata"]["labels"]["pod-template-hash"] = image
    return made | {"spec": {"template": its}, "status": {"replicas": 2, "readyReplicas": 1}}


def expect_history(api: FakeApi, obj: JsonObject, revisions: list[JsonObject]) -> None:
    """The list of its revisions."""
    resource = REPLICA_SET if obj["kind"] == "Deployment" else CONTROLLER_REVISION
    api.expect_list(resource, NAMESPACE, revisions, label_selector="app=cart")
