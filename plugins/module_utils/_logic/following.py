# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers of one pod, from before a signal until they are Ready again: the proof of a restart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import Stage, stage
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds: the old instances may take to end, the new ones to be Ready, and have to stay so."""

    grace: float
    wait: float
    steady: float


@dataclass(frozen=True, slots=True)
class Followed:
    """How it went, in a sentence, and the pod as it was last seen."""

    kind: OutcomeKind
    reason: str
    pod: Pod | None
    since: float | None = None
    """When the new instances were first seen to run, all of them, by the monotonic clock."""


class Following:
    """Told what is seen of the pod, and when, it says how it went as soon as that is clear.

    Times are seconds of a monotonic clock. At `due` the time of the phase is up, unless something is seen before.
    """

    def __init__(
        self,
        containers: Sequence[Container],
        pod: Pod,
        patience: Patience,
        now: float,
        *,
        lost: Callable[[Container], bool] = lambda _container: False,
        together: bool = False,
    ) -> None:
        """They are followed from `now`. Where `lost` says so of one as it is, it is waited for no longer.

        `together`: the end of the first one is to restart them all.
        """
        self._together = together
        self._containers, self._before, self._patience, self._lost = containers, pod, patience, lost
        self._stage, self._seen = Stage.UNTOUCHED, pod
        self.began = now
        self._end: float | None = None
        self.ended_at: float | None = None
        """When it was first seen that they no longer run as they did before."""
        self.ended_again: Container | None = None
        """One of them whose new instance has ended, as it was then."""
        self._gone = False
        self._since: tuple[float, list[str]] | None = None
        self.due = now + patience.grace

    @property
    def ready(self) -> bool:
        """They are Ready, and only have to stay so."""
        return self._stage is Stage.READY

    @property
    def started(self) -> bool:
        """The new instances run."""
        return self._stage in (Stage.STARTED, Stage.READY)

    def see(self, seen: Pod | None, now: float) -> Followed | None:
        """The pod as it is now, None where it is gone; how it went, once that is clear."""
        was, self._stage = self._stage, self._reached(seen)
        if self._stage is Stage.LOST:
            return Followed("failed", "the pod was deleted meanwhile", seen)
        self._seen = seen or self._seen
        self._note_start(now)
        again = (new for old, new in zip(self._containers, self._now(), strict=True) if _ended_again(old, new))
        self.ended_again = next(again, self.ended_again)
        if self._end is None and self._stage is not Stage.UNTOUCHED:
            self.ended_at = now
            self._end = self.due = now + self._patience.wait
        if self._end is not None and (was is Stage.READY) is not (self._stage is Stage.READY):
            self.due = self._end
            if self._stage is Stage.READY:
                if self._patience.steady <= 0:
                    return self.at_end()
                self.due = now + self._patience.steady
        if self._stage is Stage.DOWN and (gone := [entry for entry in self._now() if self._lost(entry)]):
            return Followed("failed", f"it cannot start ({_state(gone[0])})", self._seen)
        if self._together and self._alone():
            ended = self._now()[0].termination
            code = f"it ended with exit code {ended.exit_code}" if ended else "its exit code is not known"
            words = f"it alone was restarted, and not all containers of the pod: {code}"
            return Followed("failed", f"{words}, or the kubelet of its node does not know such a rule", self._seen)
        return None

    def ended(self, now: float) -> bool:
        """The old instances are gone, as a session says: the status is behind. False if that was known already."""
        if self._gone:
            return False
        self._gone = True
        if self._end is None:
            self.ended_at = now
            self._end = self.due = now + self._patience.wait
        return True

    def ask_again(self, seconds: float, now: float) -> bool:
        """Nobody could be asked how it is: look again after so many seconds. False once that was tried for too long."""
        end = (self.began + self._patience.grace if self._end is None else self._end) + self._patience.wait
        if now >= end:
            return False
        self.due = min(now + seconds, end)
        return True

    def at_end(self) -> Followed:
        """How it went, now that the time is up."""
        if self._stage is Stage.READY:
            since = self._since[0] if self._since else None
            return Followed("restarted", "a new instance of the container is Ready", self._seen, since)
        if self._stage is Stage.UNTOUCHED and self._gone:
            words = f"it ended, and its status has told of no new instance within {self._patience.wait:g} s"
            return Followed("failed", words, self._seen)
        if self._stage is Stage.UNTOUCHED:
            return Followed("unchanged", f"it did not end within {self._patience.grace:g} s", self._seen)
        return Followed("failed", self._not_ready(), self._seen)

    def _note_start(self, now: float) -> None:
        """Write down since when these new instances run; others may have taken the place of the first ones."""
        running = [entry.container_id for entry in self._now()]
        if self._stage not in (Stage.STARTED, Stage.READY):
            self._since = None
        elif self._since is None or self._since[1] != running:
            self._since = now, running

    def _reached(self, seen: Pod | None) -> Stage:
        """How far they have come together."""
        stages = {stage(container, self._before.ready, seen) for container in self._containers}
        if len(stages) == 1:
            return stages.pop()
        return Stage.LOST if Stage.LOST in stages else Stage.DOWN

    def _alone(self) -> bool:
        """Whether the first one runs anew and another one as before: the kubelet ends all before it starts any."""
        first, *others = (stage(container, self._before.ready, self._seen) for container in self._containers)
        return first in (Stage.STARTED, Stage.READY) and Stage.UNTOUCHED in others

    def _now(self) -> list[Container]:
        """These containers as they were last seen."""
        return [self._seen.container(entry.name) or entry for entry in self._containers]

    def _not_ready(self) -> str:
        """How far that one came that was not Ready in time, the first that is not Ready itself."""
        pairs = [
            pair
            for pair in zip(self._containers, self._now(), strict=True)
            if stage(pair[0], self._before.ready, self._seen) is not Stage.READY
        ]
        before, container = next((pair for pair in pairs if not pair[1].ready), pairs[0])
        if container.restart_count > before.restart_count and container.running:
            words = "it was restarted, but is not Ready"
        elif _ended_again(before, container):
            words = "it was restarted, but has ended again"
        elif container.running:
            words = "it was not restarted"
        else:
            words = "it ended and was not started again"
        whose = "" if container.name == self._containers[0].name else f"of container {container.name}: "
        return f"{whose}{words} within {self._patience.wait:g} s ({_state(container)})"


def _ended_again(before: Container, now: Container) -> bool:
    """Whether an instance after that one has ended, and none runs."""
    ran = now.restart_count > before.restart_count and now.container_id not in ("", before.container_id)
    return ran and not now.running


def _state(container: Container) -> str:
    """In the kubelet's words, and how the last instance ended where none runs."""
    words = f"{container.state} {container.state_reason} {container.state_message}".strip()
    ended = None if container.running else container.termination
    return f"{words}, exit code {ended.exit_code}" if ended else words
