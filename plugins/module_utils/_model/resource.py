# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Kinds of Kubernetes objects, with the paths that the API serves them under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of namespaced object: `api_version` such as `apps/v1`, `kind`, and `plural` as in the URL."""

    api_version: str
    kind: str
    plural: str

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """The URL path of one object, or of the collection when no name is given."""
        root = "/api" if "/" not in self.api_version else "/apis"
        parts = [root, self.api_version, "namespaces", namespace, self.plural, name, subresource]
        return "/".join(part for part in parts if part)


POD = Resource("v1", "Pod", "pods")
EVENT = Resource("v1", "Event", "events")
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
STATEFUL_SET = Resource("apps/v1", "StatefulSet", "statefulsets")
DAEMON_SET = Resource("apps/v1", "DaemonSet", "daemonsets")

#: Built-in workloads that own pods through a template, by kind. Fixed paths: no discovery request is needed.
WORKLOADS: dict[str, Resource] = {resource.kind: resource for resource in (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)}
