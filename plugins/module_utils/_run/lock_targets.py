# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From a module's options to what has to be locked before it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.definition import object_of
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Lockable
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import require_name, resolve


def lockables(api: ClusterApi, params: Mapping[str, Any]) -> list[Lockable]:
    """The workloads that `params` mean, and pods that belong to none, always in the same order.

    A workload that is named costs no request; pods are listed, for their owners. Raises TargetError as the module
    itself would.
    """
    namespace, definition = params["namespace"], params.get("definition")
    if definition is not None:
        obj = object_of(definition, namespace)
        return [_named(obj["metadata"]["namespace"], obj["kind"], obj["metadata"]["name"])]
    if params.get("pod") is not None:
        return [_named(namespace or "", "Pod", params["pod"])]
    if params.get("name") is not None:
        return [_named(namespace, params["kind"], params["name"])]
    return sorted({Lockable.owner_of(pod) for pod in resolve(api, params).pods})


def _named(namespace: str, kind: str, name: str) -> Lockable:
    """What the user calls so. Raises TargetError for what cannot be in a request's path."""
    for option, value in (("namespace", namespace), ("kind", kind.lower()), ("name", name)):
        require_name(option, value)
    return Lockable(namespace, kind, name)
