# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.saferestart.k8s.plugins.module_utils import _argspec
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH, PODS, PODS_RULES, WORKLOAD, Options

#: kubernetes.core's own (plugins/module_utils/args_common.py): options and aliases, unchanged.
KUBERNETES_CORE: dict[str, list[str]] = {
    "host": [],
    "api_key": [],
    "kubeconfig": [],
    "context": [],
    "username": [],
    "password": [],
    "client_cert": ["cert_file"],
    "client_key": ["key_file"],
    "ca_cert": ["ssl_ca_cert"],
    "validate_certs": ["verify_ssl"],
    "proxy": [],
    "no_proxy": [],
    "proxy_headers.proxy_basic_auth": [],
    "proxy_headers.basic_auth": [],
    "proxy_headers.user_agent": [],
    "persist_config": [],
    "impersonate_user": [],
    "impersonate_groups": [],
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
    assert {name: option.get("aliases", []) for name, option in flat(AUTH)} == KUBERNETES_CORE


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
