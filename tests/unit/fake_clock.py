# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock for tests, so that none of them sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A Clock that goes on only when told to, or when somebody sleeps. Starts at 2026-01-02 03:04:05 UTC."""

    def __init__(self) -> None:
        self._start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self._seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the test began, from 1000 on."""
        return 1000.0 + self._seconds

    def now(self) -> datetime:
        """The wall clock's time."""
        return self._start + timedelta(seconds=self._seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass, and note it in `slept`."""
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds
