# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Work that runs beside a loop and comes back to it as messages: the loop decides alone, one thing at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol


class Message(NamedTuple):
    """What came back: the key that it was begun with, and what was returned, yielded or raised (an exception)."""

    key: Any
    value: Any


class Ended(Exception):
    """The value of a stream's last message, where it ended by itself."""


class Background(Protocol):
    """Where work runs that the loop must not wait for."""

    def call(self, key: object, work: Callable[[], object]) -> None:
        """Run it; one message with what it returned or raised."""

    def stream(self, key: object, items: Iterator[object]) -> None:
        """Run through it; a message for each item, and one with what ended it: what it raised, or Ended."""

    def next(self, seconds: float) -> Message | None:
        """The next message, waited for at most so many seconds; None if there was none."""

    def close(self) -> None:
        """Begin nothing that has not begun yet."""


class Threads:
    """Threads: so many for calls, and one for each stream, which ends with the process at the latest."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers)
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def call(self, key: object, work: Callable[[], object]) -> None:
        """See Background."""
        self._pool.submit(self._call, key, work)

    def stream(self, key: object, items: Iterator[object]) -> None:
        """See Background."""
        threading.Thread(target=self._stream, args=(key, items), daemon=True).start()

    def next(self, seconds: float) -> Message | None:
        """See Background."""
        try:
            return self._messages.get(timeout=seconds) if seconds > 0 else self._messages.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """See Background."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _call(self, key: object, work: Callable[[], object]) -> None:
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001  the loop raises what it does not expect
            value = error
        self._messages.put(Message(key, value))

    def _stream(self, key: object, items: Iterator[object]) -> None:
        def last() -> object:
            for item in items:
                self._messages.put(Message(key, item))
            return Ended()

        self._call(key, last)
