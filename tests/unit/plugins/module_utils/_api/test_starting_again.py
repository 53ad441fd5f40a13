# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that goes away and comes back: what is asked again, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import (
    FEWER,
    PAUSES,
    SETTLED,
    Again,
    by_right,
    right_to,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.transport import METADATA
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import MERGE_PATCH, NODE, POD, SECRET
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.exec_server import session
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

FORBIDDEN = 'pods "cart" is forbidden: User "ann" cannot get resource "pods"'
DENIED = 'pods "cart" is forbidden: admission webhook "guard" denied the request'


def refusal(status: int, text: str = "") -> ApiError:
    """An answer that is none."""
    return ApiError(text, status)


@pytest.mark.parametrize("answer", [None, refusal(502), refusal(503), refusal(504)])
def test_a_server_that_is_away_is_waited_for_a_minute(answer: ApiError | None) -> None:
    again = Again()
    pauses = [again.pause(answer) for _ in range(len(PAUSES) + 1)]
    assert pauses == [*PAUSES, None]
    assert 60 <= sum(PAUSES) <= 70


@pytest.mark.parametrize(
    ("answer", "allowed", "waits"),
    [
        (refusal(429), False, True),
        (refusal(500), False, True),
        (refusal(403, FORBIDDEN), True, True),
        (refusal(403, FORBIDDEN), False, False),
        (refusal(403, DENIED), True, False),
        (refusal(401), True, True),
        (refusal(401), False, False),
        (refusal(404), True, False),
        (refusal(409), True, False),
        (refusal(410), True, False),
        (refusal(422), True, False),
    ],
)
def test_an_answer_that_passes_is_waited_for_less_long(answer: ApiError, allowed: bool, waits: bool) -> None:
    again = Again()
    pauses = [again.pause(answer, allowed=allowed) for _ in range(FEWER + 1)]
    assert pauses == [*PAUSES[:FEWER], None] if waits else pauses[0] is None


def test_rights_have_their_own_time_after_the_server_was_away() -> None:
    again = Again()
    assert [again.pause(None) for _ in range(FEWER + 2)] == list(PAUSES[: FEWER + 2])
    assert again.pause(refusal(403, FORBIDDEN), allowed=True) == PAUSES[0]
    assert again.pause(None) == PAUSES[FEWER + 2]


def test_what_is_no_question_of_rights() -> None:
    assert by_right(refusal(401))
    assert by_right(refusal(403, FORBIDDEN))
    assert not by_right(refusal(403, DENIED))
    assert not by_right(refusal(403, "pods is forbidden: exceeded quota"))


def test_all_objects_of_a_type_need_the_same_right() -> None:
    assert right_to("GET", POD.path("shop", "a")) == right_to("GET", POD.path("shop", "b"))
    rights = {
        right_to("GET", POD.path("shop", "a")),
        right_to("GET", POD.path("shop")),
        right_to("GET", POD.path("other", "a")),
        right_to("DELETE", POD.path("shop", "a")),
        right_to("GET", POD.path("shop", "a", "log")),
        right_to("GET", NODE.path("", "a")),
        right_to("GET", "/api/v1/namespaces/shop"),
    }
    assert len(rights) == 7


def test_a_right_that_was_there_before_is_waited_for(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    server.answer({"kind": "Pod"})
    server.drop()
    server.refuse(403, FORBIDDEN, times=2)
    server.answer({"kind": "Pod"})
    api.get(POD, "shop", "cart")
    assert api.get(POD, "shop", "cart") == {"kind": "Pod"}
    assert clock.slept == [0.5, 0.5, 1]


def test_so_is_the_same_right_to_another_object_while_the_server_forbids_what_it_allowed(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    server.answer({"kind": "Pod"})
    server.refuse(403, FORBIDDEN, times=6)  # each time it is asked for the first one again, too
    server.answer({"kind": "Pod"})
    api.get(POD, "shop", "cart")
    assert api.get(POD, "shop", "cart-2") == {"kind": "Pod"}
    assert [request.path.rpartition("/")[2] for request in server.requests] == [
        "cart",
        *["cart-2", "cart"] * 3,
        "cart-2",
    ]
    assert clock.slept == [0.5, 1, 2]


def test_a_right_to_certain_objects_is_not_waited_for_where_it_is_about_another(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    """A role may have resourceNames: the server still allows what it allowed, so that it has read the roles."""
    server.answer({"kind": "Pod"})
    server.refuse(403, FORBIDDEN)
    server.answer({"kind": "Pod"})
    server.refuse(403, FORBIDDEN, times=SETTLED)
    api.get(POD, "shop", "cart")
    with pytest.raises(ApiError, match="cannot get"):
        api.get(POD, "shop", "cart-2")
    assert clock.slept == list(PAUSES[:SETTLED])
    assert api.requests == 3 + SETTLED


@pytest.mark.parametrize("status", [200, 406])
def test_what_is_asked_to_know_that_is_never_a_whole_object(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, status: int
) -> None:
    """It may be a Secret, of which the metadata only was asked for. A list has none: 406."""
    server.answer({"kind": "PartialObjectMetadata"})
    server.refuse(403, FORBIDDEN)
    server.answer({}, status)
    server.refuse(403, FORBIDDEN, times=SETTLED)
    api.get(SECRET, "shop", "allowed", metadata_only=True)
    with pytest.raises(ApiError, match="cannot get"):
        api.get(SECRET, "shop", "other", metadata_only=True)
    assert [request.path.rpartition("/")[2] for request in server.requests[:3]] == ["allowed", "other", "allowed"]
    assert {tuple(request.header("Accept")) for request in server.requests} == {(METADATA,)}
    assert clock.slept == list(PAUSES[:SETTLED])


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_server_that_cannot_say_it_is_not_taken_to_have_read_them(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, status: int
) -> None:
    server.answer({"kind": "Pod"})
    for _ in range(FEWER):
        server.refuse(403, FORBIDDEN)
        server.refuse(status)
    server.refuse(403, FORBIDDEN)
    server.refuse(status)
    api.get(POD, "shop", "cart")
    with pytest.raises(ApiError, match="cannot get"):
        api.get(POD, "shop", "cart-2")
    assert clock.slept == list(PAUSES[:FEWER])


def test_nor_one_that_allowed_nothing_in_that_namespace_to_be_read(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    body = {"metadata": {"name": "cart"}}
    server.answer({"kind": "Node"})
    server.answer(body)
    server.refuse(403, FORBIDDEN, times=FEWER + 1)
    api.get(NODE, "", "worker")
    api.patch(POD, "shop", "cart", {}, MERGE_PATCH, dry_run=False)
    with pytest.raises(ApiError, match="cannot get"):
        api.patch(POD, "shop", "cart-2", {}, MERGE_PATCH, dry_run=False)
    assert clock.slept == list(PAUSES[:FEWER])


def test_a_right_that_never_was_there_is_an_error_at_once(server: ApiServer, api: KubernetesApi) -> None:
    server.answer({"items": [], "metadata": {"resourceVersion": "1"}})
    server.refuse(403, FORBIDDEN)
    api.list(POD, "shop")
    with pytest.raises(ApiError, match="cannot get"):
        api.get(POD, "shop", "cart")


def test_a_right_that_was_taken_away_is_an_error_in_the_end(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    body = {"metadata": {"name": "cart"}}
    server.answer(body)
    server.refuse(403, FORBIDDEN, times=FEWER + 1)
    api.create(POD, "shop", body, dry_run=False)
    with pytest.raises(ApiError, match="cannot get"):
        api.create(POD, "shop", body, dry_run=False)
    assert clock.slept == list(PAUSES[:FEWER])


def test_a_watch_that_was_allowed_before_is_left_to_whoever_watches(server: ApiServer, api: KubernetesApi) -> None:
    server.refuse(403, "cannot watch")
    with pytest.raises(ApiError, match="cannot watch"):
        list(api.watch(POD, "shop", "1", 5))
    server.stream()
    server.refuse(403, "cannot watch")
    assert list(api.watch(POD, "shop", "1", 5)) == []
    with pytest.raises(Unreachable, match="cannot watch"):
        list(api.watch(POD, "shop", "1", 5))


def test_a_session_is_opened_again_where_nothing_can_have_been_begun(
    server: ApiServer, api: KubernetesApi, clock: FakeClock
) -> None:
    for refused in (False, True):
        if refused:
            server.refuse(403, FORBIDDEN, times=2)
        server.play(session(lambda peer: peer.close()))
        with api.exec("shop", "cart", "app", ["sh"]):
            pass
    assert clock.slept == [0.5, 1]
    assert api.requests == 4


def test_a_session_is_tried_again_with_a_new_token(server: ApiServer, clock: FakeClock, tmp_path: Path) -> None:
    """Each token that the kubeconfig's program says has run out already."""
    asked = tmp_path / "asked"
    say = f"""echo >> {asked}; cat <<END
{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
  "status": {{"token": "token-$(wc -l < {asked})", "expirationTimestamp": "2026-01-01T00:00:00Z"}}}}
END"""
    program = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", say],
        "interactiveMode": "Never",
    }
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": server.url}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "ann"}}],
        "users": [{"name": "ann", "user": {"exec": program}}],
    }
    api = KubernetesApi({"kubeconfig": kubeconfig}, clock)
    for refused in (False, True):
        if refused:
            server.refuse(401, "Unauthorized")
        server.play(session(lambda peer: peer.close()))
        with api.exec("shop", "cart", "app", ["sh"]):
            pass
    tokens = [value for request in server.requests for value in request.header("Authorization")]
    assert len(set(tokens)) == len(tokens) == 3
    assert all(token.startswith("Bearer token-") for token in tokens)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_session_is_not_opened_again_where_something_may_have_been_begun(
    server: ApiServer, api: KubernetesApi, clock: FakeClock, status: int
) -> None:
    server.answer({})
    server.refuse(status, "error dialing backend")
    api.get(POD, "shop", "cart")
    with pytest.raises(ApiError, match="error dialing backend"):
        api.exec("shop", "cart", "app", ["sh"])
    assert clock.slept == []


def test_a_session_waits_for_a_server_that_is_away(clock: FakeClock) -> None:
    with ApiServer() as server:
        api = KubernetesApi({"host": server.url, "api_key": "sesame"}, clock)
        server.answer({})
        api.get(POD, "shop", "cart")
        server.drop()
        with pytest.raises(Unreachable):  # it was there, and may have begun
            api.exec("shop", "cart", "app", ["sh"])
    assert clock.slept == []
    with pytest.raises(Unreachable, match="refused"):
        api.exec("shop", "cart", "app", ["sh"])
    assert clock.slept == list(PAUSES)
