# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The pods of a workload before and after a rollout: which are left, which took whose place, what that proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import partition as partition_size
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    OutcomeKind,
    PodOutcome,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

#: Outcome and reason.
Judgement = tuple[OutcomeKind, str]

ROLLOUT = "the rollout"
#: Kinds of which a new pod takes the place of an old one.
_PLACES = frozenset({"StatefulSet", "DaemonSet"})
BELOW = "its ordinal is below the partition: the controller leaves it alone"


@dataclass(frozen=True, slots=True)
class Partition:
    """The pods that a rollout leaves alone.

    A StatefulSet's first `size`, counted from ordinal `start`, keep the old template. Others may have the new one
    already, where the change puts an earlier template back.
    """

    size: int = 0
    start: int = 0
    stays: Callable[[Pod], str] | None = None
    """Why a pod from before stays for another reason, that it has the new template already; empty if it does not."""

    @classmethod
    def from_object(cls, obj: JsonObject, stays: Callable[[Pod], str] | None = None) -> Partition:
        """That of a workload as the API serves it; of size 0 for what is no StatefulSet."""
        start = int((obj["spec"].get("ordinals") or {}).get("start", 0))
        return cls(partition_size(obj), start, stays)

    def keeps(self, pod: Pod) -> bool:
        """Whether the controller leaves this pod alone."""
        return self.reason(pod) != ""

    def reason(self, pod: Pod) -> str:
        """Why it does (stateful_set_control.go counts from spec.ordinals.start); empty if it does not."""
        if self.stays and (words := self.stays(pod)):
            return words
        ordinal = pod.name.rpartition("-")[2]
        return BELOW if self.size > 0 and ordinal.isdigit() and int(ordinal) - self.start < self.size else ""


def live_pods(workload: Workload, objects: Iterable[JsonObject]) -> list[JsonObject]:
    """The workload's own pods, by name, without those that are being deleted or have ended for good.

    A Deployment's rollout is done while old pods are still in their grace period: nothing keeps those from going.
    """
    mine = []
    for obj in sorted(objects, key=lambda entry: str(entry["metadata"]["name"])):
        pod = Pod.from_object(obj)
        if workload.owns(pod) and pod.active:
            mine.append(obj)
    return mine


def survivors(before: Iterable[Pod], after: Iterable[Pod], partition: Partition) -> list[Pod]:
    """The pods from before that are still there although the rollout has to replace them."""
    left = {pod.uid for pod in after}
    return [pod for pod in before if pod.uid in left and not partition.keeps(pod)]


def replaced(
    kind: str,
    before: Sequence[Pod],
    after: Sequence[Pod],
    partition: Partition,
    broken: Mapping[str, str],
    *,
    done: bool,
    by: str = ROLLOUT,
) -> list[PodOutcome]:
    """What happened to each pod from before, then the new ones that took nobody's place.

    A new pod takes the place of the old one of its name (StatefulSet) or node (DaemonSet); those of other kinds are
    not paired. `broken` has the reason why a pod is not Ready, by UID. `done` is true once the controller says so.
    `by` is what replaces them, in words.
    """
    old_uids = {pod.uid for pod in before}
    fresh = {_place(kind, pod): pod for pod in after if pod.uid not in old_uids}
    still = {pod.uid: pod for pod in after}
    # Unpaired, so that each new pod that is Ready makes up for one old pod that is gone.
    spare = 0 if kind in _PLACES else sum(pod.uid not in broken for pod in fresh.values())
    outcomes = []
    for pod in before:
        if pod.uid in still:
            outcomes.append(PodOutcome.whole(pod, still[pod.uid], *_kept(pod, still[pod.uid], partition, by)))
            continue
        new = fresh.pop(_place(kind, pod), None)
        if new is None:
            spare -= 1
        settled = done or (new is None and spare >= 0)
        outcomes.append(PodOutcome.whole(pod, new, *_gone(new, broken, by, done=settled)))
    for pod in fresh.values():
        bad = broken.get(pod.uid)
        judged: Judgement = ("failed", f"new pod, not Ready: {bad}") if bad and not done else ("restarted", "new pod")
        outcomes.append(PodOutcome.whole(None, pod, *judged))
    return outcomes


def expected(pods: Iterable[Pod], partition: Partition, by: str = ROLLOUT) -> list[PodOutcome]:
    """The pods of a check run: as they are, with what would happen to them."""
    would = f"check mode: {by} would replace it"
    return [PodOutcome.whole(pod, pod, "skipped", partition.reason(pod) or would) for pod in pods]


def untouched(pods: Iterable[Pod], reason: str) -> list[PodOutcome]:
    """The pods of a run that had nothing to do."""
    return [PodOutcome.whole(pod, pod, "unchanged", reason) for pod in pods]


def _place(kind: str, pod: Pod) -> str:
    """What an old and a new pod have in common. No two pods of a Deployment have a UID in common: none is paired."""
    return {"StatefulSet": pod.name, "DaemonSet": pod.node}.get(kind, pod.uid)


def _kept(pod: Pod, now: Pod, partition: Partition, by: str) -> Judgement:
    """The outcome for a pod that is still there."""
    ids = {entry.container_id for entry in pod.containers}
    if not ids & {entry.container_id for entry in now.containers}:
        return "restarted", "its controller updated it in place"
    return "unchanged", partition.reason(pod) or f"still the pod from before: {by} did not get to it"


def _gone(new: Pod | None, broken: Mapping[str, str], by: str, *, done: bool) -> Judgement:
    """The outcome for a pod that is gone; `new` is the one in its place where pods have places."""
    if new and new.uid in broken:
        return (
            ("restarted", f"replaced by {by}, not Ready any more")
            if done
            else ("failed", f"replaced by {by}, not Ready: {broken[new.uid]}")
        )
    if new or done:
        return "restarted", f"replaced by {by}"
    return "failed", f"ended by {by}, and no new pod is Ready in its place"
