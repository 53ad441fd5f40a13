# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from datetime import UTC, timedelta

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Deadline, SystemClock
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock


def test_a_deadline_passes_once(clock: FakeClock) -> None:
    deadline = Deadline(clock, 10)
    assert (deadline.remaining(), deadline.passed()) == (10, False)
    clock.advance(9.5)
    assert (deadline.remaining(), deadline.passed()) == (0.5, False)
    clock.advance(0.5)
    assert (deadline.remaining(), deadline.passed()) == (0, True)
    clock.advance(5)
    assert (deadline.remaining(), deadline.passed()) == (0, True)


@pytest.mark.parametrize("late", [0, 3, 60], ids=["at once", "in time", "when it has passed"])
def test_a_deadline_is_counted_anew_from_now(clock: FakeClock, late: float) -> None:
    deadline = Deadline(clock, 10)
    clock.advance(late)
    deadline.restart(20)
    assert (deadline.remaining(), deadline.seconds) == (20, 20)


def test_the_machines_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = SystemClock()
    clock.sleep(3)
    assert slept == [3]
    assert clock.monotonic() <= clock.monotonic()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().tzinfo is UTC
