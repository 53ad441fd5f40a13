# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Background work for tests: all of it in one thread, in the order in which it was begun."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._run.background import Ended, Message
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock


class Inline:
    """See Background. A stream is asked for its next item only when nothing else is there to be told."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._messages: deque[Message] = deque()
        self._streams: dict[object, Iterator[object]] = {}

    def call(self, key: object, work: Callable[[], object]) -> None:
        """See Background."""
        try:
            value = work()
        except Exception as error:  # noqa: BLE001  whatever it is, the loop is told
            value = error
        self._messages.append(Message(key, value))

    def stream(self, key: object, items: Iterator[object]) -> None:
        """See Background."""
        self._streams[key] = items

    def next(self, seconds: float) -> Message | None:
        """See Background."""
        if self._messages:
            return self._messages.popleft()
        if seconds <= 0:
            return None
        for key, items in list(self._streams.items()):
            try:
                return Message(key, next(items))
            except StopIteration:
                del self._streams[key]
                return Message(key, Ended())
            except Exception as error:  # noqa: BLE001  whatever it is, the loop is told
                del self._streams[key]
                return Message(key, error)
        self._clock.advance(seconds)
        return None

    def close(self) -> None:
        """See Background."""
