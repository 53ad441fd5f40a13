# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How far a restart is, as a module writes it while it runs, and as lines for a person. Pure.

Nothing that a server, a program or a user has said is in it, besides names and the holder of a lock: that may hold a
secret, and only the result of a task is masked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

#: The environment variable with the path of the file that a module appends its reports to. Not for users.
VARIABLE = "SAFERESTART_K8S_PROGRESS_FILE"

#: Up to so many containers each has its line at once; of more than that only the failures have.
FEW = 20
#: Between two lines about many containers.
PAUSE_SECONDS = 1.0
#: After the last line, until one says what is waited for, and from then on.
FIRST_WAIT_SECONDS = 5.0
WAIT_SECONDS = 30.0
#: Characters of what is waited for.
MOST_CHARACTERS = 300

FAILURES = ("failed", "unchanged")


@dataclass(frozen=True, slots=True)
class Ended:
    """A container whose outcome is known (see OutcomeKind); seconds from the signal, None if nothing was sent."""

    pod: str
    container: str
    outcome: str
    seconds: float | None

    def __str__(self) -> str:
        when = ", nothing was sent"
        if self.seconds is not None:
            when = f" {'in' if self.outcome == 'restarted' else 'after'} {self.seconds:.1f} s"
        return f"{self.pod} {self.container}: {self.outcome}{when}"


@dataclass(frozen=True, slots=True)
class Report:
    """Where a run is. `left` containers have no outcome yet, `away` pods may be down because of it."""

    total: int
    left: int
    away: int
    waiting: str = ""
    """Why the next one has to wait, if there is one."""
    ended: tuple[Ended, ...] = ()
    """Those that ended since the report before."""

    def to_line(self) -> str:
        """As one line of JSON, ASCII only, with its end."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Report | None:
        """The same, read; None for what is no report."""
        try:
            found = json.loads(line)
            ended = tuple(_ended(**entry) for entry in found["ended"])
            return cls(int(found["total"]), int(found["left"]), int(found["away"]), str(found["waiting"]), ended)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a run waits for that restarts no containers itself, or not yet; empty once it waits no more."""

    words: str

    def to_line(self) -> str:
        """As one line of JSON, ASCII only, with its end."""
        return json.dumps({"waiting_for": self.words}) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Waiting | None:
        """The same, read; None for what is none."""
        try:
            return cls(str(json.loads(line)["waiting_for"]))
        except (LookupError, TypeError, ValueError):
            return None


def _ended(pod: object, container: object, outcome: object, seconds: float | None) -> Ended:
    return Ended(str(pod), str(container), str(outcome), None if seconds is None else float(seconds))


class Lines:
    """Makes lines of what is written: one for each container, or now and then one for many, and about a long wait.

    All moments are seconds on a monotonic clock.
    """

    def __init__(self, now: float) -> None:
        self._began = self._since = self._pace_since = now
        self._rest = ""
        self._report: Report | None = None
        self._waiting = Waiting("")
        self._counts: Counter[str] = Counter()
        self._untold: list[Ended] = []
        self._next = now
        self._said = self._next_wait = now

    def read(self, text: str, now: float) -> list[str]:
        """What is to be said now. `text` is what was written since the last time, up to anywhere in a line."""
        *whole, self._rest = (self._rest + text).split("\n")
        told: list[str] = []
        for entry in whole:
            if report := Report.from_line(entry):
                told += self._take(report, now)
            elif waiting := Waiting.from_line(entry):
                self._await(waiting, now)
        if self._untold and now >= self._next:
            told += self._tell(now)
        if told:
            self._said, self._next_wait = now, now + FIRST_WAIT_SECONDS
        elif now >= self._next_wait and (line := self._long_wait(now)):
            told = [line]
            self._said, self._next_wait = now, now + WAIT_SECONDS
        return [printable(line) for line in told]

    def end(self, text: str, now: float) -> list[str]:
        """The last lines, after which there are no more."""
        self._next = now
        return self.read(text, now)

    def _take(self, report: Report, now: float) -> Iterator[str]:
        """Take it in; the lines that must not wait."""
        if not self._report:
            self._said, self._next_wait = now, now + FIRST_WAIT_SECONDS
        if not self._report or report.waiting != self._report.waiting or report.ended:
            self._since = now
        self._report, self._waiting = report, Waiting("")
        for entry in report.ended:
            self._counts[entry.outcome] += 1
            if entry.outcome in FAILURES or report.total <= FEW:
                yield f"{entry}; {report.left} of {report.total} to go, {_away(report)}{self._more(report, now)}"
            else:
                self._untold.append(entry)

    def _await(self, waiting: Waiting, now: float) -> None:
        """Take it in. How far a controller is, is news, but not at every moment."""
        if not self._waiting.words:
            self._said, self._next_wait = now, now + FIRST_WAIT_SECONDS
        elif waiting != self._waiting:
            self._next_wait = min(self._next_wait, self._said + FIRST_WAIT_SECONDS)
        self._waiting, self._pace_since = waiting, now

    def _tell(self, now: float) -> Iterator[str]:
        self._untold, self._next = [], now + PAUSE_SECONDS
        if self._report:
            yield self._summary(self._report, now)

    def _long_wait(self, now: float) -> str:
        """What is waited for; empty where nothing is."""
        if self._waiting.words:
            return f"{self._waiting.words}; {now - self._began:.0f} s"
        if not (report := self._report) or not report.left:
            return ""
        why = f"; waiting for {now - self._since:.0f} s: {report.waiting}" if report.waiting else ""
        return self._summary(report, now) + why

    def _summary(self, report: Report, now: float) -> str:
        parts = [f"{self._counts['restarted']} of {report.total} restarted"]
        others = ("skipped", self._counts["skipped"]), ("failed", sum(self._counts[kind] for kind in FAILURES))
        parts += [f"{count} {word}" for word, count in others if count]
        return ", ".join([*parts, _away(report), f"{now - self._began:.0f} s"]) + self._more(report, now)

    def _more(self, report: Report, now: float) -> str:
        """How long the others are likely to take, at the pace so far; nothing before two have told what that is."""
        done, seconds = report.total - report.left, now - self._pace_since
        if done < 2 or not report.left or seconds < 1:
            return ""
        return f", about {report.left * seconds / done:.0f} s more"


def _away(report: Report) -> str:
    return f"{report.away} {'pod' if report.away == 1 else 'pods'} away"


def printable(text: str) -> str:
    """One line that a terminal shows as it is: what would move the cursor or turn text around is escaped."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
