# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH
from ansible_collections.saferestart.k8s.plugins.module_utils._environment import unchecked, with_environment


def merged(environment: dict[str, str], **params: Any) -> dict[str, Any]:
    """What is given and found in K8S_AUTH_*, without what is neither."""
    variables = {f"K8S_AUTH_{name}": value for name, value in environment.items()}
    found = with_environment(AUTH, dict.fromkeys(AUTH) | params, variables, boolean)
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    ("environment", "params", "found"),
    [
        ({"HOST": "h", "API_KEY": "k"}, {}, {"host": "h", "api_key": "k"}),
        ({"CERT_FILE": "/c"}, {}, {"client_cert": "/c"}),
        ({"CERT_FILE": "/alias", "CLIENT_CERT": "/name"}, {}, {"client_cert": "/name"}),
        ({"VERIFY_SSL": "False"}, {}, {"validate_certs": False}),
        ({"VERIFY_SSL": ""}, {}, {}),
        ({"IMPERSONATE_GROUPS": "dev, ops"}, {}, {"impersonate_groups": ["dev", "ops"]}),
        ({"CONTEXT": "variable"}, {"context": "given"}, {"context": "given"}),
        ({"KUBECONFIG": "/k"}, {"kubeconfig": None}, {"kubeconfig": "/k"}),
        ({"VERIFY_SSL": "yes"}, {"validate_certs": False}, {"validate_certs": False}),
        ({"HOST": "h", "API_KEY": "k"}, {"context": "given"}, {"context": "given"}),
        ({"HOST": "h", "API_KEY": "k"}, {"kubeconfig": "/k"}, {"kubeconfig": "/k"}),
        ({"HOST": "h", "KUBECONFIG": "/k"}, {}, {"host": "h", "kubeconfig": "/k"}),
    ],
    ids=[
        "variables",
        "by alias",
        "by name before alias",
        "a boolean",
        "an empty boolean",
        "a list",
        "the option wins",
        "null is not given",
        "false is given",
        "a context that was chosen",
        "a kubeconfig that was chosen",
        "both from variables",
    ],
)
def test_with_environment(environment: dict[str, str], params: dict[str, Any], found: dict[str, Any]) -> None:
    assert merged(environment, **params) == found


def test_proxy_headers_are_taken_as_a_whole() -> None:
    environment = {"PROXY_HEADERS_BASIC_AUTH": "a:b"}
    assert merged(environment)["proxy_headers"] == {"proxy_basic_auth": None, "basic_auth": "a:b", "user_agent": None}
    given = {"user_agent": "me"}
    assert merged(environment, proxy_headers=given)["proxy_headers"] == given


def test_a_home_folder_in_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert merged({"CA_CERT": "~/ca.pem"}) == {"ca_cert": "/home/ann/ca.pem"}


def test_a_boolean_that_is_none() -> None:
    with pytest.raises(TypeError):
        merged({"VERIFY_SSL": "perhaps"})


@pytest.mark.parametrize(
    ("environment", "params", "warned"),
    [
        ({"VERIFY_SSL": "False"}, {}, True),
        ({"VERIFY_SSL": "no", "HOST": "https://cluster.test"}, {}, True),
        ({"VERIFY_SSL": "True"}, {}, False),
        ({}, {}, False),
        ({"VERIFY_SSL": "False"}, {"validate_certs": False}, False),
        ({"VERIFY_SSL": "False"}, {"validate_certs": True}, False),
        ({"VERIFY_SSL": "False", "VALIDATE_CERTS": "no"}, {}, False),
        ({"VERIFY_SSL": "False", "HOST": "http://127.0.0.1:8001"}, {}, False),
    ],
    ids=["awx", "any falsehood", "checked", "nothing said", "asked for", "overruled", "another variable", "no TLS"],
)
def test_a_certificate_that_nobody_meant_not_to_check(
    environment: dict[str, str], params: dict[str, Any], warned: bool
) -> None:
    variables = {f"K8S_AUTH_{name}": value for name, value in environment.items()}
    given = dict.fromkeys(AUTH) | params
    warning = unchecked(given, with_environment(AUTH, given, variables, boolean), variables)
    assert (warning is not None) == warned
    assert warning is None or "'Certificate Authority data'" in warning
