# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Room in a pod's disruption budget, asked for before it is restarted in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import is_away
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.disruption_budget import (
    ENDED,
    Budget,
    costs_nothing,
    covering,
    may_not_ask,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    FORBIDDEN,
    ApiError,
    NotFound,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, POD_DISRUPTION_BUDGET
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import OVERLAPPING

#: Labels that each pod of a StatefulSet has a value of its own for.
OWN_LABELS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")
#: An answer holds so long.
FRESH_SECONDS = 1.0
#: The longest pause until it is asked again whether there is room by now. The first one is short: the budget of a pod
#: that has just come back is counted a moment later.
AGAIN_SECONDS = 3.0
#: Pods that a message names.
MOST_NAMED = 5

Source = Literal["server", "computed", "none"]


@dataclass(frozen=True, slots=True)
class Room:
    """Whether a pod may go down now; why not, or why nobody was asked; and who says so.

    `server`: its own judgement, by an eviction that is a dry run. `computed`: ours, by the budgets. `none`: no budget
    had to be asked, or could be.
    """

    allowed: bool
    words: str
    source: Source


EVICTABLE = Room(True, "", "server")
SEVERAL = Room(True, "each of its disruption budgets has room", "computed")
_T = TypeVar("_T")

IGNORED = Room(True, "disruption budgets are ignored", "none")
NOT_READY = Room(True, "it is not Ready, and no budget counts it", "none")
UNKNOWN = Room(True, "neither evictions nor disruption budgets may be asked", "none")
GONE = Room(True, "it is gone", "server")


@dataclass(frozen=True, slots=True)
class _Refused:
    """An answer that holds for a while, for pods like the one that it was given for."""

    room: Room
    flight: frozenset[str]
    pause: float
    until: float


class BudgetGate:
    """Asks for room in the disruption budgets of one namespace. For one thread.

    The server has no books on restarts in place, so whoever has pods in flight says which. What could not be checked is
    in `warnings`, once.
    """

    def __init__(self, api: ClusterApi, clock: Clock, namespace: str, mode: str) -> None:
        self.warnings: list[str] = []
        self._api = api
        self._clock = clock
        self._namespace = namespace
        self._ignore = mode == "ignore"
        self._not_to_be_asked: ApiError | None = None
        self._answered: set[str] = set()
        """Who has answered once: what is forbidden later is no reason to do without."""
        self._granted: dict[object, tuple[float, Room]] = {}
        """By the pod's UID, and by its kind where no budget covers it."""
        self._refused: dict[object, _Refused] = {}
        self._read: dict[str, tuple[float, Any]] = {}

    def room(self, pod: Pod, in_flight: Sequence[Pod] = ()) -> Room:
        """Whether the pod may be restarted now.

        `in_flight` are the pods that this run has taken down and not seen Ready again. The server is asked at most once
        per pod and second, and not for each pod like one that was refused, or that no budget covers. Where it cannot
        say just now there is no room. Raises ApiError for a refusal that is no budget's (an admission webhook's).
        """
        if self._ignore:
            return IGNORED
        others = [entry for entry in in_flight if entry.uid != pod.uid]
        flight = frozenset(entry.uid for entry in others)
        key, now = _kind(pod), self._clock.monotonic()
        last = self._refused.get(key)
        if last and pod.ready and last.flight == flight and now < last.until:
            return last.room
        try:
            room = self._ask(pod, others)
        except SafeRestartError as error:
            if not is_away(error):
                raise
            room = Room(False, f"it could not be asked for: {error}".rstrip("."), "none")
        if room.allowed:
            self._refused.pop(key, None)
        else:
            pause = min(AGAIN_SECONDS, 2 * last.pause) if last and last.flight == flight else FRESH_SECONDS
            self._refused[key] = _Refused(room, flight, pause, now + pause)
        return room

    def moments(self, now: float) -> Iterator[float]:
        """When those that were refused are to be asked for again, on the monotonic clock."""
        return (refused.until for refused in self._refused.values() if refused.until > now)

    def _ask(self, pod: Pod, others: Sequence[Pod]) -> Room:
        """What the server says, or where it may not be asked what can be computed, less those in flight."""
        room = self._known(pod)
        if room is None:
            room = self._judge(pod)
            self._granted[pod.uid] = (self._clock.monotonic(), room)
        if room.allowed and (room == SEVERAL or (others and room not in (NOT_READY, GONE, UNKNOWN))):
            return self._count(pod, others, room)
        return room

    def _known(self, pod: Pod) -> Room | None:
        """The answer about this pod, or about one like it where no budget covers either, if it still holds."""
        for key in (pod.uid, _kind(pod)):
            asked, room = self._granted.get(key, (0.0, None))
            if room is None or self._clock.monotonic() - asked >= FRESH_SECONDS:
                continue
            if key == pod.uid or (pod.ready and not covering(self._budgets() or [], pod)):
                return room
        return None

    def _judge(self, pod: Pod) -> Room:
        """The same of the pod alone."""
        if costs_nothing(pod) and self._still_costs_nothing(pod):
            return NOT_READY
        error = self._not_to_be_asked or self._refusal(pod)
        if error is None:
            return EVICTABLE
        if error.status == 500 or may_not_ask(error):
            return self._compute(pod, error)
        if error.status == 404 or "UID" in str(error):
            return GONE
        if self._still_costs_nothing(pod):
            return NOT_READY
        mine = covering(self._budgets() or [], pod)
        words = self._state(mine[0]) if len(mine) == 1 else str(error).rstrip(".")
        return Room(False, words, "server")

    def _refusal(self, pod: Pod) -> ApiError | None:
        """What the server has against the eviction, None if it is nothing. Raises ApiError for what is no budget's."""
        try:
            self._api.evict(self._namespace, pod.name, uid=pod.uid, dry_run=True)
        except ApiError as error:
            if may_not_ask(error):
                if "evict" in self._answered:
                    raise
                self._not_to_be_asked = error
            elif error.status not in (404, 409, 429) and not (error.status == 500 and OVERLAPPING in str(error)):
                raise
            else:
                self._answered.add("evict")
            return error
        self._answered.add("evict")
        return None

    def _still_costs_nothing(self, pod: Pod) -> bool:
        """Whether no budget counts it, by the pod as it is now."""
        try:
            return costs_nothing(Pod.from_object(self._api.get(POD, self._namespace, pod.name)))
        except NotFound:
            return True

    def _compute(self, pod: Pod, error: ApiError) -> Room:
        """Our own judgement."""
        budgets = self._budgets()
        if budgets is None and error.status == 500:
            words = "it has more than one PodDisruptionBudget, and these may not be listed"
            return Room(False, words, "server")
        if budgets is None:
            self._warn(
                "No disruption budget was asked: neither may pods/eviction be created nor poddisruptionbudgets be "
                f"listed in namespace {self._namespace}. {error}"
            )
            return UNKNOWN
        mine = covering(budgets, pod)
        if len(mine) > 1:
            return SEVERAL
        words = "".join(self._state(budget) for budget in mine if budget.obstacle())
        return Room(not words, words, "computed")

    def _count(self, pod: Pod, others: Sequence[Pod], room: Room) -> Room:
        """The same once pods are counted: where some are in flight, or where several budgets cover this one.

        Of these every one must have room; the server would not evict such a pod at all.
        """
        budgets = self._budgets()
        if budgets is None:
            self._warn(
                "Pods are restarted one at a time: poddisruptionbudgets may not be listed in namespace "
                f"{self._namespace}, and how many pods may be down is not known."
            )
            return replace(room, allowed=False, words="another pod is being restarted")
        mine = covering(budgets, pod)
        alike = not pod.owner or pod.owner.kind != "StatefulSet"  # a webhook may spare one of its pods, the leader
        if room == EVICTABLE and not mine and alike and pod.uid in self._granted:
            self._granted[_kind(pod)] = self._granted[pod.uid]
        uids = {entry.uid for entry in others}
        for budget in mine:
            if room != SEVERAL and not any(budget.covers(entry) for entry in others):
                continue
            if reason := budget.obstacle_by_count(self._pods(budget), uids):
                return replace(room, allowed=False, words=f"{reason}{self._unready(budget, uids)}")
        return room

    def _state(self, budget: Budget) -> str:
        """What stands in the way of one more, or its figures, and which of its pods are not Ready."""
        return f"{budget.obstacle() or budget.figures()}{self._unready(budget)}"

    def _unready(self, budget: Budget, in_flight: Collection[str] = ()) -> str:
        """Those of its pods that are not Ready for other reasons than us; empty for none."""
        pods = (pod for pod in self._pods(budget) if budget.covers(pod) and pod.phase not in ENDED)
        names = some_of((pod.name for pod in pods if not pod.ready and pod.uid not in in_flight), MOST_NAMED)
        return f"; not Ready: {names}" if names else ""

    def _budgets(self) -> list[Budget] | None:
        """All of the namespace; None where they may not be listed."""

        def read() -> list[Budget] | None:
            try:
                listing = self._api.list(POD_DISRUPTION_BUDGET, self._namespace)
            except ApiError as error:
                if error.status != FORBIDDEN or "list" in self._answered:
                    raise
                return None
            self._answered.add("list")
            return [Budget.from_object(obj) for obj in listing.items]

        return self._fresh("", read)

    def _pods(self, budget: Budget) -> list[Pod]:
        """The pods that its selector matches."""

        def read() -> list[Pod]:
            listing = self._api.list(POD, self._namespace, budget.label_selector)
            return [Pod.from_object(obj) for obj in listing.items]

        return self._fresh(budget.label_selector, read)

    def _fresh(self, key: str, read: Callable[[], _T]) -> _T:
        """What was read no longer ago than answers hold, or is read now."""
        then, known = self._read.get(key, (0.0, None))
        if key in self._read and self._clock.monotonic() - then < FRESH_SECONDS:
            value: _T = known
            return value
        value = read()
        self._read[key] = (self._clock.monotonic(), value)
        return value

    def _warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)


def _kind(pod: Pod) -> object:
    """What is the same for pods that are covered by the same budgets."""
    labels = frozenset(pair for pair in pod.labels.items() if pair[0] not in OWN_LABELS)
    return pod.owner, labels
