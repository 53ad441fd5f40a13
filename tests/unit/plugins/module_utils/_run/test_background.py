# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work beside a loop comes back as messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._run.background import Ended, Message, Threads

SECONDS = 60.0


def test_what_a_call_returns_or_raises() -> None:
    background = Threads(2)
    error = ValueError("no")

    def fail() -> None:
        raise error

    background.call("a", lambda: 1)
    assert background.next(SECONDS) == Message("a", 1)
    background.call("b", fail)
    assert background.next(SECONDS) == Message("b", error)
    assert background.next(0) is None
    assert background.next(0.01) is None
    background.close()


def test_calls_run_side_by_side() -> None:
    background, both = Threads(2), threading.Barrier(2)
    for key in range(2):
        background.call(key, lambda: both.wait(SECONDS) >= 0)
    assert {background.next(SECONDS), background.next(SECONDS)} == {Message(0, True), Message(1, True)}
    background.close()


def test_a_stream_and_how_it_ends() -> None:
    background = Threads(1)
    background.stream("s", iter("ab"))
    assert [background.next(SECONDS) for _ in range(2)] == [Message("s", "a"), Message("s", "b")]
    last = background.next(SECONDS)
    assert last
    assert isinstance(last.value, Ended)


def test_a_stream_that_breaks() -> None:
    background, error = Threads(1), ValueError("no")

    def items() -> Iterator[str]:
        yield "a"
        raise error

    background.stream("s", items())
    assert background.next(SECONDS) == Message("s", "a")
    assert background.next(SECONDS) == Message("s", error)


def test_what_has_not_begun_is_dropped() -> None:
    background, go = Threads(1), threading.Event()
    begun: list[int] = []
    background.call("first", lambda: go.wait(SECONDS))
    for number in range(3):
        background.call(number, lambda: begun.append(1))
    background.close()
    go.set()
    assert background.next(SECONDS) == Message("first", True)
    assert background.next(0.05) is None
    assert not begun
