# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods replaced by deletion: by their controllers, some at a time; new ones are Ready before the next ones go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.availability import Availability
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    Lacking,
    counted,
    gone_for_good,
    may_go,
    pair,
    reread,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import REFRESH_SECONDS, refreshed
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.replace_failure import Stuck, explain
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import How, Turn, take_down

#: Between two tries to evict a pod whose budget has no room, as kubectl drain waits (kubectl, pkg/drain/drain.go).
RETRY_SECONDS = 5.0
#: A change in the namespace may have made room; but not more tries than this.
LEAST_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the pods, as far as it got."""

    pods: list[PodOutcome]
    """Of each that was to be replaced."""
    awaited: list[tuple[Pod, bool]]
    """Made since what was to be replaced, but not for it: each as it was last seen, and whether it does its work."""
    problem: str | None
    """What went wrong, without a full stop; None where nothing did."""


def rolling_delete(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    namespace: str,
    selector: str,
    listing: Listing,
    pods: Sequence[Pod],
    how: How,
) -> Replaced:
    """Replace `pods` in that order, each owner's in a window of their own, until all are replaced or one cannot be.

    `listing` was made with the label selector `selector`, and has all pods of the owners, also those that are to stay.
    """
    work = _Replacement(api, clock, how, namespace, listing, pods, deadline.seconds)
    objects: Mapping[str, JsonObject] = {obj["metadata"]["uid"]: obj for obj in listing.items}
    stuck = Stuck({}, None)
    try:
        watch = observe(api, clock, deadline, POD, namespace, label_selector=selector, start=listing, wake=work.wake)
        done = not work.queues
        with waiting() as tell:
            for objects in watch if work.queues else ():
                before = work.replaced
                if done := work.step(objects):
                    break
                tell(work.how_far)
                if how.renew and work.replaced > before:
                    deadline.restart(deadline.seconds)
        if not done:
            queues = [(queue.group, queue.turns) for queue in work.queues if not queue.done]
            stuck = explain(api, namespace, how, deadline.seconds, queues, objects)
    except SafeRestartError as error:
        stuck = Stuck({}, str(error).rstrip("."))
    outcomes = [turn.to_outcome(how.method, stuck.reasons.get(turn.pod.uid, "")) for turn in work.turns]
    return Replaced(outcomes, list(work.awaited()), stuck.problem)


@dataclass(slots=True)
class _Queue:
    """The pods of one owner: whose turn it is, and which new pod is in whose place."""

    group: Group
    turns: list[Turn]
    resumes: bool
    """Whether an earlier run may have taken pods down, and the owner says how many it wants."""
    members: list[JsonObject] = field(default_factory=list)
    available: set[str] = field(default_factory=set)
    """UIDs of the pods that do their work, and that we have not taken down."""
    pairs: dict[str, str] = field(default_factory=dict)
    lacking: Lacking | None = None
    """What an earlier run may have taken down; None where that is not asked for, or before the first look."""

    @property
    def done(self) -> bool:
        """Every pod has been replaced, and its replacement is Ready still."""
        if not all(turn.done for turn in self.turns):
            return False
        return self.lacking is None or self.lacking.made_good(self.group, self.members, self.available)

    def settle(self, present: Mapping[str, Pod], first: frozenset[str], now: float) -> None:
        """Find out which of the pods are replaced."""
        taken = [turn for turn in self.turns if turn.state == "taken"]
        fresh = [obj for obj in self.members if obj["metadata"]["uid"] not in first]
        fresh = [obj for obj in fresh if obj["metadata"]["uid"] in self.available or not gone_for_good(obj)]
        self.pairs = pair(self.group, [turn.pod for turn in taken], fresh, self.pairs) if self.group.uid else {}
        enough = not self.group.uid or len(self.available) >= (self.group.desired or 0)
        for turn in taken:
            new = self.pairs.get(turn.pod.uid)
            turn.after = present[new] if new else None
            replaced = turn.pod.uid not in present and (enough or new in self.available)
            turn.seconds = (turn.seconds or now - turn.began) if replaced else None

    def next(self, present: Mapping[str, Pod], *, force: bool) -> Turn | None:
        """The turn of the pod that may go now; those that are gone without us are noted on the way.

        With `force` a pod that is on its way out is not gone, but stuck.
        """
        for turn in self.turns:
            if turn.state != "waiting":
                continue
            seen = present.get(turn.pod.uid)
            if seen is None or (seen.terminating and not force):
                turn.state = "gone"
                turn.words = "it is being deleted by somebody else" if seen else "it was gone already"
                continue
            counts, in_flight = seen.uid in self.available, sum(turn.in_flight for turn in self.turns)
            may = may_go(self.group, seen, available=len(self.available), counts=counts, in_flight=in_flight)
            return turn if may else None
        return None


class _Replacement:
    """All queues, and what is known of the pods."""

    def __init__(
        self,
        api: ClusterApi,
        clock: Clock,
        how: How,
        namespace: str,
        listing: Listing,
        pods: Sequence[Pod],
        patience: float,
    ) -> None:
        self._api, self._clock, self._how, self._namespace, self._patience = api, clock, how, namespace, patience
        self._first = frozenset(obj["metadata"]["uid"] for obj in listing.items)
        self._availability = Availability(how.min_ready_seconds)
        self._pods: dict[str, tuple[JsonObject, Pod]] = {}
        self._next = self._refresh = clock.monotonic() + REFRESH_SECONDS
        self.turns = [Turn(pod) for pod in pods]
        self.queues = []
        for group in how.groups:
            turns = [turn for turn in self.turns if group.owns(turn.pod)]
            members = [obj for obj in listing.items if group.owns(Pod.from_object(obj))]
            # Nobody wants a number that was only counted: pods of a Job, or of a ReplicaSet that goes, just end.
            resumes = how.since is not None and group.desired is not None
            self.queues.append(_Queue(counted(group, members), turns, resumes))
        self.replaced = 0

    @property
    def how_far(self) -> str:
        """For somebody who waits."""
        done, down = sum(turn.done for turn in self.turns), sum(turn.in_flight for turn in self.turns)
        return f"{done} of {len(self.turns)} pods are replaced, {down} of the others down"

    def wake(self) -> float | None:
        """When to look again although nothing changed: a Ready pod has lasted, a budget is to be asked again."""
        return max(0.0, self._next - self._clock.monotonic())

    def step(self, objects: Mapping[str, JsonObject]) -> bool:
        """Look at the pods as they are now, take down what may go; True once all are replaced."""
        present = self._look(objects)
        if self._clock.monotonic() >= self._refresh:
            self._refresh = self._clock.monotonic() + REFRESH_SECONDS
            for queue in self.queues:
                queue.group = queue.group if queue.done else refreshed(self._api, self._namespace, queue.group)
        for queue in self.queues:  # all of them before the first request, after which the run may be over
            self._sort(queue, objects, present)
        for queue in self.queues:
            while turn := queue.next(present, force=self._how.grace_seconds == 0):
                if self._too_early(turn) or not self._take(turn):
                    break
                queue.available.discard(turn.pod.uid)
        good = sum(does_its_work for _pod, does_its_work in self.awaited())
        self.replaced = max(self.replaced, good + sum(turn.done for turn in self.turns))
        self._next = min([self._refresh, *self._moments()])
        return all(queue.done for queue in self.queues)

    def awaited(self) -> Iterator[tuple[Pod, bool]]:
        """Pods that may be in the place of what was taken down before, and whether they do their work."""
        for queue in self.queues:
            if queue.lacking is None:
                continue
            mine = set(queue.pairs.values()) | {turn.pod.uid for turn in queue.turns}
            for obj in queue.members:
                uid = obj["metadata"]["uid"]
                if uid not in mine and (uid in queue.lacking.fresh or uid not in self._first):
                    yield self._pods[uid][1], uid in queue.available

    def _look(self, objects: Mapping[str, JsonObject]) -> dict[str, Pod]:
        """The pods, read once for each change."""
        self._pods = reread(self._pods, objects)
        return {uid: pod for uid, (_obj, pod) in self._pods.items()}

    def _sort(self, queue: _Queue, objects: Mapping[str, JsonObject], present: Mapping[str, Pod]) -> None:
        """Note which pods are the owner's, which of them do their work, and what is replaced."""
        now = self._clock.monotonic()
        self._availability.begin(objects, now, self._clock.now())
        queue.members = [objects[uid] for uid, pod in present.items() if queue.group.owns(pod)]
        taken = {turn.pod.uid for turn in queue.turns if turn.state == "taken"}
        queue.available = self._availability.available(queue.group, queue.members, now) - taken
        if (since := self._how.since) and queue.resumes and queue.lacking is None:
            meant = {turn.pod.uid for turn in queue.turns}
            wall, patience = self._clock.now(), self._patience
            queue.lacking = Lacking.of(queue.members, queue.available, meant, since, wall, patience)
        queue.settle(present, self._first, now)

    def _too_early(self, turn: Turn) -> bool:
        """Whether a pod that was refused is not to be tried yet: a change makes it worth a try, but not a flood."""
        now = self._clock.monotonic()
        if not turn.retry_at or now >= (soonest := turn.began + LEAST_RETRY_SECONDS):
            return False
        turn.retry_at = min(turn.retry_at, soonest)
        return True

    def _take(self, turn: Turn) -> bool:
        """Take the pod down; False if it has to be tried again."""
        answer = take_down(self._api, self._how, turn.pod)
        now = self._clock.monotonic()
        turn.words = answer.words
        if answer.kind == "later":
            turn.retry_at, turn.began = now + RETRY_SECONDS, now
            return False
        turn.state, turn.began = answer.kind, now
        return True

    def _moments(self) -> Iterable[float]:
        """When something is going to be true although nothing changes."""
        now = self._clock.monotonic()
        for queue in self.queues:
            if not queue.done:
                yield from (turn.retry_at for turn in queue.turns if turn.state == "waiting" and turn.retry_at > now)
                yield from self._availability.moments(queue.group, queue.members, now)
