# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From a target in a module's options to pods: one or two requests, and an error for whatever does not exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import left_at_zero
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    POD,
    JsonObject,
    Resource,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import (
    WORKLOADS,
    Workload,
    WorkloadType,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import selected_uids

#: Names of namespaces, pods and workloads: RFC 1123 subdomains. Nothing else may get into a request's path.
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for: the pods as they are now, and the listing that a watch of them can start from."""

    namespace: str
    workload: Workload | None
    pods: tuple[Pod, ...]
    listing: Listing
    selector: str
    """Label selector of the pods, empty for pods that were named."""
    obj: JsonObject | None = None
    """The workload's object, where one was named."""


def get_workload(api: ClusterApi, kind: str, namespace: str, name: str) -> tuple[Workload, JsonObject]:
    """The workload and its object. Raises TargetError when the namespace or the workload does not exist."""
    return get_workload_of(api, WORKLOADS[kind], namespace, name)


def get_workload_of(api: ClusterApi, kind: WorkloadType, namespace: str, name: str) -> tuple[Workload, JsonObject]:
    """The same for any type of workload. Raises TargetError too where it has no pod template."""
    obj = _get(api, kind.resource, namespace, name)
    return Workload.from_object(obj, kind), obj


def resolve(api: ClusterApi, params: Mapping[str, Any]) -> Target:
    """The pods that `params` (name, pods or label_selectors, and namespace and select) mean.

    Raises TargetError for a namespace, workload or pod that does not exist, and, unless allow_empty, for no pods.
    What is given and empty never means all pods of the namespace.
    """
    namespace: str = params["namespace"]
    require_name("namespace", namespace)
    workload, obj, left, selector = None, None, "", ",".join(params.get("label_selectors") or []).strip()
    if params.get("name") is not None:
        workload, obj = get_workload(api, params["kind"], namespace, params["name"])
        left, selector = left_at_zero(obj), workload.selector
    if params.get("pods") is not None:
        target = _named(api, namespace, list(dict.fromkeys(params["pods"])))
    elif not selector:
        raise TargetError("label_selectors is empty, which would match every pod of the namespace.")
    else:
        listing = api.list(POD, namespace, selector)
        pods = (Pod.from_object(obj) for obj in listing.items)
        mine = (pod for pod in pods if _counts(pod, workload))
        target = Target(namespace, workload, tuple(sorted(mine, key=lambda pod: pod.name)), listing, selector, obj)
    if not target.pods and not params.get("allow_empty"):
        require_namespace(api, namespace)
        what = f"No pod in namespace {namespace} matches the selector {selector}"
        if workload or not selector:
            what = f"{workload} has no pods{left and ': ' + left}" if workload else "pods is an empty list"
        raise TargetError(f"{what}. Set allow_empty if that is expected.")
    return target if params.get("select") is None else _select(target, params)


def _counts(pod: Pod, workload: Workload | None) -> bool:
    """Whether the pod is part of what is there: not one that is on its way out, nor, of a workload, one that has ended.

    Its controller has put another one in its place; evicted pods stay for weeks.
    """
    if workload is None:
        return not pod.terminating
    return pod.active and workload.owns(pod)


def _select(target: Target, params: Mapping[str, Any]) -> Target:
    """Those of the target's pods that the option `select` chooses. Raises TargetError for none, unless allow_empty."""
    uids = selected_uids(target.listing.items, params["select"])
    pods = tuple(pod for pod in target.pods if pod.uid in uids)
    if not pods and not params.get("allow_empty"):
        found = f"None of the {len(target.pods)} pods is chosen by select {params['select']!r}"
        raise TargetError(f"{found}. Set allow_empty if that is expected.")
    return replace(target, pods=pods)


def require_namespace(api: ClusterApi, namespace: str) -> None:
    """Raises TargetError when the namespace is known not to exist; silence when it may."""
    if api.namespace_exists(namespace) is False:
        raise TargetError(f"Namespace {namespace} does not exist.")


def _named(api: ClusterApi, namespace: str, names: list[str]) -> Target:
    """Pods by name, in one list: the version of a list can be watched from, that of an old object no longer."""
    if not names:
        return Target(namespace, None, (), Listing([], ""), "")
    for name in names:
        require_name("pods", name)
    listing = api.list(POD, namespace, field_selector=f"metadata.name={names[0]}" if len(names) == 1 else "")
    found = {obj["metadata"]["name"]: Pod.from_object(obj) for obj in listing.items}
    if missing := [name for name in names if name not in found]:
        require_namespace(api, namespace)
        raise TargetError(f"No such pod in namespace {namespace}: {', '.join(missing)}.")
    return Target(namespace, None, tuple(found[name] for name in names), listing, "")


def require_name(option: str, name: str) -> None:
    """Raises TargetError for what cannot be the name of an object."""
    if not _NAME.fullmatch(name):
        raise TargetError(f"{option}: {name!r} is no name; those have lower-case letters, digits, '-' and '.' only.")


def _get(api: ClusterApi, resource: Resource, namespace: str, name: str) -> JsonObject:
    """One object, or an error that says whether it is the object or its namespace that does not exist."""
    require_name("namespace", namespace)
    require_name(resource.kind, name)
    try:
        return api.get(resource, namespace, name)
    except NotFound as error:
        if not error.reason and resource.api_version.count("."):  # no Status, but the text of a path that is not served
            raise TargetError(f"The API server does not serve {resource.kind} of {resource.api_version}.") from error
        require_namespace(api, namespace)
        raise TargetError(f"{resource.kind} {name} does not exist in namespace {namespace}.") from error
