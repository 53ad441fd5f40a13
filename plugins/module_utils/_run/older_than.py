# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers that were started after a moment are left alone (older_than): nobody looks at them.

Those that an earlier run may have restarted, and that are not back yet, are waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Self

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff, too_young
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import is_another_instance
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import (
    ended_since,
    not_back_yet,
    restarting_all,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_all import waited_for

Pair = tuple[Pod, Container]


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """The moment before which a container has to have been started; None: all are restarted."""

    moment: datetime | None
    now: datetime

    @classmethod
    def of(cls, text: str | None, now: datetime) -> Self:
        """From the option. Raises TargetError for what is neither a duration nor a time that has been."""
        return cls(None if text is None else cutoff(text, now), now)

    def divide(
        self, pairs: Sequence[Pair], patience: float, *, whole_pods: bool = False
    ) -> tuple[list[Pair], list[Step]]:
        """Those that are to be restarted, and the steps of the others, some of which are `underway`.

        A young one that is not Ready is waited for as long as `patience`, in seconds, lasts from its start.
        `whole_pods`: all containers of a pod are to be, where one is.
        """
        due, others = [], []
        for _uid, group in groupby(pairs, key=lambda pair: pair[0].uid):
            mine = list(group)
            if whole_pods and self.moment and (reason := restarting_all(mine[0][0], self.moment)):
                others += waited_for(mine, reason)
                continue
            steps = [self._left_alone(pod, container, patience) for pod, container in mine]
            if whole_pods and None in steps:
                due += mine
                continue
            others += [step for step in steps if step]
            due += [pair for pair, step in zip(mine, steps, strict=True) if step is None]
        return due, others

    def _left_alone(self, pod: Pod, container: Container, patience: float) -> Step | None:
        if self.moment is None:
            return None
        if reason := ended_since(pod, container, self.moment):
            return Step(pod, container, "", "", underway=reason)
        if (young := too_young(container, self.moment, self.now)) is None:
            return None
        step = Step(pod, container, "", "", young=young)
        if before := not_back_yet(container, self.now, patience):
            step.before, step.underway = before, "it was restarted lately, and is not Ready yet"
        return step

    def mark(self, steps: Sequence[Step]) -> None:
        """Tell the steps of those that were looked at; of one that a session found young the status is behind."""
        for step in steps:
            step.moment = self.moment
            facts = step.look.facts if step.look else None
            started = facts.started_at if facts else None
            if facts and started and self.moment and is_another_instance(step.container, facts):
                step.underway = step.underway or ("it was restarted just now" if started >= self.moment else "")


def in_order_of(pairs: Sequence[Pair], steps: Iterable[Step]) -> list[Step]:
    """The steps, in the order in which their containers are given; those of others follow the one before them."""
    order = {(pod.uid, container.name): place for place, (pod, container) in enumerate(pairs)}
    place, found = 0, []
    for step in steps:
        own = (step.pod.uid, step.container.name)
        place = order.get(own, place) if not step.leader else place
        found.append((place, step))
    return [step for _place, step in sorted(found, key=lambda entry: entry[0])]
