# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A workload: the object whose controller owns pods made from a template, and the types of workloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CLONE_SET,
    CRON_JOB,
    DAEMON_SET,
    DEPLOYMENT,
    ROLLOUT,
    STATEFUL_SET,
    JsonObject,
    Resource,
)


@dataclass(frozen=True, slots=True)
class WorkloadType:
    """A type of workload: where the API serves it, and where its pod template is."""

    resource: Resource
    template_path: tuple[str, ...] = ("spec", "template")
    hash_label: str = ""
    """Set where the pods belong to ReplicaSets that are named NAME-HASH: the pods' label that has the hash."""
    built_in: bool = True
    """The API server knows its fields: it takes strategic merge patches."""
    has_pods: bool = True
    """False for what only keeps a template, such as a CronJob: its pods belong to the Jobs that it makes."""

    def template(self, obj: JsonObject) -> JsonObject:
        """The pod template of an object of this type. Raises TargetError where there is none."""
        found: Any = obj
        for key in self.template_path:
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise TargetError(f"{self.resource.kind} {obj['metadata']['name']} has no pod template at {self}.")
        return found

    def at_template(self, value: JsonObject) -> JsonObject:
        """An object with nothing in it but `value` in the place of the pod template: the body of a merge patch."""
        body = value
        for key in reversed(self.template_path):
            body = {key: body}
        return body

    def __str__(self) -> str:
        return ".".join(self.template_path)


#: Built-in workloads by kind. Fixed paths: no discovery request is needed.
WORKLOADS: Mapping[str, WorkloadType] = MappingProxyType(
    {
        "Deployment": WorkloadType(DEPLOYMENT, hash_label="pod-template-hash"),
        "StatefulSet": WorkloadType(STATEFUL_SET),
        "DaemonSet": WorkloadType(DAEMON_SET),
    }
)

#: Whatever else has a pod template and is known without asking: those above, Argo Rollouts and OpenKruise.
#: Sources: argo-rollouts' pkg/apis/rollouts/v1alpha1/types.go (DefaultRolloutUniqueLabelKey), and kruise's
#: apis/apps/v1alpha1/cloneset_types.go.
TEMPLATES: Mapping[str, WorkloadType] = MappingProxyType(
    {
        **WORKLOADS,
        "CronJob": WorkloadType(CRON_JOB, ("spec", "jobTemplate", "spec", "template"), has_pods=False),
        "Rollout": WorkloadType(ROLLOUT, hash_label="rollouts-pod-template-hash", built_in=False),
        "CloneSet": WorkloadType(CLONE_SET, built_in=False),
    }
)


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
    """What a restart has to know about one workload."""

    type: WorkloadType
    namespace: str
    name: str
    uid: str
    selector: str
    """Label selector of its pods, in the API's text form."""
    paused: bool
    min_ready_seconds: int
    update_strategy: str
    """`RollingUpdate`, `Recreate` or `OnDelete`; of what is not built in, its type or its fields."""

    @classmethod
    def from_object(cls, obj: JsonObject, kind: WorkloadType | None = None) -> Workload:
        """From an object as the API serves it, of a built-in type unless another one is given.

        Raises TargetError for a selector that would match every pod. What is not built in need not have one: the labels
        of its template stand in, and with neither it is empty, and its pods cannot be found.
        """
        kind = kind or WORKLOADS[obj["kind"]]
        meta, spec = obj["metadata"], _mapping(obj.get("spec"))
        strategy = _mapping(spec.get("strategy")) or _mapping(spec.get("updateStrategy"))
        selector = selector_text(_mapping(spec.get("selector"))) if kind.has_pods else ""
        if not selector and not kind.built_in:
            labels = _mapping(_mapping(kind.template(obj).get("metadata")).get("labels"))
            selector = selector_text({"matchLabels": labels})
        if not selector and kind.built_in and kind.has_pods:
            what = f"{kind.resource.kind} {meta['namespace']}/{meta['name']}"
            raise TargetError(f"{what} has an empty selector: its pods cannot be told apart from others.")
        return cls(
            type=kind,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            selector=selector,
            paused=bool(spec.get("paused", False) or (not kind.built_in and strategy.get("paused"))),
            min_ready_seconds=_whole(spec.get("minReadySeconds")),
            update_strategy=strategy.get("type") or ("RollingUpdate" if kind.built_in else ", ".join(strategy)),
        )

    @property
    def api_version(self) -> str:
        """Such as `apps/v1`."""
        return self.type.resource.api_version

    @property
    def kind(self) -> str:
        """Such as `Deployment`."""
        return self.type.resource.kind

    def owns(self, pod: Pod) -> bool:
        """Whether this workload's controller made the pod.

        A Deployment's pod belongs to a ReplicaSet that is named after it and the pod's template hash
        (pkg/controller/deployment/sync.go, getNewReplicaSet), so no request is needed to tell.
        """
        if pod.owner is None:
            return False
        if label := self.type.hash_label:
            return pod.owner.kind == "ReplicaSet" and pod.owner.name == f"{self.name}-{pod.labels.get(label)}"
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


def _mapping(value: object) -> JsonObject:
    """The value if it is an object; a custom resource may have anything there."""
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    """The value if it is a number."""
    return value if isinstance(value, int) else 0
