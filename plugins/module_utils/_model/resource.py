# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Types of Kubernetes objects, with the paths that the API serves them under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]

#: What a patch is, as its Content-Type says it.
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
#: Server-side apply; JSON is YAML.
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Resource:
    """One type of object: `api_version` such as `apps/v1`, `kind`, and `plural` as in the URL."""

    api_version: str
    kind: str
    plural: str

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """The URL path of one object, or of the collection when no name is given.

        Objects that have no namespace, and those of all namespaces together, are where `namespace` is empty.
        """
        root = "/api" if "/" not in self.api_version else "/apis"
        scope = ["namespaces", namespace] if namespace else []
        parts = [root, self.api_version, *scope, self.plural, name, subresource]
        return "/".join(part for part in parts if part)


POD = Resource("v1", "Pod", "pods")
EVENT = Resource("v1", "Event", "events")
CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps")
SECRET = Resource("v1", "Secret", "secrets")
SERVICE_ACCOUNT = Resource("v1", "ServiceAccount", "serviceaccounts")
NAMESPACE = Resource("v1", "Namespace", "namespaces")
RESOURCE_QUOTA = Resource("v1", "ResourceQuota", "resourcequotas")
NODE = Resource("v1", "Node", "nodes")
JOB = Resource("batch/v1", "Job", "jobs")
REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets")
CONTROLLER_REVISION = Resource("apps/v1", "ControllerRevision", "controllerrevisions")
LEASE = Resource("coordination.k8s.io/v1", "Lease", "leases")
POD_DISRUPTION_BUDGET = Resource("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")
AUTOSCALER = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
STATEFUL_SET = Resource("apps/v1", "StatefulSet", "statefulsets")
DAEMON_SET = Resource("apps/v1", "DaemonSet", "daemonsets")
CRON_JOB = Resource("batch/v1", "CronJob", "cronjobs")
ROLLOUT = Resource("argoproj.io/v1alpha1", "Rollout", "rollouts")
CLONE_SET = Resource("apps.kruise.io/v1alpha1", "CloneSet", "clonesets")
ROLE = Resource("rbac.authorization.k8s.io/v1", "Role", "roles")
ROLE_BINDING = Resource("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings")
CLUSTER_ROLE = Resource("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles")
CLUSTER_ROLE_BINDING = Resource("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings")
