# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import socket
from email.utils import format_datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import PAUSES
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import DEPLOYMENT, POD, SECRET
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.fake_api import STRATEGIC
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

PODS = "/api/v1/namespaces/shop/pods"


def page(*names: str, go_on: str = "", version: str = "7") -> dict[str, Any]:
    """A page of a list."""
    metadata = {"resourceVersion": version, **({"continue": go_on} if go_on else {})}
    return {"metadata": metadata, "items": [{"metadata": {"name": name}} for name in names]}


def test_get_asks_with_the_token_for_json(server: ApiServer, api: KubernetesApi) -> None:
    server.answer({"kind": "Pod"})
    assert api.get(POD, "shop", "cart") == {"kind": "Pod"}
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("GET", f"{PODS}/cart", [])
    assert request.header("Authorization") == ["Bearer sesame-open-1234"]
    assert request.header("Accept") == ["application/json"]


def test_metadata_alone(server: ApiServer, api: KubernetesApi) -> None:
    server.answer({"kind": "PartialObjectMetadata"})
    api.get(SECRET, "shop", "cart", metadata_only=True)
    assert server.requests[0].header("Accept") == ["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]


def test_impersonation_repeats_the_group_header(server: ApiServer, clock: FakeClock) -> None:
    auth = {"host": server.url, "api_key": "x", "impersonate_user": "ann", "impersonate_groups": ["dev", "ops"]}
    server.answer({})
    KubernetesApi(auth, clock).get(POD, "shop", "cart")
    assert server.requests[0].header("Impersonate-User") == ["ann"]
    assert server.requests[0].header("Impersonate-Group") == ["dev", "ops"]


def test_a_user_and_password_are_sent_as_basic_auth(server: ApiServer, clock: FakeClock) -> None:
    server.answer({})
    KubernetesApi({"host": server.url, "username": "ann", "password": "pw"}, clock).get(POD, "shop", "cart")
    assert server.requests[0].header("Authorization") == ["Basic YW5uOnB3"]


def test_list_reads_all_pages(server: ApiServer, api: KubernetesApi) -> None:
    server.answer(page("a", "b", go_on="next&page"))
    server.answer(page("c"))
    listing = api.list(POD, "shop", "app=cart", "status.phase=Running")
    assert [item["metadata"]["name"] for item in listing.items] == ["a", "b", "c"]
    assert listing.resource_version == "7"
    first = {"labelSelector": "app=cart", "fieldSelector": "status.phase=Running", "limit": "500"}
    assert [dict(request.query) for request in server.requests] == [first, {**first, "continue": "next&page"}]


def test_a_list_whose_next_page_has_expired_is_read_again_in_one_piece(server: ApiServer, api: KubernetesApi) -> None:
    server.answer(page("a", go_on="old"))
    server.refuse(410, "The provided continue parameter is too old", "Expired")
    server.answer(page("a", "b", version="9"))
    listing = api.list(POD, "shop", "app=cart")
    assert [item["metadata"]["name"] for item in listing.items] == ["a", "b"]
    assert listing.resource_version == "9"
    assert dict(server.requests[2].query) == {"labelSelector": "app=cart"}


def test_a_list_of_nothing(server: ApiServer, api: KubernetesApi) -> None:
    server.answer({"metadata": {"resourceVersion": "7"}, "items": None})
    assert api.list(POD, "nowhere").items == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_patch(server: ApiServer, api: KubernetesApi, dry_run: bool) -> None:
    server.answer({"patched": True})
    body = {"spec": {"replicas": 1}}
    assert api.patch(DEPLOYMENT, "shop", "cart", body, STRATEGIC, dry_run=dry_run) == {"patched": True}
    (request,) = server.requests
    assert (request.method, request.path) == ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart")
    assert request.header("Content-Type") == [STRATEGIC]
    assert json.loads(request.body) == body
    strict = {"fieldManager": "saferestart.k8s", "fieldValidation": "Strict"}
    assert dict(request.query) == strict | ({"dryRun": "All"} if dry_run else {})


def test_log_tail_survives_any_bytes(server: ApiServer, api: KubernetesApi) -> None:
    server.answer(b"one\n\xff\n")
    assert api.log_tail("shop", "cart", "app", 10, previous=True) == "one\n\ufffd\n"
    assert dict(server.requests[0].query) == {"container": "app", "tailLines": "10", "previous": "true"}


@pytest.mark.parametrize(
    ("status", "answer"), [(200, True), (404, False), (403, None)], ids=["there", "not there", "not allowed to ask"]
)
def test_namespace_exists(server: ApiServer, api: KubernetesApi, status: int, answer: bool | None) -> None:
    server.answer({}, status)
    assert api.namespace_exists("shop") is answer
    assert server.requests[0].path == "/api/v1/namespaces/shop"


# Trying again.


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_answer_that_will_pass_is_waited_for_as_the_server_says(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, status: int
) -> None:
    server.refuse(status, "wait", Retry_After="3")
    server.refuse(status, "wait", Retry_After="4")
    server.answer({"kind": "Pod"})
    assert api.get(POD, "shop", "cart") == {"kind": "Pod"}
    assert clock.slept == [3, 4]
    assert api.requests == 3


def test_without_retry_after_the_pauses_grow_and_the_tries_end(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    server.refuse(503, "etcd is away", "ServiceUnavailable", times=len(PAUSES) + 1)
    with pytest.raises(ApiError, match="answered 503 ServiceUnavailable: etcd is away") as caught:
        api.get(POD, "shop", "cart")
    assert caught.value.status == 503
    assert clock.slept == [0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8, 8]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("2.5", 2.5), ("soon", 0.5), ("-1", 0.5), ("nan", 0.5), ("86400", 60.0)],
    ids=["at once", "a fraction", "no number", "negative", "not a number", "a day"],
)
def test_a_strange_retry_after(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, header: str, seconds: float
) -> None:
    server.refuse(429, Retry_After=header)
    server.answer({})
    api.get(POD, "shop", "cart")
    assert clock.slept == [seconds]


def test_retry_after_as_a_date_is_no_crash(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    server.refuse(503, Retry_After=format_datetime(clock.now()))
    server.answer({})
    api.get(POD, "shop", "cart")
    assert clock.slept == [0.5]


def test_a_refused_connection_is_an_error_at_once(clock: FakeClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{unused.getsockname()[1]}"
        api = KubernetesApi({"host": host, "api_key": "sesame"}, clock)
        with pytest.raises(Unreachable, match=f"No answer from the API server at {host}: .*Connection refused"):
            api.get(POD, "shop", "cart")
    assert clock.slept == []


def test_a_server_that_answered_before_is_tried_again(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    server.answer({})
    server.drop(times=2)
    server.answer({"kind": "Pod"})
    api.get(POD, "shop", "cart")
    assert api.get(POD, "shop", "cart") == {"kind": "Pod"}
    assert clock.slept == [0.5, 1]


def test_a_server_that_stays_away_is_given_up(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    server.answer({})
    server.drop(times=len(PAUSES) + 1)
    api.get(POD, "shop", "cart")
    with pytest.raises(Unreachable, match="No answer from the API server"):
        api.get(POD, "shop", "cart")
    assert clock.slept == list(PAUSES)


def test_what_must_not_be_done_twice_is_sent_again_only_if_it_surely_was_not(clock: FakeClock) -> None:
    body = {"metadata": {"name": "cart"}}
    with ApiServer() as server:
        api = KubernetesApi({"host": server.url, "api_key": "sesame"}, clock)
        server.answer({})
        api.get(POD, "shop", "cart")
        server.answer({}, 429, headers={"Retry-After": "7"})
        server.answer(body)
        assert api.create(POD, "shop", body, dry_run=False) == body
        assert clock.slept == [7]
        server.answer({"message": "from a proxy"}, 503)
        with pytest.raises(ApiError, match="from a proxy"):
            api.create(POD, "shop", body, dry_run=False)
        server.drop(times=1)
        with pytest.raises(Unreachable, match="create Pod shop/cart"):
            api.create(POD, "shop", body, dry_run=False)
    assert clock.slept == [7]
    with pytest.raises(Unreachable, match="Connection refused"):
        api.create(POD, "shop", body, dry_run=False)
    assert clock.slept == [7, *PAUSES]


# Errors.


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "Unauthorized", "Cannot get Pod shop/cart: the API server does not accept the credentials (401"),
        (403, 'pods "cart" is forbidden: User "ann" cannot get', 'User "ann" cannot get. A Role that allows'),
        (409, "the object has been modified", "answered 409 Why: the object has been modified"),
        (422, "spec: Invalid value", "answered 422 Why: spec: Invalid value"),
    ],
)
def test_an_error_says_what_was_asked_and_why_not(
    server: ApiServer, api: KubernetesApi, status: int, message: str, words: str
) -> None:
    server.refuse(status, message, "Why")
    with pytest.raises(ApiError) as caught:
        api.get(POD, "shop", "cart")
    assert words in str(caught.value)
    assert (caught.value.status, caught.value.reason) == (status, "Why")


def test_not_found_is_its_own_error(server: ApiServer, api: KubernetesApi) -> None:
    server.refuse(404, 'pods "cart" not found', "NotFound")
    with pytest.raises(NotFound, match=r'Cannot get Pod shop/cart: pods "cart" not found\.'):
        api.get(POD, "shop", "cart")


def test_an_answer_that_is_no_json_is_shown(server: ApiServer, api: KubernetesApi) -> None:
    server.answer("<html>Please log in</html>")
    with pytest.raises(ApiError, match=r"Cannot get Pod shop/cart: .*no JSON.*<html>Please log in</html>.*host"):
        api.get(POD, "shop", "cart")


@pytest.mark.parametrize("proxy", ["no-scheme:3128", "gopher://proxy:70"])
def test_a_proxy_that_is_none_is_named(clock: FakeClock, proxy: str) -> None:
    with pytest.raises(SafeRestartError, match=r"proxy cannot be used: .*unsupported scheme"):
        KubernetesApi({"host": "http://127.0.0.1:1", "api_key": "sesame", "proxy": proxy}, clock)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "gopher://127.0.0.1", "http://nowhere.invalid"])
def test_a_host_that_is_none_is_named(clock: FakeClock, host: str) -> None:
    with pytest.raises((SafeRestartError, Unreachable), match=host):
        KubernetesApi({"host": host, "api_key": "sesame"}, clock).get(POD, "shop", "cart")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 503])
def test_no_error_shows_a_secret(server: ApiServer, clock: FakeClock, status: int) -> None:
    auth = {"host": server.url, "api_key": "sesame-token", "username": "ann", "password": "sesame-password"}
    server.refuse(status, "no", times=len(PAUSES) + 1 if status == 503 else 1)
    with pytest.raises(ApiError) as caught:
        KubernetesApi(auth, clock).get(POD, "shop", "cart")
    assert "sesame" not in repr(caught.value)
