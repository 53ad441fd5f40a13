# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Module options, composed from parts. Their texts are in plugins/doc_fragments, part by part."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback

Options = dict[str, dict[str, Any]]


def _from_env(variable: str, **option: Any) -> dict[str, Any]:
    """An option that K8S_AUTH_<variable> can set."""
    return {**option, "fallback": (env_fallback, [f"K8S_AUTH_{variable}"])}


#: Names, aliases and variables of kubernetes.core's authentication, so that module_defaults and credentials carry over.
AUTH: Options = {
    "host": _from_env("HOST", type="str"),
    "api_key": _from_env("API_KEY", type="str", no_log=True),
    "kubeconfig": _from_env("KUBECONFIG", type="raw"),
    "context": _from_env("CONTEXT", type="str"),
    "username": _from_env("USERNAME", type="str"),
    "password": _from_env("PASSWORD", type="str", no_log=True),
    "client_cert": _from_env("CERT_FILE", type="path", aliases=["cert_file"]),
    "client_key": _from_env("KEY_FILE", type="path", aliases=["key_file"], no_log=False),
    "ca_cert": _from_env("SSL_CA_CERT", type="path", aliases=["ssl_ca_cert"]),
    "validate_certs": _from_env("VERIFY_SSL", type="bool", aliases=["verify_ssl"]),
    "proxy": _from_env("PROXY", type="str"),
    "no_proxy": _from_env("NO_PROXY", type="str"),
    "proxy_headers": {
        "type": "dict",
        "options": {
            "proxy_basic_auth": _from_env("PROXY_HEADERS_PROXY_BASIC_AUTH", type="str", no_log=True),
            "basic_auth": _from_env("PROXY_HEADERS_BASIC_AUTH", type="str", no_log=True),
            "user_agent": _from_env("PROXY_HEADERS_USER_AGENT", type="str"),
        },
    },
    "persist_config": _from_env("PERSIST_CONFIG", type="bool"),
    "impersonate_user": _from_env("IMPERSONATE_USER", type="str"),
    "impersonate_groups": _from_env("IMPERSONATE_GROUPS", type="list", elements="str"),
}

_KINDS = ["Deployment", "StatefulSet", "DaemonSet"]

#: One workload.
WORKLOAD: Options = {
    "namespace": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": _KINDS},
    "name": {"type": "str", "required": True},
}

#: Pods: those of a workload, or named ones, or those that a selector matches; and which of their containers.
PODS: Options = {
    "namespace": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": _KINDS},
    "name": {"type": "str"},
    "pods": {"type": "list", "elements": "str"},
    "label_selectors": {"type": "list", "elements": "str"},
    "select": {"type": "str"},
    "containers": {"type": "list", "elements": "str"},
    "allow_empty": {"type": "bool", "default": False},
}
#: Exactly one way to say which pods; the module argument spec's other keys.
PODS_RULES: dict[str, Any] = {
    "required_one_of": [("name", "pods", "label_selectors")],
    "mutually_exclusive": [("name", "pods", "label_selectors")],
    "required_together": [("kind", "name")],
}

SIGNAL: Options = {
    "signal": {"type": "str", "default": "TERM"},
    "shell": {"type": "str", "default": "/bin/sh"},
}

WAIT: Options = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
}
