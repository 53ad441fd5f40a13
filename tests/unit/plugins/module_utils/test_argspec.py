# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.saferestart.k8s.plugins.module_utils import _argspec
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH, PODS, PODS_RULES, WORKLOAD, Options

#: kubernetes.core's own (plugins/module_utils/args_common.py): options, aliases and variables, unchanged.
KUBERNETES_CORE = {
    "host": ([], "K8S_AUTH_HOST"),
    "api_key": ([], "K8S_AUTH_API_KEY"),
    "kubeconfig": ([], "K8S_AUTH_KUBECONFIG"),
    "context": ([], "K8S_AUTH_CONTEXT"),
    "username": ([], "K8S_AUTH_USERNAME"),
    "password": ([], "K8S_AUTH_PASSWORD"),
    "client_cert": (["cert_file"], "K8S_AUTH_CERT_FILE"),
    "client_key": (["key_file"], "K8S_AUTH_KEY_FILE"),
    "ca_cert": (["ssl_ca_cert"], "K8S_AUTH_SSL_CA_CERT"),
    "validate_certs": (["verify_ssl"], "K8S_AUTH_VERIFY_SSL"),
    "proxy": ([], "K8S_AUTH_PROXY"),
    "no_proxy": ([], "K8S_AUTH_NO_PROXY"),
    "proxy_headers.proxy_basic_auth": ([], "K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH"),
    "proxy_headers.basic_auth": ([], "K8S_AUTH_PROXY_HEADERS_BASIC_AUTH"),
    "proxy_headers.user_agent": ([], "K8S_AUTH_PROXY_HEADERS_USER_AGENT"),
    "persist_config": ([], "K8S_AUTH_PERSIST_CONFIG"),
    "impersonate_user": ([], "K8S_AUTH_IMPERSONATE_USER"),
    "impersonate_groups": ([], "K8S_AUTH_IMPERSONATE_GROUPS"),
}
SECRET = {"api_key", "password", "proxy_headers.proxy_basic_auth", "proxy_headers.basic_auth"}


def flat(options: Options, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Options and suboptions, by their dotted names."""
    for name, option in options.items():
        if "options" in option:
            yield from flat(option["options"], f"{prefix}{name}.")
        else:
            yield prefix + name, option


def test_authentication_is_kubernetes_cores() -> None:
    assert {name: (option.get("aliases", []), option["fallback"][1][0]) for name, option in flat(AUTH)} == (
        KUBERNETES_CORE
    )


def test_secrets_are_no_log() -> None:
    assert {name for name, option in flat(AUTH) if option.get("no_log")} == SECRET


def errors(params: dict[str, Any]) -> list[str]:
    """What is wrong with the options of a module that works on pods."""
    validator = ModuleArgumentSpecValidator(PODS, **PODS_RULES)
    return list(validator.validate({"namespace": "shop", **params}).error_messages)


@pytest.mark.parametrize(
    "params",
    [{"kind": "Deployment", "name": "cart"}, {"pods": ["cart-1"]}, {"label_selectors": ["app=cart"]}, {"pods": []}],
)
def test_one_way_to_say_which_pods(params: dict[str, Any]) -> None:
    assert errors(params) == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of the following is required: name, pods, label_selectors"),
        ({"kind": "Deployment"}, "one of the following is required: name, pods, label_selectors"),
        ({"name": "cart"}, "parameters are required together: kind, name"),
        ({"pods": ["a"], "label_selectors": ["b"]}, "parameters are mutually exclusive: name|pods|label_selectors"),
        ({"kind": "Job", "name": "cart"}, "value of kind must be one of: Deployment, StatefulSet, DaemonSet, got: Job"),
    ],
)
def test_no_way_or_two_ways_are_an_error(params: dict[str, Any], message: str) -> None:
    assert message in errors(params)


def test_no_part_shares_an_option_with_authentication() -> None:
    for part in (WORKLOAD, PODS, _argspec.SIGNAL, _argspec.WAIT):
        assert part.keys().isdisjoint(AUTH)
