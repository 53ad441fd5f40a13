# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api import exec_sessions
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_sessions import KEPT_SECONDS, SILENT_SECONDS
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
    """Opens a session in which the server plays a script."""

    def enter_it(script: Callable[[Peer], Any] = shell) -> ExecSession:
        server.play(session(script))
        return api.exec("shop", "cart-1", "app", ["/bin/sh"])

    return enter_it


def say(opened: ExecSession, words: str) -> str:
    """What the shell answers."""
    opened.send_line(words)
    return opened.read_until(words, LONG)


def test_a_released_session_is_gone_on_with(enter: Open, api: KubernetesApi) -> None:
    with enter() as first:
        assert say(first, "look") == "look\n"
        first.release("one")
    with api.take_up("one") as second:  # type: ignore[union-attr]
        assert second is first
        assert say(second, "act") == "look\nact\n"
    assert api.requests == 1
    with pytest.raises(ExecCut):
        second.send_line("more")


def test_it_is_given_to_one_only(enter: Open, api: KubernetesApi) -> None:
    with enter() as first:
        first.release("one")
    assert api.take_up("two") is None
    assert api.take_up("one") is first
    assert api.take_up("one") is None
    first.close()


def test_one_that_has_ended_meanwhile_is_not_given_away(enter: Open, api: KubernetesApi) -> None:
    ended = threading.Event()

    def ends(peer: Peer) -> None:
        peer.send(STDOUT, b"end\n")
        peer.receive()
        peer.close()
        ended.set()

    with enter(script=ends) as first:
        first.read_until("end", LONG)
        first.release("one")
        first.send_line("leave")
        assert ended.wait(LONG)
        assert api.take_up("one") is None


def test_one_that_was_silent_for_long_is_asked_whether_it_is_there(
    enter: Open, api: KubernetesApi, clock: FakeClock
) -> None:
    with enter() as first:
        first.release("one")
    clock.sleep(SILENT_SECONDS + 1)
    with api.take_up("one") as second:  # type: ignore[union-attr]
        assert say(second, "act") == "act\n"


def test_one_that_was_cut_without_a_word_is_not_given_away(
    enter: Open, api: KubernetesApi, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_sessions, "ANSWER_SECONDS", 0.1)

    def deaf(peer: Peer) -> None:
        peer.pongs = False
        peer.receive()

    for seconds, given in ((0, True), (SILENT_SECONDS + 1, False)):
        with enter(script=deaf) as opened:
            opened.release("one")
        clock.sleep(seconds)
        taken = api.take_up("one")
        assert (taken is opened) is given
        opened.close()


def test_it_is_kept_for_a_while_only(enter: Open, api: KubernetesApi, clock: FakeClock) -> None:
    with enter() as first:
        first.release("one")
    clock.sleep(KEPT_SECONDS)
    assert api.take_up("one") is None
    with pytest.raises(ExecCut):
        first.send_line("act")


def test_it_ends_also_where_nobody_asks_for_it(enter: Open, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_sessions, "SILENT_SECONDS", 0.01)
    gone = threading.Event()

    def waits(peer: Peer) -> None:
        while peer.receive():
            pass
        gone.set()

    with enter(script=waits) as first:
        first.release("one")
    assert not gone.wait(0.1)
    clock.sleep(KEPT_SECONDS)
    assert gone.wait(LONG)


def test_only_so_many_are_kept(enter: Open, api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_sessions, "MOST_KEPT", 2)
    for name in ("one", "two", "three"):
        with enter() as opened:
            opened.release(name)
    assert api.take_up("three") is None
    for name in ("one", "two"):
        with api.take_up(name):  # type: ignore[union-attr]
            pass


def test_the_end_may_be_a_line(enter: Open) -> None:
    with enter() as opened:
        opened.send_line("sent 0")
        assert opened.finish(LONG, last="sent").stdout == "sent 0\n"
