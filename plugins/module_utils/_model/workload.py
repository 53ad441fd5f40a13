# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A workload: the object whose controller owns pods made from a template."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


def selector_text(selector: JsonObject) -> str:
    """A LabelSelector (matchLabels, matchExpressions) as the text that the API's labelSelector parameter takes.

    Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector.
    """
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for entry in selector.get("matchExpressions") or []:
        key, operator, values = entry["key"], entry["operator"], ",".join(entry.get("values") or [])
        terms.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[operator]
        )
    return ",".join(terms)


@dataclass(frozen=True, slots=True)
class Workload:
    """What a restart has to know about a Deployment, StatefulSet or DaemonSet."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    selector: str
    """Label selector of its pods, in the API's text form."""
    paused: bool
    min_ready_seconds: int
    update_strategy: str
    """`RollingUpdate`, `Recreate` or `OnDelete`."""

    @classmethod
    def from_object(cls, obj: JsonObject) -> Workload:
        """From an apps/v1 object as the API serves it. Raises TargetError for a selector that would match every pod."""
        meta, spec = obj["metadata"], obj["spec"]
        strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
        selector = selector_text(spec.get("selector") or {})
        if not selector:
            what = f"{obj['kind']} {meta['namespace']}/{meta['name']}"
            raise TargetError(f"{what} has an empty selector: its pods cannot be told apart from others.")
        return cls(
            api_version=obj["apiVersion"],
            kind=obj["kind"],
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            selector=selector,
            paused=bool(spec.get("paused", False)),
            min_ready_seconds=int(spec.get("minReadySeconds") or 0),
            update_strategy=strategy.get("type", "RollingUpdate"),
        )

    def owns(self, pod: Pod) -> bool:
        """Whether this workload's controller made the pod.

        A Deployment's pod belongs to a ReplicaSet that is named after it and the pod's template hash
        (pkg/controller/deployment/sync.go, getNewReplicaSet), so no request is needed to tell.
        """
        if pod.owner is None:
            return False
        if self.kind == "Deployment":
            return (
                pod.owner.kind == "ReplicaSet"
                and pod.owner.name == f"{self.name}-{pod.labels.get('pod-template-hash')}"
            )
        return pod.owner.uid == self.uid

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    def to_result(self) -> JsonObject:
        """As every restart module returns it under `workload`."""
        return {
            "api_version": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
        }
