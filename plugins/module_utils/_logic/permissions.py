# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which permissions which way of restarting needs: the one place that says so. Pure.

The Role in README.md and the notes of the modules are held against it by unit tests, and a scenario takes away each
permission that is needed, one at a time. Verbs and resources as RBAC has them:
https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

CORE, APPS = "", "apps"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb on one resource; `resource` may have a subresource, as in `pods/exec`."""

    group: str
    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f" in {self.group}" if self.group else "")


@dataclass(frozen=True, slots=True)
class Grant:
    """Verbs on resources of one API group.

    Without what is not `needed` it works too, and is told less. What is not needed `always` is so in some runs only.
    """

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    needed: bool = True
    always: bool = True

    def permissions(self) -> Iterator[Permission]:
        """Each verb on each resource."""
        return (Permission(self.group, resource, verb) for resource in self.resources for verb in self.verbs)


_WORKLOADS = ("deployments", "statefulsets", "daemonsets")
#: A watch that has expired (410) begins again with a list.
_WATCH_AGAIN = Grant(APPS, _WORKLOADS, ("list",), needed=False)
_WORKLOAD = Grant(APPS, _WORKLOADS, ("get",))
_LIST_PODS = Grant(CORE, ("pods",), ("list",))
_WATCH_PODS = Grant(CORE, ("pods",), ("watch",))
#: New pods without a readiness probe have to last.
_LASTING = Grant(CORE, ("pods",), ("watch",), always=False)
#: Both: the API server asks for `create` also where the session is a WebSocket, whose verb is `get`.
_EXEC = Grant(CORE, ("pods/exec",), ("get", "create"))
#: A pod is asked for once more where a watch may be behind, or a process was started at another time than expected.
_PODS = (_LIST_PODS, _WATCH_PODS, Grant(CORE, ("pods",), ("get",), always=False))
_ROLLOUT = (
    Grant(APPS, _WORKLOADS, ("get", "watch", "patch")),
    _WATCH_AGAIN,
    _LIST_PODS,
    _LASTING,
)

#: By what is to be done, as the option `strategies` of restart_account names it.
STRATEGIES: dict[str, tuple[Grant, ...]] = {
    "pid1_info": (_WORKLOAD, _LIST_PODS, _EXEC),
    "rollout_info": (_WORKLOAD, Grant(APPS, ("replicasets", "controllerrevisions"), ("list",))),
    "in_place": (_WORKLOAD, *_PODS, _EXEC),
    "image_alias": (_WORKLOAD, *_PODS, Grant(CORE, ("pods",), ("patch",)), Grant(CORE, ("nodes",), ("get",))),
    "ephemeral": (
        _WORKLOAD,
        *_PODS,
        _EXEC,
        Grant(CORE, ("pods/ephemeralcontainers",), ("patch",)),
        Grant(CORE, ("pods/attach",), ("get", "create")),
    ),
    "container_signal": (_WORKLOAD, *_PODS, _EXEC),
    "sandbox_restart": (
        _WORKLOAD,
        _LIST_PODS,
        _WATCH_PODS,
        Grant(CORE, ("pods",), ("get",)),
        _EXEC,
        Grant(CORE, ("events",), ("list", "watch")),
    ),
    "rollout_restart": _ROLLOUT,
    "rollout_undo": (*_ROLLOUT, Grant(APPS, ("replicasets", "controllerrevisions"), ("list",))),
    "template_patch": _ROLLOUT,
    "set_env": _ROLLOUT,
    "pod_evict": (_WORKLOAD, _LIST_PODS, _WATCH_PODS, Grant(CORE, ("pods/eviction",), ("create",))),
    "pod_delete": (_WORKLOAD, _LIST_PODS, _WATCH_PODS, Grant(CORE, ("pods",), ("delete",))),
    "resource_replace": (
        Grant(APPS, _WORKLOADS, ("get", "watch", "update")),
        _WATCH_AGAIN,
        _LIST_PODS,
        _LASTING,
    ),
    "pod_replace": (
        Grant(CORE, ("pods",), ("get", "list", "watch", "create", "delete")),
        Grant(CORE, ("configmaps",), ("get", "create", "update", "delete")),
        Grant(CORE, ("resourcequotas",), ("list",), needed=False),
        Grant(CORE, ("nodes",), ("list",), needed=False),
    ),
    "scale_cycle": (
        Grant(APPS, _WORKLOADS, ("get", "watch", "patch")),
        _WATCH_AGAIN,
        _LIST_PODS,
        _WATCH_PODS,
        Grant("autoscaling", ("horizontalpodautoscalers",), ("list",), needed=False),
    ),
}

#: By what is looked at or kept besides, as the option `features` names it. No strategy fails without one that was not
#: asked for: it is done without, mostly with a warning.
FEATURES: dict[str, tuple[Grant, ...]] = {
    "lock": (Grant("coordination.k8s.io", ("leases",), ("get", "create", "update", "delete")),),
    "events": (Grant(CORE, ("events",), ("create",)),),
    "disruption_budget": (
        Grant(CORE, ("pods/eviction",), ("create",)),
        Grant("policy", ("poddisruptionbudgets",), ("list",)),
    ),
    "gates": (Grant(CORE, ("configmaps", "secrets"), ("get",)), Grant(CORE, ("nodes",), ("get",))),
    "diagnosis": (Grant(CORE, ("pods/log",), ("get",)), Grant(CORE, ("events",), ("list",))),
    "remember": (Grant(APPS, _WORKLOADS, ("patch",)),),
    "prestop_request": (Grant(CORE, ("pods/proxy",), ("get",)),),
    "delete_stuck": (Grant(CORE, ("pods",), ("watch", "delete")),),
}

#: What no Role can grant: it belongs to no namespace.
CLUSTER_SCOPED = frozenset({"nodes"})


def needed(strategy: str) -> frozenset[Permission]:
    """What that strategy fails without."""
    return frozenset(each for grant in STRATEGIES[strategy] if grant.needed for each in grant.permissions())


def always_needed(strategy: str) -> frozenset[Permission]:
    """What every run of that strategy fails without."""
    return frozenset(
        each for grant in STRATEGIES[strategy] if grant.needed and grant.always for each in grant.permissions()
    )


def permissions(strategies: Iterable[str], features: Iterable[str]) -> frozenset[Permission]:
    """All that these strategies and features make use of. Raises KeyError for one that is not there."""
    grants = [grant for name in strategies for grant in STRATEGIES[name]]
    grants += [grant for name in features for grant in FEATURES[name]]
    return frozenset(each for grant in grants for each in grant.permissions())


def in_namespace(wanted: Iterable[Permission]) -> frozenset[Permission]:
    """Those that a Role can grant."""
    return frozenset(each for each in wanted if each.resource not in CLUSTER_SCOPED)


def in_cluster(wanted: Iterable[Permission]) -> frozenset[Permission]:
    """Those that take a ClusterRole."""
    return frozenset(each for each in wanted if each.resource in CLUSTER_SCOPED)


def rules(wanted: Iterable[Permission]) -> list[JsonObject]:
    """The rules of a Role that grants exactly these: always in the same order, one for resources with equal verbs."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for each in wanted:
        verbs.setdefault((each.group, each.resource), set()).add(each.verb)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, resource), names in sorted(verbs.items()):
        together.setdefault((group, tuple(sorted(names, key=_VERBS.index))), []).append(resource)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": [*names]}
        for (group, names), resources in together.items()
    ]


def granted(of_rules: Sequence[JsonObject]) -> frozenset[Permission]:
    """What the rules of a Role grant: rules() the other way round."""
    return frozenset(
        Permission(group, resource, verb)
        for rule in of_rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


#: The order in which they are usually written.
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
