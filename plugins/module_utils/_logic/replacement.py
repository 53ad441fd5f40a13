# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Replacing pods one after the other: in which order, how many at a time, and when one has been replaced. Pure.

A deleted pod comes back as another one, by its UID: a StatefulSet's under the same name, a DaemonSet's on the same
node, a ReplicaSet's anywhere. So what is counted is how many of a controller's pods are gone for now.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod

_LIMIT = re.compile(r"(\d{1,9})(%?)")


def most_unavailable(text: str, total: int) -> int:
    """How many of `total` pods may be unavailable: a number, or a percentage that is rounded down, but at least 1.

    As a Deployment's maxUnavailable is (pkg/controller/deployment/util, ResolveFenceposts). Raises TargetError.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None or (not match[2] and int(match[1]) < 1):
        raise TargetError(f"max_unavailable: {text!r} is neither a number from 1 on nor a percentage, such as 25%.")
    return max(1, int(match[1]) * total // 100 if match[2] else int(match[1]))


def in_order(pods: Iterable[Pod]) -> list[Pod]:
    """The order to replace pods in: of a StatefulSet from the highest ordinal down, as its controller does it.

    Of any other controller those that are not Ready first, since nobody misses them.
    """
    return sorted(pods, key=lambda pod: (-_ordinal(pod), pod.ready, pod.name))


def controller(pod: Pod) -> str:
    """What the pods have in common that stand in for each other; a pod that nobody owns stands alone.

    The ReplicaSets of one Deployment count as one: it may be in the middle of a rollout.
    """
    if pod.owner is None:
        return pod.uid
    name = pod.owner.name.removesuffix(f"-{pod.labels.get('pod-template-hash', '')}")
    return f"{pod.owner.kind}/{name}"


def is_alive(pod: Pod) -> bool:
    """Whether the pod counts for its controller: it has not ended, and is not on its way out."""
    return not pod.terminating and pod.phase not in ("Succeeded", "Failed")


@dataclass(slots=True)
class Group:
    """Pods that stand in for each other: those to replace, in order, and how far that is.

    `initial` are the UIDs of all that were there at the start, `asked` of those that were deleted so far.
    """

    key: str
    todo: list[Pod]
    initial: frozenset[str]
    limit: int
    asked: set[str] = field(default_factory=set)

    def mine(self, pods: Iterable[Pod]) -> list[Pod]:
        """Of these pods the ones of this group."""
        return [pod for pod in pods if controller(pod) == self.key]

    def fresh(self, pods: Iterable[Pod]) -> list[Pod]:
        """Of these pods the ones that were made since the start and are alive."""
        return [pod for pod in self.mine(pods) if pod.uid not in self.initial and is_alive(pod)]

    def waiting(self, pods: Sequence[Pod], available: Collection[str]) -> int:
        """How many of those that were deleted are still there, or not replaced by one that is available."""
        there = len(self.asked & {pod.uid for pod in self.mine(pods)})
        if self.key in self.initial:  # nobody's pod: it does not come back
            return there
        return max(there, len(self.asked) - sum(pod.uid in available for pod in self.fresh(pods)))

    def next(self, pods: Sequence[Pod], available: Collection[str]) -> Pod | None:
        """The pod that may be deleted now, None if no more may be unavailable, or nothing is left to do.

        Those that were not Ready before count as well. One that is not Ready itself makes nothing worse.
        """
        if not self.todo:
            return None
        down = [
            pod
            for pod in self.mine(pods)
            if pod.uid in self.initial and pod.uid not in self.asked and is_alive(pod) and not pod.ready
        ]
        candidate = self.todo[0]
        already = sum(pod.uid != candidate.uid for pod in down)
        return candidate if self.waiting(pods, available) + already < self.limit else None


def groups(chosen: Iterable[Pod], everybody: Sequence[Pod], max_unavailable: str) -> list[Group]:
    """The chosen pods, controller by controller; a percentage is of all the controller's pods. Raises TargetError."""
    made: dict[str, Group] = {}
    for pod in in_order(chosen):
        key = controller(pod)
        if key not in made:
            mine = [other for other in everybody if controller(other) == key]
            limit = most_unavailable(max_unavailable, sum(map(is_alive, mine)))
            made[key] = Group(key, [], frozenset(other.uid for other in mine), limit)
        made[key].todo.append(pod)
    return list(made.values())


def _ordinal(pod: Pod) -> int:
    """Of a StatefulSet's pod the number behind its name, otherwise 0."""
    if pod.owner is None or pod.owner.kind != "StatefulSet":
        return 0
    number = pod.name.rpartition("-")[2]
    return int(number) if number.isdigit() else 0
