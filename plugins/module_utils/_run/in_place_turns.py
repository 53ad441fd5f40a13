# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whose turn it is: pods with their containers, one container of a pod after the other, what has to be tried first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Followed, Following
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Signalled

#: Seconds until a container that was out of reach is tried again.
FIRST_PAUSE, MOST_PAUSE = 2.0, 10.0
#: Containers that one node has to start at a time. With many more it takes longer to start them all: a container
#: runtime that does not come round to the end of one in time tries again seconds later (make benchmark shows it).
MOST_STARTING = 24
#: One that takes longer than this costs the node nothing: it ends slowly, or the kubelet waits with it.
STARTING_SECONDS = 10.0


@dataclass(slots=True, eq=False)
class Turn:
    """One pod, and how far it is. A busy one has a session open, or does what no watch tells of."""

    pod: Pod
    steps: list[Step]
    step: Step
    """The container that it is about."""
    state: Literal["waiting", "busy", "following", "between", "done"] = "waiting"
    """Between two of its containers it is as good as down: it needs no more room for the next one."""
    began: float = 0.0
    """When the container's turn came, by the monotonic clock."""
    sent: Signalled | None = None
    following: Following | None = None
    result: Followed | None = None
    """How it went, where only the reason is still asked for."""
    put_off: float | None = None
    """Since when it was out of reach, by the monotonic clock."""
    not_before: float = 0.0
    """When it may be begun with: it was out of reach, or its pod has to run for longer first (min_started_seconds)."""

    @property
    def away(self) -> bool:
        """It may be down because of us."""
        return self.state in ("busy", "following", "between")

    @property
    def starts_until(self) -> float:
        """Until when its container counts as being started, by the monotonic clock; 0 where it does not."""
        following = self.following if self.state == "following" else None
        return following.began + STARTING_SECONDS if following and not following.started else 0.0


class Turns:
    """All of them, in their order: what has to be tried first comes first, and holds for all containers like it."""

    def __init__(self, steps: Sequence[Step]) -> None:
        """Of steps that are sorted by pods."""
        self._all = []
        for _uid, group in groupby(steps, key=lambda step: step.pod.uid):
            mine = list(group)
            self._all.append(Turn(mine[0].pod, mine, mine[0]))
        self._all.sort(key=lambda turn: all(step.trial is None for step in turn.steps))
        self._trials: dict[tuple[str, ...], Step] = {}

    def __iter__(self) -> Iterator[Turn]:
        return iter(self._all)

    @property
    def steps(self) -> Iterator[Step]:
        """The containers of all pods."""
        return (step for turn in self._all for step in turn.steps)

    @property
    def active(self) -> list[Turn]:
        """Those that something is done to."""
        return [turn for turn in self._all if turn.away]

    @property
    def busy(self) -> int:
        """How many have something done beside the loop."""
        return sum(turn.state == "busy" for turn in self._all)

    @property
    def followed(self) -> Iterator[tuple[Turn, Following]]:
        """Those that are followed, with what is known of them."""
        return ((turn, turn.following) for turn in self._all if turn.state == "following" and turn.following)

    def starting(self, now: float) -> Counter[str]:
        """How many containers are being started on each node, by its name, see MOST_STARTING."""
        starting: Counter[str] = Counter()
        for turn in self._all:
            if turn.state == "busy" or turn.starts_until > now:
                starting[turn.pod.node] += len(turn.step.followed)
        return starting

    @property
    def away(self) -> set[str]:
        """The UIDs of the pods that may be down because of us."""
        return {turn.pod.uid for turn in self._all if turn.away}

    def pausing(self, now: float) -> Iterator[Turn]:
        """Pods whose next container has to wait until the one before has run for long enough (min_started_seconds)."""
        return (turn for turn in self._all if turn.state == "between" and now < turn.not_before)

    def advance(self, turn: Turn) -> bool:
        """Go to the pod's next container; False, and the pod is done, if there is none, or none may be."""
        for step in turn.steps:
            first = self._trials.get(step.trial) if step.trial else None
            tried = first.outcome if first and first is not step else None
            if step.outcome is None and tried and tried.outcome != "restarted":
                step.outcome = step.skipped(f"tried on {first}: {tried.reason}", measured=True)
            if step.outcome is None:
                turn.step = step
                return True
        turn.state = "done"
        return False

    def may_go_on(self, turn: Turn, now: float) -> bool:
        """Whether the pod, which is down already as far as its owner goes, may have its next container restarted."""
        return turn.state == "between" and now >= turn.not_before and not self.tried_elsewhere(turn)

    def tried_elsewhere(self, turn: Turn) -> Step | None:
        """The container that is tried now, where what comes of that has to be known first."""
        first = self._trials.get(turn.step.trial) if turn.step.trial else None
        return first if first is not turn.step and first is not None and first.outcome is None else None

    def begin(self, turn: Turn, now: float) -> Step:
        """The container's turn has come."""
        step = turn.step
        if step.trial:
            self._trials.setdefault(step.trial, step)
        turn.state, turn.began = "busy", now
        turn.sent = turn.following = turn.result = None
        return step

    def out_of_reach(self, turn: Turn, now: float, patience: float) -> bool:
        """Nothing was sent, and it is tried again after a pause; False once that was done for so many seconds."""
        if turn.put_off is None or now >= turn.not_before + MOST_PAUSE:  # it had to wait for others since
            turn.put_off = now
        if now - turn.put_off >= patience:
            return False
        turn.not_before = now + min(MOST_PAUSE, max(FIRST_PAUSE, now - turn.put_off))
        turn.state = "waiting"
        self.not_tried(turn.step)
        return True

    def not_tried(self, step: Step) -> None:
        """Nothing is known from it after all: the next one like it is the first."""
        if step.trial and self._trials.get(step.trial) is step:
            del self._trials[step.trial]
