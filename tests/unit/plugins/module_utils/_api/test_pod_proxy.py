# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_session import exit_code
from ansible_collections.saferestart.k8s.plugins.module_utils._api.pod_proxy import MAX_BODY
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.exec_server import session

PODS = "/api/v1/namespaces/shop/pods"
QUIT = HttpGet("http", "", 8080, "/quit", ())


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_any_answer_of_the_pod_is_one(server: ApiServer, api: KubernetesApi, status: int) -> None:
    server.answer("bye", status)
    assert api.ask_pod("shop", "cart-1", QUIT, 5) == status
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", f"{PODS}/cart-1:8080/proxy/quit")
    assert request.header("Authorization") == ["Bearer sesame-open-1234"]
    assert api.requests == 1


@pytest.mark.parametrize(
    ("request_", "path", "query"),
    [
        (HttpGet("https", "", 443, "/", ()), "https:cart-1:443/proxy/", []),
        (
            HttpGet("http", "", 1, "/a b/%2F?x=1&y=a%20b#top", ()),
            "cart-1:1/proxy/a%20b/%2F",
            [("x", "1"), ("y", "a b")],
        ),
        (HttpGet("http", "", 1, "quit", ()), "cart-1:1/proxy/quit", []),
    ],
)
def test_where_it_is_sent(
    server: ApiServer, api: KubernetesApi, request_: HttpGet, path: str, query: list[tuple[str, str]]
) -> None:
    server.answer("")
    api.ask_pod("shop", "cart-1", request_, 5)
    assert (server.requests[0].path, server.requests[0].query) == (f"{PODS}/{path}", query)


def test_its_headers_go_along(server: ApiServer, api: KubernetesApi) -> None:
    server.answer("")
    api.ask_pod("shop", "cart-1", HttpGet("http", "", 1, "/", (("X-Drain", "now"),)), 5)
    assert server.requests[0].header("X-Drain") == ["now"]


@pytest.mark.parametrize("status", [403, 503])
def test_the_servers_own_refusal_is_none_of_the_pods(server: ApiServer, api: KubernetesApi, status: int) -> None:
    server.refuse(status, "no way")
    with pytest.raises(ApiError, match=r"Cannot ask Pod shop/cart-1 through the API server: .*no way") as caught:
        api.ask_pod("shop", "cart-1", QUIT, 5)
    assert caught.value.status == status


def test_it_is_sent_once(server: ApiServer, api: KubernetesApi) -> None:
    server.drop()
    with pytest.raises(Unreachable):
        api.ask_pod("shop", "cart-1", QUIT, 5)
    assert len(server.requests) == 1


def test_a_pod_that_is_silent(server: ApiServer, api: KubernetesApi) -> None:
    server.play(lambda handler: handler.rfile.read(1) and None)
    assert api.ask_pod("shop", "cart-1", QUIT, 0.05) is None


def test_an_answer_without_an_end_is_not_read_to_its_end(server: ApiServer, api: KubernetesApi) -> None:
    server.stream(b"x" * MAX_BODY, b"y" * MAX_BODY, cut=True)
    assert api.ask_pod("shop", "cart-1", QUIT, 5) == 200


def test_a_command_without_standard_input(server: ApiServer, api: KubernetesApi) -> None:
    server.play(session(lambda peer: (peer.status("Success"), peer.close())))
    with api.exec("shop", "cart-1", "app", ["drain"], stdin=False) as opened:
        assert opened.finish(20).code == 0
    assert server.requests[0].query == [("container", "app"), ("stdout", "true"), ("command", "drain")]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, None),
        ({}, None),
        ({"status": "Success"}, 0),
        ({"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}, 3),
        ({"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "x"}]}}, None),
        ({"status": "Failure", "message": "no such file"}, None),
        ({"status": "Failure", "details": {"causes": [{"message": "3"}]}}, None),
    ],
)
def test_the_exit_code(status: dict[str, Any] | None, code: int | None) -> None:
    assert exit_code(status) == code
