# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prediction against a small model of the kubelet, written after its code: never out of bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.back_off import back_off, hold
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[5] / ".build" / "hypothesis")

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
#: How often this kubelet works on the pod, in seconds: more often than a real one, which waits no shorter for that.
SYNC = 0.5


def text(moment: float) -> str:
    """A moment in seconds, as a status has it: whole ones."""
    return f"{BEGIN + timedelta(seconds=int(moment)):%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class Entry:
    """What the kubelet remembers of the container's last start."""

    seconds: float
    updated: float


@dataclass
class Life:
    """One instance of the container, in seconds from the start until its end."""

    ran: float
    killed: bool = False
    """The kubelet stopped it, for a failed probe."""
    failures: int = 0
    """So many starts after it came to nothing."""
    slow: float = 0.0
    """How long the start after it took."""


@dataclass
class Kubelet:
    """doBackOff and flowcontrol.Backoff for one container, with the default settings."""

    now: float = 0.0
    entry: Entry | None = None
    exits: list[tuple[float, float]] = field(default_factory=list)
    """Start and end of each instance that is gone."""
    started: float = 0.0

    def may_start(self, exited: float | None) -> bool:
        """doBackOff: whether a start is tried now, by the end of the newest instance that it knows to have ended."""
        if self.entry and self.now - self.entry.updated > 600:  # housekeeping
            self.entry = None
        if exited is None:
            return True
        expired = self.entry is None or exited - self.entry.updated > 600
        if self.entry and not expired and self.now - exited < self.entry.seconds:
            return False
        self.entry = Entry(10 if self.entry is None or expired else min(2 * self.entry.seconds, 300), self.now)
        return True

    def live(self, life: Life) -> float:
        """The running instance ends, and another one is started. Returns how long the kubelet waited with it."""
        before = self.exits[-1][1] if self.exits else None
        self.now = ended = self.started + life.ran
        self.exits.append((self.started, ended))
        exited = before if life.killed else ended
        failures = life.failures
        while True:
            if self.may_start(exited):
                if not failures:
                    break
                failures -= 1
            exited = ended
            self.now += SYNC
        waited = self.now - ended
        self.now += life.slow
        self.started = self.now
        return waited

    def pod(self, *, probe: bool) -> Pod:
        """What the API tells of it."""
        status = container("app", len(self.exits), state={"running": {"startedAt": text(self.started)}})
        if self.exits:
            began, ended = map(text, self.exits[-1])
            status["lastState"] = {"terminated": {"exitCode": 0, "startedAt": began, "finishedAt": ended}}
        spec = {"containers": [{"name": "app"} | ({"livenessProbe": {}} if probe else {})]}
        return Pod.from_object(pod("a", containers=[status], spec=spec, meta={"creationTimestamp": text(0)}))


RUNS = st.one_of(st.floats(0, 60), st.floats(60, 900), st.sampled_from([0.0, 10.0, 20.0, 599.0, 600.0, 601.0]))


def lives(*, killed: bool) -> st.SearchStrategy[list[Life]]:
    """What a container has been through."""
    failures = st.sampled_from([0, 0, 0, 0, 1, 2])
    one = st.builds(
        Life,
        ran=RUNS,
        killed=st.booleans() if killed else st.just(False),
        failures=failures,
        slow=st.one_of(st.floats(0, 2), st.floats(0, 90)),
    )
    return st.lists(one, max_size=9)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.booleans().flatmap(lambda probe: st.tuples(st.just(probe), lives(killed=probe))), RUNS)
@example((False, [Life(5), Life(5), Life(5), Life(5), Life(5), Life(5), Life(5)]), 595.0)
@example((True, [Life(5), Life(300, killed=True), Life(300, killed=True)]), 5.0)
def test_never_out_of_bounds(history: tuple[bool, list[Life]], runs: float) -> None:
    probe, past = history
    kubelet = Kubelet()
    for life in past:
        kubelet.live(life)
    seen = kubelet.pod(probe=probe)
    ends = BEGIN + timedelta(seconds=kubelet.started + runs)
    told, held = back_off(seen, seen.containers[0], ends), hold(seen.containers[0], ends)
    waited = kubelet.live(Life(runs))
    assert told.least <= told.seconds <= told.most
    assert told.least <= waited <= told.most + SYNC
    assert held or not waited  # a signal that is held for as long is answered at once


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(0, 60), max_size=9), st.floats(0, 60))
def test_likely_is_right_where_nothing_special_happened(past: list[float], runs: float) -> None:
    kubelet = Kubelet()
    for ran in past:
        kubelet.live(Life(ran))
    seen = kubelet.pod(probe=False)
    told = back_off(seen, seen.containers[0], BEGIN + timedelta(seconds=kubelet.started + runs))
    assert told.seconds <= kubelet.live(Life(runs)) <= told.seconds + SYNC
