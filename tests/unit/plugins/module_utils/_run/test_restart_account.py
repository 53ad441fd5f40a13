# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import permissions
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.service_account import (
    Account,
    Wanted,
    kubeconfig_token,
    namespace_object,
    secret_object,
    token_request,
    wanted_objects,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import APPLY_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run import credentials
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_account import restart_account
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

ACCOUNT = Account("shop", "saferestart")
OBJECTS = wanted_objects(ACCOUNT, ["shop"], permissions(["rollout_restart"], []))
PARAMS: dict[str, Any] = {
    "state": "present",
    "namespace": "shop",
    "name": "saferestart",
    "namespaces": None,
    "create_namespaces": False,
    "strategies": ["rollout_restart"],
    "features": [],
    "nodes": False,
    "token": "request",
    "token_seconds": 900,
    "token_path": None,
    "kubeconfig_path": None,
    "server": None,
}
MISSING = NotFound("no", 404)


def live(wanted: Wanted, **content: Any) -> JsonObject:
    """The object as the server has it."""
    own = {"uid": f"uid-{wanted.resource.kind}", "resourceVersion": "7", "managedFields": [1]}
    return {**wanted.body, **content, "metadata": {**wanted.body["metadata"], **own}}


def expect_applied(api: FakeApi, before: bool, *objects: Wanted, check_mode: bool = False) -> None:
    """Each is looked at and applied."""
    for each in objects:
        api.expect_get(each.resource, each.namespace, each.name, live(each) if before else MISSING)
        expect_patch(api, each, check_mode=check_mode)


def expect_patch(api: FakeApi, each: Wanted, *, check_mode: bool = False, answer: Exception | None = None) -> None:
    """It is applied."""
    found = answer or live(each)
    api.expect_patch(
        each.resource, each.namespace, each.name, each.body, found, content_type=APPLY_PATCH, dry_run=check_mode
    )


def run(api: FakeApi, clock: FakeClock, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's result; the namespace is there unless it says otherwise."""
    return restart_account(api, clock, PARAMS | params, check_mode)


def actions(result: dict[str, Any]) -> list[str]:
    return [f"{entry['action']} {entry['kind']}" for entry in result["objects"]]


def web_token(clock: FakeClock, *, uid: str = "uid-ServiceAccount", lasts: int = 900) -> str:
    """A token that was issued now."""
    now = int(clock.now().timestamp())
    payload = {"iat": now, "exp": now + lasts, "kubernetes.io": {"serviceaccount": {"uid": uid}}}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip('=')}.c2ln"


def expect_token(api: FakeApi, token: str) -> None:
    """A token is asked for."""
    resource, body = token_request(ACCOUNT, 900)
    api.expect_create(resource, "shop", body, {"status": {"token": token}})


def expect_account(api: FakeApi) -> None:
    """Its UID is asked for."""
    api.expect_get(OBJECTS[0].resource, "shop", "saferestart", live(OBJECTS[0]))


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_not_there_is_made(fake_api: FakeApi, clock: FakeClock, check_mode: bool) -> None:
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, False, *OBJECTS, check_mode=check_mode)
    result = run(fake_api, clock, check_mode=check_mode)
    assert result["changed"]
    assert actions(result) == ["created ServiceAccount", "created Role", "created RoleBinding"]
    assert result["token"] is None
    assert result["rules"] == OBJECTS[1].body["rules"]
    assert '"kind": "Role"' in result["diff"]["after"]


def test_what_is_as_it_should_be_is_no_change(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_namespace("shop", None)
    expect_applied(fake_api, True, *OBJECTS)
    result = run(fake_api, clock)
    assert not result["changed"]
    assert "diff" not in result


def test_fewer_rules_are_a_change(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, OBJECTS[0])
    fake_api.expect_get(OBJECTS[1].resource, "shop", "saferestart", live(OBJECTS[1], rules=["more"]))
    expect_patch(fake_api, OBJECTS[1])
    expect_applied(fake_api, True, OBJECTS[2])
    result = run(fake_api, clock)
    assert actions(result)[1] == "changed Role"
    assert '"more"' in result["diff"]["before"]


def test_a_namespace_that_is_not_there_is_an_error(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_namespace("shop", False)
    with pytest.raises(TargetError, match=r"Namespace shop does not exist.*Nothing was touched"):
        run(fake_api, clock)


def test_in_check_mode_nothing_is_asked_of_a_namespace_that_is_yet_to_be_made(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path
) -> None:
    fake_api.expect_namespace("shop", False)
    expect_patch(fake_api, namespace_object("shop"), check_mode=True)
    result = run(fake_api, clock, check_mode=True, create_namespaces=True, token_path=str(tmp_path / "token"))
    assert actions(result)[:2] == ["created Namespace", "created ServiceAccount"]
    assert result["token"]["action"] == "written"
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_else_has_made_is_named(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_namespace("shop", True)
    fake_api.expect_get(OBJECTS[0].resource, "shop", "saferestart", MISSING)
    expect_patch(fake_api, OBJECTS[0], answer=ApiError("conflict with kubectl.", 409, "Conflict"))
    with pytest.raises(ApiError, match=r"conflict with kubectl\. It was made or changed by somebody else"):
        run(fake_api, clock)


@pytest.mark.parametrize(("nodes", "warnings"), [(False, 1), (True, 0)])
def test_nodes_are_only_granted_when_asked_for(fake_api: FakeApi, clock: FakeClock, nodes: bool, warnings: int) -> None:
    allowed = permissions(["image_alias"], [])
    wanted = wanted_objects(ACCOUNT, ["shop"], allowed)
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *(wanted if nodes else wanted[:3]))
    result = run(fake_api, clock, strategies=["image_alias"], nodes=nodes)
    assert len(result["warnings"]) == warnings
    assert bool(result["cluster_rules"]) == nodes


def test_a_token_is_written_for_its_owner_alone_and_never_told(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path
) -> None:
    token, kube = tmp_path / "token", tmp_path / "kubeconfig"
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, False, *OBJECTS)
    expect_account(fake_api)
    expect_token(fake_api, secret := web_token(clock))
    result = run(fake_api, clock, token_path=str(token), kubeconfig_path=str(kube))
    assert token.read_text() == f"{secret}\n"
    assert kubeconfig_token(kube.read_text()) == secret
    assert [path.stat().st_mode & 0o777 for path in (token, kube)] == [0o600, 0o600]
    assert secret not in json.dumps(result)
    assert result["token"]["expires"] == clock.now().timestamp() + 900


@pytest.mark.parametrize(
    ("uid", "later", "kept"),
    [("uid-ServiceAccount", 0, True), ("uid-ServiceAccount", 700, False), ("another", 0, False)],
)
def test_a_token_that_serves_on_is_kept(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path, uid: str, later: float, kept: bool
) -> None:
    path = tmp_path / "token"
    path.write_text(web_token(clock, uid=uid) + "\n")
    path.chmod(0o600)
    clock.advance(later)
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *OBJECTS)
    expect_account(fake_api)
    if not kept:
        expect_token(fake_api, web_token(clock))
    result = run(fake_api, clock, token_path=str(path))
    assert (result["changed"], result["token"]["action"]) == (not kept, "kept" if kept else "written")
    assert path.read_text() == web_token(clock) + "\n"


def test_a_file_that_others_can_read_is_written_anew(fake_api: FakeApi, clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(web_token(clock) + "\n")
    path.chmod(0o644)
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *OBJECTS)
    expect_account(fake_api)
    assert run(fake_api, clock, token_path=str(path))["changed"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("option", ["token_path", "kubeconfig_path"])
def test_a_file_with_something_else_is_not_replaced(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "config"
    path.write_text("apiVersion: v1\nkind: Config\n")
    with pytest.raises(TargetError, match=f"{option}: .*config holds something else"):
        run(fake_api, clock, **{option: str(path)})


def test_a_file_that_cannot_be_written_is_an_error_before_anything(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path
) -> None:
    with pytest.raises(TargetError, match=r"token_path: there is no directory .*none. Nothing was touched"):
        run(fake_api, clock, token_path=str(tmp_path / "none" / "token"))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"token_seconds": 599}, r"token_seconds is 599, and has to be 600 or more\. Nothing was touched"),
        (
            {"server": "cluster.example.com:6443"},
            r"server has to be an http or https URL with a host\. Nothing was touched",
        ),
    ],
)
def test_what_makes_no_sense_is_an_error_before_anything(
    fake_api: FakeApi, clock: FakeClock, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, clock, **params)


def test_a_server_that_grants_less_is_warned_of(fake_api: FakeApi, clock: FakeClock, tmp_path: Path) -> None:
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *OBJECTS)
    expect_account(fake_api)
    expect_token(fake_api, web_token(clock, lasts=600))
    result = run(fake_api, clock, token_path=str(tmp_path / "token"))
    assert result["warnings"] == ["The API server grants 600 seconds to a token, and not 900."]


def test_a_secrets_token_is_waited_for(fake_api: FakeApi, clock: FakeClock, tmp_path: Path) -> None:
    secret = secret_object(ACCOUNT)
    filled = live(secret, data={"token": base64.b64encode(b"a.b.c").decode()})
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *OBJECTS)
    expect_applied(fake_api, False, secret)
    expect_account(fake_api)
    for answer in (live(secret), live(secret), filled):
        fake_api.expect_get(secret.resource, "shop", secret.name, answer)
    result = run(fake_api, clock, token="secret", token_path=str(tmp_path / "token"))
    assert (tmp_path / "token").read_text() == "a.b.c\n"
    assert result["token"]["expires"] is None
    assert "a.b.c" not in json.dumps(result)


def test_a_secret_that_stays_empty_is_an_error(
    fake_api: FakeApi, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "SECRET_SECONDS", 1.0)
    monkeypatch.setattr(credentials, "LOOK_SECONDS", 0.5)
    secret = secret_object(ACCOUNT)
    fake_api.expect_namespace("shop", True)
    expect_applied(fake_api, True, *OBJECTS, secret)
    expect_account(fake_api)
    for _look in range(4):
        fake_api.expect_get(secret.resource, "shop", secret.name, live(secret))
    with pytest.raises(TargetError, match="Secret shop/saferestart-token has no token after 1 s"):
        run(fake_api, clock, token="secret", token_path=str(tmp_path / "token"))


def expect_looked_for(api: FakeApi, **found: JsonObject) -> list[Wanted]:
    """All that could be there is looked for, the last one first; those that are not in `found` are not there."""
    every = wanted_objects(ACCOUNT, ["shop"], permissions(["image_alias"], []))
    order = [*reversed([*every, secret_object(ACCOUNT)])]
    for each in order:
        api.expect_get(each.resource, each.namespace, each.name, found.get(each.resource.kind, MISSING))
    return order


@pytest.mark.parametrize("check_mode", [False, True])
def test_all_of_it_is_deleted(fake_api: FakeApi, clock: FakeClock, check_mode: bool) -> None:
    expect_looked_for(fake_api, ServiceAccount=live(OBJECTS[0]), Role=live(OBJECTS[1]))
    for each in (OBJECTS[1], OBJECTS[0]):
        uid = f"uid-{each.resource.kind}"
        fake_api.expect_delete(each.resource, "shop", "saferestart", uid=uid, dry_run=check_mode)
    result = run(fake_api, clock, state="absent", check_mode=check_mode)
    assert actions(result) == ["deleted Role", "deleted ServiceAccount"]
    assert result["changed"]


def test_nothing_is_deleted_of_somebody_elses(fake_api: FakeApi, clock: FakeClock) -> None:
    other = live(OBJECTS[1])
    other["metadata"]["labels"] = {}
    fake_api.ordered = False
    for each in reversed(wanted_objects(ACCOUNT, ["shop"], permissions(["image_alias"], []))[1:]):
        found = other if each.resource.kind == "Role" else MISSING
        fake_api.expect_get(each.resource, each.namespace, each.name, found)
    secret = secret_object(ACCOUNT)
    fake_api.expect_get(secret.resource, "shop", secret.name, MISSING)
    with pytest.raises(TargetError, match="Role shop/saferestart was not made by this collection"):
        run(fake_api, clock, state="absent")


@pytest.mark.parametrize("params", [{"namespace": "Shop"}, {"name": "a/b"}, {"namespaces": ["shop", "x y"]}])
def test_what_can_be_no_name_is_an_error(fake_api: FakeApi, clock: FakeClock, params: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match="is no name"):
        run(fake_api, clock, **params)
