# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.server_version import server_version
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer

TOKEN = "sesame-open-1234"


def test_it_asks_once_with_the_credentials(server: ApiServer) -> None:
    server.answer({"gitVersion": "v1.36.1"})
    assert server_version({"host": server.url, "api_key": TOKEN, "impersonate_user": "ann"}, 5) == "v1.36.1"
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/version")
    assert request.header("Authorization") == [f"Bearer {TOKEN}"]
    assert request.header("Impersonate-User") == ["ann"]


@pytest.mark.parametrize("status", [401, 503])
def test_an_answer_that_is_no_success(server: ApiServer, status: int) -> None:
    server.answer({}, status)
    with pytest.raises(ApiError, match=f"Cannot get /version: .*{status}") as error:
        server_version({"host": server.url, "api_key": TOKEN}, 5)
    assert TOKEN not in str(error.value)


def test_something_else_than_an_api_server(server: ApiServer) -> None:
    server.answer(b"<html>")
    with pytest.raises(ApiError, match="the answer is no JSON"):
        server_version({"host": server.url, "api_key": TOKEN}, 5)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="No answer from the API server"):
            server_version({"host": f"http://127.0.0.1:{taken.getsockname()[1]}", "api_key": TOKEN}, 5)


def test_a_server_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="timed out"):
        server_version({"host": f"http://127.0.0.1:{silent.getsockname()[1]}", "api_key": TOKEN}, 0.05)
