# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import permissions
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.service_account import (
    LABELS,
    Account,
    claims,
    comparable,
    is_ours,
    kubeconfig,
    kubeconfig_token,
    plain_token,
    serves_on,
    wanted_objects,
)

ACCOUNT = Account("automation", "saferestart")
NOW = 1_000_000.0


def token(**payload: Any) -> str:
    """A JSON Web Token with that payload."""
    middle = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"e30.{middle}.c2ln"


def issued(uid: str = "u1", *, since: float = 0, lasts: float = 900) -> str:
    """A service account's token, issued so many seconds ago."""
    own = {"namespace": "automation", "serviceaccount": {"name": "saferestart", "uid": uid}}
    return token(iat=NOW - since, exp=NOW - since + lasts, **{"kubernetes.io": own})


def test_an_account_has_a_role_in_each_namespace() -> None:
    wanted = wanted_objects(ACCOUNT, ["shop", "search"], permissions(["rollout_restart"], []))
    assert [str(each) for each in wanted] == [
        "ServiceAccount automation/saferestart",
        "Role shop/saferestart",
        "RoleBinding shop/saferestart",
        "Role search/saferestart",
        "RoleBinding search/saferestart",
    ]
    assert all(each.body["metadata"]["labels"] == LABELS for each in wanted)
    subject = {"kind": "ServiceAccount", "namespace": "automation", "name": "saferestart"}
    assert wanted[2].body["subjects"] == wanted[4].body["subjects"] == [subject]
    assert wanted[2].body["roleRef"]["kind"] == "Role"


def test_nodes_take_a_cluster_role_of_the_accounts_own() -> None:
    *_rest, role, binding = wanted_objects(ACCOUNT, ["shop"], permissions(["image_alias"], []))
    assert (str(role), str(binding)) == (
        "ClusterRole saferestart:automation:saferestart",
        "ClusterRoleBinding saferestart:automation:saferestart",
    )
    assert role.body["rules"] == [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
    assert "namespace" not in role.body["metadata"]
    assert binding.body["roleRef"]["kind"] == "ClusterRole"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (issued(), True),
        (issued(since=599), True),
        (issued(since=601), False),
        (issued("u2"), False),
        (token(iat=NOW, exp=NOW + 900), False),
        (token(**{"kubernetes.io/serviceaccount/service-account.uid": "u1"}), False),
        ("a.b.c", False),
        ("", False),
    ],
    ids=["new", "two thirds", "little is left", "another account", "no account", "a Secret's", "no JSON", "nothing"],
)
def test_a_token_serves_on(text: str, good: bool) -> None:
    assert serves_on(text, "u1", NOW) is good


@pytest.mark.parametrize("text", ["", "x", "a.b", "e30.MTIz.x", "e30.W10.x"])
def test_what_is_no_token_claims_nothing(text: str) -> None:
    assert claims(text) == {}


def test_a_kubeconfig_and_its_token() -> None:
    text = kubeconfig(ACCOUNT, "https://c.test", "PEM", "a.b.c", verify=True, namespace="shop")
    assert kubeconfig_token(text) == "a.b.c"
    content = json.loads(text)
    assert content["clusters"][0]["cluster"] == {
        "server": "https://c.test",
        "certificate-authority-data": base64.b64encode(b"PEM").decode(),
    }
    assert content["contexts"][0]["context"]["namespace"] == "shop"
    assert content["current-context"] == content["contexts"][0]["name"]


def test_a_certificate_that_is_not_checked_is_said() -> None:
    text = kubeconfig(ACCOUNT, "https://c.test", "PEM", "a.b.c", verify=False, namespace="shop")
    assert json.loads(text)["clusters"][0]["cluster"] == {
        "server": "https://c.test",
        "insecure-skip-tls-verify": True,
    }


@pytest.mark.parametrize(
    "text",
    ["", "apiVersion: v1\n", "{}", '{"users": []}', '{"users": [{"name": "admin", "user": {"token": "t"}}]}', "[1]"],
)
def test_another_kubeconfig_is_not_ours(text: str) -> None:
    assert kubeconfig_token(text) is None


@pytest.mark.parametrize(("text", "found"), [("a.b-_.c\n", "a.b-_.c"), ("a.b", None), ("", None), ("a.b.c d", None)])
def test_a_file_with_a_token(text: str, found: str | None) -> None:
    assert plain_token(text) == found


def test_what_the_server_writes_is_no_difference() -> None:
    before = {"metadata": {"name": "a", "resourceVersion": "1", "uid": "u", "managedFields": []}, "rules": [1]}
    after = {"metadata": {"name": "a", "resourceVersion": "2"}, "rules": [1], "status": {}}
    assert comparable(before) == comparable(after)
    assert comparable(before) != comparable({**after, "rules": []})
    assert comparable(None) == {}


def test_ours_by_its_label() -> None:
    assert is_ours({"metadata": {"labels": {**LABELS, "a": "b"}}})
    assert not is_ours({"metadata": {}})
    assert not is_ours({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}})
