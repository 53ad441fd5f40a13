# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A definition that a user hands in to replace an object with: what it has to be, and what it changes. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import SERVER_META
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS, WorkloadType

#: Written by controllers, and back again at once when they are missing (pkg/controller/deployment/util and
#: pkg/registry/apps/daemonset/strategy.go). A definition from a file does not have them.
_CONTROLLERS = ("deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation")
#: Of the revision that is there: it stays for as long as that revision does.
_CHANGE_CAUSE = "kubernetes.io/change-cause"
_INSTEAD = {
    "Pod": "A pod cannot be restarted by a change of its definition. Set force: true to delete it and make it again, "
    "if no controller does; otherwise use saferestart.k8s.pod_delete.",
    "ReplicaSet": "It restarts no pods when its template changes. Replace the Deployment that owns it, or delete its "
    "pods with saferestart.k8s.pod_delete.",
    "Job": "Its template cannot be changed. To run it again, delete it and create it.",
    "CronJob": "It has no pods of its own; a change takes effect with its next Job. Use kubernetes.core.k8s.",
}
_INSTEAD["ReplicationController"] = _INSTEAD["ReplicaSet"]


def object_of(definition: Mapping[str, Any], namespace: str | None) -> JsonObject:
    """The definition with its namespace in it. Raises TargetError for what is no object, and for two namespaces."""
    meta = definition.get("metadata")
    if not isinstance(meta, Mapping) or not isinstance(definition.get("spec"), Mapping):
        raise TargetError("definition is no complete object: it needs apiVersion, kind, metadata and spec.")
    for what, value in (("kind", definition.get("kind")), ("metadata.name", meta.get("name"))):
        if not isinstance(value, str) or not value:
            raise TargetError(f"definition has no {what}.")
    own = meta.get("namespace")
    if own and namespace and own != namespace:
        raise TargetError(f"namespace is {namespace}, and the definition says {own}: give one of them.")
    if not (own or namespace):
        raise TargetError("There is no namespace, neither in the definition nor as the option namespace.")
    obj = copy.deepcopy(dict(definition))
    obj["metadata"]["namespace"] = own or namespace
    return obj


def require_kind(definition: JsonObject, *, force: bool) -> None:
    """Raises TargetError for what the module does not replace, and names what to use instead."""
    kind, version = definition["kind"], definition.get("apiVersion")
    what = f"{kind} {definition['metadata']['namespace']}/{definition['metadata']['name']}"
    if kind in WORKLOADS:
        wanted = WORKLOADS[kind].resource.api_version
        if version != wanted:
            raise TargetError(f"{what} has the apiVersion {version}; it has to be {wanted}.")
        if force:
            raise TargetError(
                f"{what}: force would delete it with all of its pods at once, and make it again. Leave force out: its "
                "controller then replaces the pods step by step if the template changes. To restart it as it is, use "
                "saferestart.k8s.rollout_restart."
            )
        return
    if kind == "Pod" and force:
        if version != POD.api_version:
            raise TargetError(f"{what} has the apiVersion {version}; it has to be {POD.api_version}.")
        return
    instead = _INSTEAD.get(kind, "Nothing is restarted by replacing it. Use kubernetes.core.k8s for other objects.")
    raise TargetError(f"{what} is not replaced by this module: that is for {', '.join(WORKLOADS)}. {instead}")


def carried_over(definition: JsonObject, live: JsonObject, *, same_revision: bool) -> JsonObject:
    """The definition with what is not the user's: else each run would change the object, if nothing else."""
    theirs = live["metadata"].get("annotations") or {}
    annotations = definition["metadata"].get("annotations") or {}
    keys = (*_CONTROLLERS, *((_CHANGE_CAUSE,) if same_revision else ()))
    kept = {key: theirs[key] for key in keys if key in theirs and key not in annotations}
    if not kept:
        return definition
    return definition | {"metadata": definition["metadata"] | {"annotations": annotations | kept}}


def differs(live: JsonObject, judged: JsonObject) -> bool:
    """Whether there is any change in what the server would have, its own notes aside."""
    return _core(live) != _core(judged)


def with_template(obj: JsonObject, kind: WorkloadType, template: JsonObject) -> JsonObject:
    """A copy of the object, with another pod template."""
    made = copy.deepcopy(obj)
    holder = made
    for key in kind.template_path[:-1]:
        holder = holder[key]
    holder[kind.template_path[-1]] = template
    return made


def _core(obj: JsonObject) -> JsonObject:
    meta = {key: value for key, value in obj["metadata"].items() if key not in SERVER_META and value}
    return {"metadata": meta, "spec": obj["spec"]}
