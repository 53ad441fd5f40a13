# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api import exec_sessions
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_sessions import KEPT_SECONDS
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecCut
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.exec_server import STDIN, STDOUT, Peer, session
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

LONG = 20.0

Open = Callable[..., ExecSession]


def shell(peer: Peer) -> None:
    """Says back what it is told, until the client closes."""
    while (line := peer.receive()) and line[0] == STDIN:
        peer.send(STDOUT, line[1:])


@pytest.fixture
def enter(server: ApiServer, api: KubernetesApi) -> Open:
    """Opens a session in a container, in which the server plays a script where it is a new one."""

    def enter_it(container: str = "app", script: Callable[[Peer], Any] = shell) -> ExecSession:
        server.play(session(script))
        return api.exec("shop", "cart-1", container, ["/bin/sh"])

    return enter_it


def say(opened: ExecSession, words: str) -> str:
    """What the shell answers."""
    opened.send_line(words)
    return opened.read_until(words, LONG)


def test_a_released_session_is_gone_on_with(enter: Open, api: KubernetesApi) -> None:
    with enter() as first:
        assert say(first, "look") == "look\n"
        assert not first.reused
        first.release()
    with api.exec("shop", "cart-1", "app", ["/bin/sh"]) as second:
        assert second is first
        assert second.reused
        assert say(second, "act") == "act\n"  # what was printed before is forgotten
    assert api.requests == 1


def test_it_is_given_to_one_only_and_not_to_another_container(enter: Open, api: KubernetesApi) -> None:
    with enter() as first:
        first.release()
    with enter("sidecar") as other:
        assert not other.reused
    with api.exec("shop", "cart-1", "app", ["/bin/sh"]) as second, enter() as third:
        assert second is first
        assert third is not first
    assert api.requests == 3


def test_a_session_that_was_not_released_is_closed(enter: Open) -> None:
    with enter() as first:
        say(first, "look")
    with enter() as second:
        assert not second.reused


def test_one_that_has_ended_meanwhile_is_not_given_away(enter: Open) -> None:
    ended = threading.Event()

    def ends(peer: Peer) -> None:
        peer.send(STDOUT, b"end\n")
        peer.receive()
        peer.close()
        ended.set()

    with enter(script=ends) as first:
        first.read_until("end", LONG)
        first.release()
        first.send_line("leave")
        assert ended.wait(LONG)
        with enter() as second:
            assert not second.reused
            assert say(second, "look") == "look\n"


def test_one_that_ended_before_is_not_kept(enter: Open) -> None:
    with enter(script=lambda peer: peer.close()) as first:
        with pytest.raises(ExecCut):
            first.read_until("end", LONG)
        first.release()
    with enter() as second:
        assert not second.reused


def test_it_is_kept_for_a_moment_only(enter: Open, clock: FakeClock) -> None:
    with enter() as first:
        first.release()
    clock.sleep(KEPT_SECONDS)
    with enter() as second:
        assert not second.reused
    with pytest.raises(ExecCut):
        first.send_line("act")


def test_only_so_many_are_kept(enter: Open, api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_sessions, "MOST_KEPT", 2)
    for name in ("one", "two", "three"):
        with enter(name) as opened:
            opened.release()
    for name in ("two", "three"):
        with api.exec("shop", "cart-1", name, ["/bin/sh"]) as again:
            assert again.reused
    with enter("one") as new:
        assert not new.reused


def test_the_end_may_be_a_line(enter: Open) -> None:
    with enter() as opened:
        opened.send_line("sent 0")
        assert opened.finish(LONG, last="sent").stdout == "sent 0\n"
