# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import VARIABLE, Waiting
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock that does not sleep; `fake_api` goes by the same one."""
    return FakeClock()


@pytest.fixture
def fake_api(clock: FakeClock) -> Iterator[FakeApi]:
    """A scripted cluster, whose script has to be used up by the end of the test."""
    api = FakeApi(clock)
    yield api
    api.assert_done()


@pytest.fixture
def waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What a run says that it waits for, one after the other; an empty one is the end of a wait."""
    path = tmp_path / "reports"
    monkeypatch.setenv(VARIABLE, str(path))

    def said() -> list[str]:
        lines = path.read_text(encoding="ascii").splitlines()
        return [found.words for line in lines if (found := Waiting.from_line(line))]

    return said
