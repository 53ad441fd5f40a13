# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable, WatchExpired
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock


def event(kind: str, version: str) -> dict[str, Any]:
    """A line of a watch."""
    return {"type": kind, "object": {"metadata": {"resourceVersion": version}}}


def error(code: int, message: str = "no") -> dict[str, Any]:
    """A line that says that the watch is over."""
    return {"type": "ERROR", "object": {"kind": "Status", "code": code, "message": message, "reason": "Why"}}


def watch(api: KubernetesApi, seconds: float = 20.0) -> list[WatchEvent]:
    """All events of one watch."""
    return list(api.watch(POD, "shop", "41", seconds, "app=cart", "metadata.name=cart"))


def test_what_is_asked(server: ApiServer, api: KubernetesApi) -> None:
    server.stream()
    assert watch(api, 0.2) == []
    (request,) = server.requests
    assert request.path == "/api/v1/namespaces/shop/pods"
    assert dict(request.query) == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "resourceVersion": "41",
        "timeoutSeconds": "1",
        "labelSelector": "app=cart",
        "fieldSelector": "metadata.name=cart",
    }


def test_events_and_bookmarks_are_yielded(server: ApiServer, api: KubernetesApi) -> None:
    sent = [event("ADDED", "42"), event("BOOKMARK", "50"), event("DELETED", "51")]
    server.stream(*sent)
    assert [(seen.type, seen.object["metadata"]["resourceVersion"]) for seen in watch(api)] == [
        ("ADDED", "42"),
        ("BOOKMARK", "50"),
        ("DELETED", "51"),
    ]


def test_lines_do_not_have_to_end_where_chunks_do(server: ApiServer, api: KubernetesApi) -> None:
    line = b'{"type": "ADDED", "object": {"metadata": {"name": "caf\xc3\xa9"}}}\n'
    server.stream(line[:7], line[7:56] + b"", line[56:] + b"\n" + line, line)
    assert [seen.object["metadata"]["name"] for seen in watch(api)] == ["café"] * 3


def test_a_watch_that_is_cut_inside_a_line_ends_silently(server: ApiServer, api: KubernetesApi) -> None:
    server.stream(event("ADDED", "42"), cut=True)
    assert [seen.type for seen in watch(api)] == ["ADDED"]


def test_a_watch_is_not_counted_as_a_request(server: ApiServer, api: KubernetesApi) -> None:
    server.stream()
    watch(api)
    assert api.requests == 0


def test_an_expired_version_in_the_stream(server: ApiServer, api: KubernetesApi) -> None:
    server.stream(event("ADDED", "42"), error(410, "too old resource version"))
    with pytest.raises(WatchExpired, match="Cannot watch pods in namespace shop: too old resource version"):
        watch(api)


def test_an_expired_version_as_the_answer(server: ApiServer, api: KubernetesApi) -> None:
    server.refuse(410, "too old resource version")
    with pytest.raises(WatchExpired):
        watch(api)


@pytest.mark.parametrize("code", [429, 500, 504])
def test_a_passing_error_in_the_stream_ends_it_to_be_resumed(server: ApiServer, api: KubernetesApi, code: int) -> None:
    server.stream(event("ADDED", "42"), error(code), event("ADDED", "43"))
    assert [seen.type for seen in watch(api)] == ["ADDED"]


def test_another_error_in_the_stream_is_raised(server: ApiServer, api: KubernetesApi) -> None:
    server.stream(error(403, "no more"))
    with pytest.raises(ApiError, match="Cannot watch pods in namespace shop: no more") as caught:
        watch(api)
    assert caught.value.status == 403


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_for_the_caller_to_try_again(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, code: int
) -> None:
    server.refuse(code, "etcd is away", "Busy", Retry_After="2")
    words = f"Cannot watch pods in namespace shop: the API server answered {code} Busy: etcd is away"
    with pytest.raises(Unreachable, match=words):
        watch(api)
    assert clock.slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 422])
def test_another_answer_is_an_error(server: ApiServer, api: KubernetesApi, code: int) -> None:
    server.refuse(code, "no")
    with pytest.raises(ApiError, match="Cannot watch pods in namespace shop") as caught:
        watch(api)
    assert caught.value.status == code


def test_no_permission_to_watch(server: ApiServer, api: KubernetesApi) -> None:
    server.refuse(403, 'User "ann" cannot watch')
    with pytest.raises(ApiError, match='Cannot watch pods in namespace shop: User "ann" cannot watch'):
        watch(api)


def test_no_connection_is_for_the_caller_to_try_again(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    server.answer({})
    server.drop()
    api.get(POD, "shop", "cart")
    with pytest.raises(Unreachable):
        watch(api)
    assert clock.slept == []
