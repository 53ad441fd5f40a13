# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who is told how far a run is, while it runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import (
    MOST_CHARACTERS,
    VARIABLE,
    Ended,
    Report,
    Waiting,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import ContainerOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod

#: What is written at most, in all: enough for some ten thousand containers.
MOST_BYTES = 4 * 1024 * 1024


class Step(Protocol):
    """A container that is to be restarted, and what became of it."""

    pod: Pod
    container: Container
    outcome: ContainerOutcome | None


class Reporter(Protocol):
    """Is told again and again."""

    def see(self, steps: Iterable[Step], away: int, waiting: str) -> None:
        """All containers with what became of them up to now, how many pods may be down, and why the next one waits."""

    def wait(self, words: str) -> None:
        """What the run waits for that restarts no containers itself, or not yet; empty once it waits no more."""


class Silent:
    """Tells nobody."""

    def see(self, steps: Iterable[Step], away: int, waiting: str) -> None:
        """See Reporter."""

    def wait(self, words: str) -> None:
        """See Reporter."""


class ToFile:
    """Appends what is new to a file, see Report, as long as that works: no restart fails because of it."""

    def __init__(self, path: Path) -> None:
        self._path, self._room = path, MOST_BYTES
        self._told: set[tuple[str, str]] = set()
        self._last = Report(0, 0, 0)
        self._waiting = Waiting("")

    def see(self, steps: Iterable[Step], away: int, waiting: str) -> None:
        """See Reporter."""
        known, total, ended = len(self._told), 0, []
        for step in steps:
            total += 1
            key = step.pod.uid, step.container.name
            if (outcome := step.outcome) and key not in self._told:
                self._told.add(key)
                ended.append(Ended(step.pod.name, step.container.name, outcome.outcome, outcome.seconds))
        left = total - known - len(ended)
        report = Report(total, left, away, waiting[:MOST_CHARACTERS], tuple(ended))
        if ended or report != self._last:
            self._write(report.to_line())
        self._last = Report(total, left, away, report.waiting)

    def wait(self, words: str) -> None:
        """See Reporter."""
        waiting = Waiting(words[:MOST_CHARACTERS])
        if waiting != self._waiting:
            self._write(waiting.to_line())
        self._waiting = waiting

    def _write(self, line: str) -> None:
        self._room -= len(line)
        if self._room < 0:
            return
        try:
            with self._path.open("a", encoding="ascii") as file:
                file.write(line)
        except OSError:
            self._room = 0


def asked_for() -> Reporter:
    """The one that whoever started this process asks for, in its environment."""
    path = os.environ.get(VARIABLE)
    return ToFile(Path(path)) if path else Silent()


@contextmanager
def waiting(words: str = "") -> Iterator[Callable[[str], None]]:
    """For a wait that may be long: what it waits for can be told again and again, and is forgotten at the end."""
    reporter = asked_for()
    reporter.wait(words)
    try:
        yield reporter.wait
    finally:
        reporter.wait("")
