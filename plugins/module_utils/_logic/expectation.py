# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a signal is expected to do: whether the forecast speaks against it, and whether it has happened. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import ListedProcess, ProcessList
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind

# A program that handles one of these ends on it, by convention; to handle another one it has a reason of its own.
_ENDS = frozenset({"SIGTERM", "SIGINT", "SIGQUIT"})


class Expect(StrEnum):
    """What is to happen."""

    RESTART = "restart"
    """The container comes back as a new instance."""
    RELOAD = "reload"
    """The process stays, its children are replaced, and the container stays."""
    NOTHING = "nothing"
    """The process and the container stay."""


def contradiction(expect: Expect, verdict: Verdict) -> str | None:
    """Why the forecast speaks against it, or None where it does not. `unknown` speaks against everything."""
    kind, name, reason = verdict.kind, verdict.signal, verdict.reason
    if kind is VerdictKind.UNKNOWN:
        return reason
    by_default = kind is VerdictKind.DEFAULT and verdict.default_acts
    if expect is Expect.RESTART:
        return None if verdict.ends else reason
    if by_default:
        return f"{reason}, so that it {'stops' if verdict.survives else 'ends'}"
    if verdict.ends and name in _ENDS:
        return f"{reason}, and programs that handle {name} end on it"
    return reason if expect is Expect.RELOAD and not verdict.acts else None


@dataclass(frozen=True, slots=True)
class Family:
    """A process and its children at one moment."""

    head: ListedProcess
    workers: tuple[ListedProcess, ...]

    @classmethod
    def of(cls, head: ListedProcess, listing: ProcessList) -> Family:
        """The process and those that it started."""
        return cls(head, listing.children(head.pid))

    def replaced_by(self, now: Family) -> bool:
        """Whether the workers are others now.

        Old ones may still finish what they do (nginx lets its connections end). But then there have to be as many new
        ones as there were: a single new one may stand for one that crashed.
        """
        new = now._keys - self._keys
        return bool(new) and (not self.lingering(now) or len(new) >= len(self.workers))

    def lingering(self, now: Family) -> int:
        """How many of the old workers are still there."""
        return len(now._keys & self._keys)

    @property
    def _keys(self) -> set[tuple[int, int]]:
        """What tells each worker from its successor."""
        return {(entry.pid, entry.start_time) for entry in self.workers}
