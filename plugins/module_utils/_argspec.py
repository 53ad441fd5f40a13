# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Module options, composed from parts. Their texts are in plugins/doc_fragments, part by part."""

from __future__ import annotations

from typing import Any

Options = dict[str, dict[str, Any]]


#: Names and aliases of kubernetes.core's authentication. _environment.py adds its variables.
AUTH: Options = {
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "kubeconfig": {"type": "raw"},
    "context": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "proxy_headers": {
        "type": "dict",
        "options": {
            "proxy_basic_auth": {"type": "str", "no_log": True},
            "basic_auth": {"type": "str", "no_log": True},
            "user_agent": {"type": "str"},
        },
    },
    "persist_config": {"type": "bool"},
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
}

_KINDS = ["Deployment", "StatefulSet", "DaemonSet"]

#: One workload.
WORKLOAD: Options = {
    "namespace": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": _KINDS},
    "name": {"type": "str", "required": True},
    "select": {"type": "str"},
}

#: Workloads of a cluster: all, unless something else is said.
WORKLOADS: Options = {
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "kinds": {"type": "list", "elements": "str", "choices": _KINDS, "default": _KINDS},
    "label_selectors": {"type": "list", "elements": "str", "default": []},
}

#: How a container takes something from a ConfigMap or Secret; a mounted volume is brought up to date while it runs.
_USES = ["env", "env_from", "sub_path", "volume"]
STALE_CONFIG: Options = {
    "namespace": {"type": "str", "required": True},
    "label_selectors": {"type": "list", "elements": "str", "default": []},
    "uses": {"type": "list", "elements": "str", "choices": _USES, "default": _USES[:-1]},
}

#: A change of an object that somebody, or something, may keep a copy of.
CHANGE: Options = {
    "reason": {"type": "str"},
    "allow_managed": {"type": "bool", "default": True},
}

#: What to do when a rollout fails.
ON_FAILURE: Options = {
    "on_failure": {"type": "str", "default": "leave", "choices": ["leave", "pause", "undo"]},
}

#: A patch of the pod template of one workload, of any kind.
TEMPLATE_PATCH: Options = {
    **WORKLOAD,
    "kind": {"type": "str", "required": True},
    "api_version": {"type": "str"},
    "template_path": {"type": "str"},
    "patch": {"type": "raw", "required": True},
    "patch_type": {"type": "str", "choices": ["strategic", "merge", "json"]},
}

#: Environment variables of a workload's containers.
ENV: Options = {
    "env": {"type": "dict"},
    "remove": {"type": "list", "elements": "str"},
    "containers": {"type": "list", "elements": "str"},
    "overwrite_value_from": {"type": "bool", "default": False},
}

#: Pods: those of a workload, or named ones, or those that a selector matches.
WHOLE_PODS: Options = {
    "namespace": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": _KINDS},
    "name": {"type": "str"},
    "pods": {"type": "list", "elements": "str"},
    "label_selectors": {"type": "list", "elements": "str"},
    "select": {"type": "str"},
    "allow_empty": {"type": "bool", "default": False},
}
#: And which of their containers.
PODS: Options = {**WHOLE_PODS, "containers": {"type": "list", "elements": "str"}}
#: Exactly one way to say which pods; the module argument spec's other keys.
PODS_RULES: dict[str, Any] = {
    "required_one_of": [("name", "pods", "label_selectors")],
    "mutually_exclusive": [("name", "pods", "label_selectors")],
    "required_together": [("kind", "name")],
}

#: How to look into the containers.
SHELL: Options = {"shell": {"type": "str", "default": "/bin/sh"}}

#: What of a preStop hook that is not to be run.
PRESTOP: Options = {"prestop": {"type": "str", "default": "refuse", "choices": ["refuse", "skip"]}}

#: Which signal, and what has to be known to send it.
SIGNAL: Options = {
    **SHELL,
    "prestop": {"type": "str", "default": "refuse", "choices": ["refuse", "skip", "run"]},
    "signal": {"type": "str", "default": "TERM"},
}

#: How long a container may take to end, and to be Ready again.
PATIENCE: Options = {
    "grace_seconds": {"type": "int"},
    "min_ready_seconds": {"type": "int"},
    "wait_timeout": {"type": "int", "default": 660},
}

#: For what leaves no trace in an object.
WHY: Options = {"reason": {"type": "str"}}

#: One run at a time, what the cluster's users are told of it, and what is kept.
ACCOUNT: Options = {
    "lock": {"type": "str", "default": "auto", "choices": ["auto", "wait", "fail", "none"]},
    "lock_timeout": {"type": "int", "default": 660},
    "events": {"type": "bool", "default": True},
    "record": {"type": "path"},
    "result": {"type": "str", "default": "full", "choices": ["full", "packed"]},
}

#: What of containers that were started or restarted a short time ago.
RECENT_RESTARTS: Options = {
    "older_than": {"type": "str"},
    "on_backoff": {"type": "str", "default": "proceed", "choices": ["proceed", "wait", "skip", "fail"]},
}

_CANARY: Options = {
    "soak_seconds": {"type": "int", "default": 0},
    "until": {"type": "str"},
    "url": {"type": "str", "no_log": True},
    "timeout": {"type": "int", "default": 60},
}
_VIA = ["auto", "signal", "exec", "sibling", "image_alias", "ephemeral", "restart_all_containers"]
_IN_PLACE: Options = {
    "via": {"type": "str", "default": "auto", "choices": _VIA},
    "image_alias": {"type": "str"},
    "ephemeral_image": {"type": "str"},
    "unknown": {"type": "str", "default": "refuse", "choices": ["refuse", "try"]},
    "force": {"type": "bool", "default": False},
    "disruption_budget": {"type": "str", "default": "respect", "choices": ["respect", "ignore"]},
    "max_unavailable": {"type": "str"},
    "max_failures": {"type": "int", "default": 0},
    "min_started_seconds": {"type": "int", "default": 0},
    "canary": {"type": "dict", "options": _CANARY},
    "remember": {"type": "bool", "default": False},
    "on_timeout": {"type": "str", "default": "fail", "choices": ["fail", "kill", "rollout"]},
    "on_refused": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
}

WAIT: Options = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 660},
}

#: What is done by default about what may keep a container from starting again.
_GATES = {"env": "refuse", "image": "refuse", "registry": "warn", "node": "refuse", "pressure": "warn"}
GATES: Options = {
    "gates": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            name: {"type": "str", "default": level, "choices": ["refuse", "warn", "ignore"]}
            for name, level in _GATES.items()
        },
    },
}

#: A restart in place, or the plan of one.
IN_PLACE: Options = {**PODS, **SIGNAL, **PATIENCE, **GATES, **RECENT_RESTARTS, **_IN_PLACE}
IN_PLACE_RULES: dict[str, Any] = {**PODS_RULES, "required_if": [("via", "ephemeral", ["ephemeral_image"])]}

#: A service account that may restart. The choices are those of _logic/permissions.py, a unit test says so.
RESTART_ACCOUNT: Options = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "default": "saferestart"},
    "namespaces": {"type": "list", "elements": "str"},
    "create_namespaces": {"type": "bool", "default": False},
    "strategies": {
        "type": "list",
        "elements": "str",
        "default": ["in_place", "rollout_restart"],
        "choices": [
            "container_signal",
            "ephemeral",
            "image_alias",
            "in_place",
            "pid1_info",
            "pod_delete",
            "pod_evict",
            "pod_replace",
            "resource_replace",
            "rollout_info",
            "rollout_restart",
            "rollout_undo",
            "sandbox_restart",
            "scale_cycle",
            "set_env",
            "template_patch",
        ],
    },
    "features": {
        "type": "list",
        "elements": "str",
        "default": ["lock", "events", "disruption_budget", "gates", "diagnosis"],
        "choices": [
            "delete_stuck",
            "diagnosis",
            "disruption_budget",
            "events",
            "gates",
            "lock",
            "prestop_request",
            "remember",
        ],
    },
    "nodes": {"type": "bool", "default": False},
    "token": {"type": "str", "default": "request", "choices": ["request", "secret"], "no_log": False},
    "token_seconds": {"type": "int", "default": 7776000, "no_log": False},
    "token_path": {"type": "path", "no_log": False},
    "kubeconfig_path": {"type": "path"},
    "server": {"type": "str"},
}
