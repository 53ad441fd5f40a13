# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""However late requests arrive and wrong clocks are, no two runs count on one lock at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import (
    LOOK_SECONDS,
    Holder,
    Lockable,
    LockState,
    Watched,
    holder_of,
    is_trusted,
    new_lease,
    renewed,
    taken_over,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

set_hypothesis_home_dir(Path(__file__).parents[5] / ".build" / "hypothesis")

CART = Lockable("shop", "Deployment", "cart")
RUNNERS = st.integers(0, 1)


@dataclass(slots=True)
class Runner:
    """One run, on a machine whose clocks are wrong and of another speed."""

    name: str
    offset: float
    speed: float
    watched: Watched = field(default_factory=Watched)
    held: JsonObject | None = None
    sent: float = 0.0
    flying: tuple[JsonObject, float] | None = None
    """A request to write that has not arrived: the Lease, and when it was sent."""

    def clock(self, time: float) -> float:
        """Its monotonic clock."""
        return self.offset + self.speed * time

    def wall(self, time: float) -> datetime:
        """Its wall clock, which nobody else should trust."""
        return datetime.fromtimestamp(1e9 + 50 * self.offset + time, UTC)


class TwoNeverHoldIt(RuleBasedStateMachine):
    """Two runs at one Lease: requests are late, answers are lost, processes are killed, and clocks differ."""

    @initialize(offsets=st.permutations([0.0, 500.0]), speeds=st.permutations([0.9, 1.1]))
    def begin(self, offsets: list[float], speeds: list[float]) -> None:
        self.time, self.version, self.lease = 0.0, 0, None
        self.runners = [Runner(f"run {i}", offsets[i], speeds[i]) for i in range(2)]

    def __init__(self) -> None:
        super().__init__()
        self.time, self.version = 0.0, 0
        self.lease: JsonObject | None = None
        self.runners: list[Runner] = []

    @rule(looks=st.sampled_from([1, 2, 9, 14]), blind=st.sampled_from([None, 0, 1]))
    def wait(self, looks: int, blind: int | None) -> None:
        """Time passes, in which all look at it again and again who want it; one of them may be stopped."""
        for _ in range(looks):
            self.time += LOOK_SECONDS
            for i in range(2):
                if i != blind:
                    self.want(i)

    @rule(i=RUNNERS)
    def want(self, i: int) -> None:
        """Look at the Lease, and ask for it where it seems free. The request is under way from then on."""
        me = self.runners[i]
        if me.held or me.flying:
            return
        holder, now = Holder(me.name), me.clock(self.time)
        if self.lease is None:
            me.flying = (new_lease(CART, holder, me.wall(self.time)), now)
        elif me.watched.see(self.lease, now) is LockState.FREE:
            me.flying = (taken_over(self.lease, CART, holder, me.wall(self.time)), now)

    @rule(i=RUNNERS)
    def take(self, i: int) -> None:
        """The same, with nothing in between."""
        self.want(i)
        self.arrive(i, answered=True)

    @rule(i=RUNNERS)
    def renew(self, i: int) -> None:
        me = self.runners[i]
        if me.held and not me.flying:
            me.flying = (renewed(me.held, me.wall(self.time)), me.clock(self.time))

    @rule(i=RUNNERS, answered=st.booleans())
    def arrive(self, i: int, answered: bool) -> None:
        """A request to write arrives; its answer may be lost."""
        me = self.runners[i]
        if not me.flying:
            return
        (body, sent), me.flying = me.flying, None
        asked = body["metadata"].get("resourceVersion")
        there = self.lease["metadata"]["resourceVersion"] if self.lease else None
        if asked == there:
            self.version += 1
            meta = {"uid": f"uid-{self.version}"} | body["metadata"] | {"resourceVersion": str(self.version)}
            self.lease = body | {"metadata": meta}
            if answered:
                me.held, me.sent = self.lease, sent
                return
        # Looks again: it is adopted where it is still its own, and otherwise lost.
        mine = self.lease is not None and holder_of(self.lease).identity == me.name
        me.held = self.lease if mine and me.held else None

    @rule(i=RUNNERS)
    def let_go(self, i: int) -> None:
        me = self.runners[i]
        if me.held and not me.flying:
            if self.lease and self.lease["metadata"] == me.held["metadata"]:
                self.lease = None
            me.held = None

    @rule(i=RUNNERS)
    def kill(self, i: int) -> None:
        """Another process takes its place; the request that was under way may still arrive, and nobody hears of it."""
        me = self.runners[i]
        if me.flying:
            self.arrive(i, answered=False)
        self.version += 1
        self.runners[i] = Runner(f"run {i} after {self.version}", me.offset, me.speed)

    @invariant()
    def one_holds_it(self) -> None:
        sure = [run.name for run in self.runners if run.held and is_trusted(run.sent, run.clock(self.time))]
        assert len(sure) <= 1, sure


TwoNeverHoldIt.TestCase.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, derandomize=True, database=None
)
TestTwoNeverHoldIt = TwoNeverHoldIt.TestCase
