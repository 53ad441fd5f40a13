# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Room in a pod's disruption budget, asked for before it is restarted in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.disruption_budget import (
    ENDED,
    Budget,
    costs_nothing,
    covering,
    may_not_ask,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, POD_DISRUPTION_BUDGET
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import OVERLAPPING

#: An answer holds so long.
FRESH_SECONDS = 1.0
#: The longest pause until it is asked again whether there is room by now. The first one is short: the budget of a pod
#: that has just come back is counted a moment later.
AGAIN_SECONDS = 3.0
#: Pods that a message names.
MOST_NAMED = 5
FORBIDDEN = 403

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


#: Of a pod that the server evicts in no case.
SEVERAL = "each of its disruption budgets has room"
IGNORED = Room(True, "disruption budgets are ignored", "none")
NOT_READY = Room(True, "it is not Ready, and no budget counts it", "none")
UNKNOWN = Room(True, "neither evictions nor disruption budgets may be asked", "none")
GONE = Room(True, "it is gone", "server")


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
        self._answers: dict[str, tuple[float, Room]] = {}
        self._not_to_be_asked: ApiError | None = None

    def room(self, pod: Pod, in_flight: Sequence[Pod] = ()) -> Room:
        """Whether the pod may be restarted now. The server is asked at most once per pod and second.

        `in_flight` are the pods that this run has taken down and not seen Ready again. Raises ApiError for a refusal
        that is no budget's (an admission webhook's), and Unreachable.
        """
        if self._ignore:
            return IGNORED
        asked, answer = self._answers.get(pod.uid, (0.0, None))
        if answer is None or self._clock.monotonic() - asked >= FRESH_SECONDS:
            answer = self._ask(pod)
            self._answers[pod.uid] = (self._clock.monotonic(), answer)
        others = [entry for entry in in_flight if entry.uid != pod.uid]
        if answer.allowed and (answer.words == SEVERAL or (others and answer not in (NOT_READY, GONE, UNKNOWN))):
            return self._count(pod, others, answer)
        return answer

    def obstacles(self, pod: Pod, room: Room) -> str:
        """What stands in the way of this pod, for whoever waited in vain: the budget's figures, and who is not Ready.

        It is what was said last, where the budgets may not be listed, or there are several of them.
        """
        mine = covering(self._budgets() or [], pod)
        return self._state(mine[0]) if len(mine) == 1 else room.words

    def _ask(self, pod: Pod) -> Room:
        """What the server says, or where it may not be asked what can be computed."""
        if costs_nothing(pod) and self._still_costs_nothing(pod):
            return NOT_READY
        error = self._not_to_be_asked or self._refusal(pod)
        if error is None:
            return Room(True, "", "server")
        if error.status == 500 or may_not_ask(error):
            return self._compute(pod, error)
        if error.status == 404 or "UID" in str(error):
            return GONE
        no_room = Room(False, str(error).rstrip("."), "server")
        return NOT_READY if self._still_costs_nothing(pod) else no_room

    def _refusal(self, pod: Pod) -> ApiError | None:
        """What the server has against the eviction, None if it is nothing. Raises ApiError for what is no budget's."""
        try:
            self._api.evict(self._namespace, pod.name, uid=pod.uid, dry_run=True)
        except ApiError as error:
            if may_not_ask(error):
                self._not_to_be_asked = error
            elif error.status not in (404, 409, 429) and not (error.status == 500 and OVERLAPPING in str(error)):
                raise
            return error
        return None

    def _still_costs_nothing(self, pod: Pod) -> bool:
        """The same of the pod as it is now."""
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
            return Room(True, SEVERAL, "computed")
        words = "".join(reason for budget in mine if (reason := budget.obstacle()))
        return Room(not words, words, "computed")

    def _count(self, pod: Pod, others: Sequence[Pod], answer: Room) -> Room:
        """The answer once pods are counted: where some are in flight, or where several budgets cover this one.

        Of these every one must have room; the server would not evict such a pod at all.
        """
        budgets = self._budgets()
        if budgets is None:
            self._warn(
                "Pods are restarted one at a time: poddisruptionbudgets may not be listed in namespace "
                f"{self._namespace}, and how many pods may be down is not known."
            )
            return replace(answer, allowed=False, words="another pod is being restarted")
        uids = {entry.uid for entry in others}
        for budget in covering(budgets, pod):
            if answer.words != SEVERAL and not any(budget.covers(entry) for entry in others):
                continue
            listing = self._api.list(POD, self._namespace, budget.label_selector)
            if reason := budget.obstacle_by_count(map(Pod.from_object, listing.items), uids):
                return replace(answer, allowed=False, words=reason)
        return answer

    def _budgets(self) -> list[Budget] | None:
        """All of the namespace; None where they may not be listed."""
        try:
            return [Budget.from_object(obj) for obj in self._api.list(POD_DISRUPTION_BUDGET, self._namespace).items]
        except ApiError as error:
            if error.status != FORBIDDEN:
                raise
            return None

    def _state(self, budget: Budget) -> str:
        """Its figures, and which of its pods are not Ready."""
        pods = [Pod.from_object(obj) for obj in self._api.list(POD, self._namespace, budget.label_selector).items]
        unready = some_of((pod.name for pod in pods if not pod.ready and pod.phase not in ENDED), MOST_NAMED)
        return f"{budget.figures()}{f'; not Ready: {unready}' if unready else ''}"

    def _warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)


def wait_for_room(
    gate: BudgetGate, clock: Clock, pod: Pod, seconds: float, in_flight: Sequence[Pod] = ()
) -> tuple[Room, str]:
    """The room that the pod got, and with none within so many seconds why, in a sentence without its full stop."""
    deadline = Deadline(clock, seconds)
    room, pause = IGNORED, FRESH_SECONDS
    try:
        while not (room := gate.room(pod, in_flight)).allowed and not deadline.passed():
            clock.sleep(min(pause, deadline.remaining()))
            pause = min(2 * pause, AGAIN_SECONDS)
        if room.allowed:
            return room, ""
        return room, f"no room in its disruption budget within {seconds:g} s: {gate.obstacles(pod, room)}"
    except SafeRestartError as error:
        return replace(room, allowed=False), f"its disruption budget could not be asked: {error}".rstrip(".")
