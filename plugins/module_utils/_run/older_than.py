# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers that were started after a moment are left alone (older_than): nobody looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff, too_young
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step

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

    def divide(self, pairs: Sequence[Pair], *, whole_pods: bool = False) -> tuple[list[Pair], list[Step]]:
        """Those that are to be restarted, and the steps of those that are left alone.

        `whole_pods`: all containers of a pod are, where one has to be.
        """
        due, young = [], []
        for pod, container in pairs:
            reason = too_young(container, self.moment, self.now) if self.moment else None
            if reason is None:
                due.append((pod, container))
            else:
                young.append(Step(pod, container, "", "", young=reason))
        if whole_pods:
            uids = {pod.uid for pod, _container in due}
            due = [pair for pair in pairs if pair[0].uid in uids]
            young = [step for step in young if step.pod.uid not in uids]
        return due, young


def in_order_of(pairs: Sequence[Pair], steps: Iterable[Step]) -> list[Step]:
    """The steps, in the order in which their containers are given; those of others follow the one before them."""
    order = {(pod.uid, container.name): place for place, (pod, container) in enumerate(pairs)}
    place, found = 0, []
    for step in steps:
        own = (step.pod.uid, step.container.name)
        place = order.get(own, place) if not step.leader else place
        found.append((place, step))
    return [step for _place, step in sorted(found, key=lambda entry: entry[0])]
