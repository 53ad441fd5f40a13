# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods that are taken down one after the other: which may go now, and which new pod is whose replacement. Pure.

The words for a run that goes on where an earlier one was killed (older_than), here and in _run/rolling_delete.py:

========  ==========================================================================================================
lacking   What keeps an owner from having as many pods at work as it wants, as it was at the first look.
fresh     Pods made since `older_than` that do not do their work yet, and have not had their time: they are waited for.
given_up  Pods that do not do their work, and are not expected to: they are excused, as long as that is so.
meant     Pods that this run is to take down, whatever their state: neither fresh nor given up.
mine      Pods that this run takes down, and those in their places.
awaited   The owner's other pods that are fresh, or were made during this run: in the result on their own.
========  ==========================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import (
    UNPROBED_SECONDS,
    Pod,
    is_ready,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

#: Their new pod has the old one's name (StatefulSet) or node (DaemonSet); a pod of any other owner has no place.
_PLACED = ("StatefulSet", "DaemonSet")
_PERCENT = re.compile(r"([0-9]{1,3})%")


@dataclass(frozen=True, slots=True)
class Group:
    """The pods that one controller keeps there. A Deployment's are those of all its ReplicaSets."""

    uid: str
    """Of the owner; empty for pods that nobody owns."""
    kind: str
    name: str
    max_unavailable: str = "1"
    """A number, or a percentage of `desired`."""
    desired: int | None = None
    """How many pods the owner wants. None: not known, those that are there at first."""
    min_ready_seconds: int = 0
    workload: Workload | None = None

    def owns(self, pod: Pod) -> bool:
        """Whether the pod is one of these."""
        if self.workload:
            return self.workload.owns(pod)
        return (pod.owner.uid if pod.owner else "") == self.uid

    @property
    def window(self) -> int:
        """How many of the pods may be down at a time."""
        return allowed(self.max_unavailable, self.desired or 0)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.uid else "no controller"


def allowed(max_unavailable: str, desired: int) -> int:
    """The number that an option max_unavailable means; a percentage is rounded down, but 1 pod may always be down.

    As the controllers do (pkg/controller/deployment/util/deployment_util.go, ResolveFenceposts, and
    pkg/controller/statefulset/stateful_set_utils.go, getStatefulSetMaxUnavailable). Raises TargetError for anything
    else than a number from 1 on or a percentage from 1% to 100%.
    """
    text = max_unavailable.strip()
    if match := _PERCENT.fullmatch(text):
        if 1 <= int(match[1]) <= 100:
            return max(1, desired * int(match[1]) // 100)
    elif re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= 1:
        return int(text)
    raise TargetError(
        f"max_unavailable: {max_unavailable!r} is neither a number from 1 on nor a percentage up to 100%."
    )


def own_max_unavailable(obj: JsonObject) -> str:
    """What a workload's own strategy allows, as an option max_unavailable says it; 1 where it says nothing, or 0.

    With 0 new pods come before old ones go, which a pod that is to stay cannot wait for. A Deployment that says nothing
    has 25% (pkg/apis/apps/v1/defaults.go).
    """
    spec = obj.get("spec") or {}
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    value = str((strategy.get("rollingUpdate") or {}).get("maxUnavailable", ""))
    return value if value.rstrip("%") not in ("", "0") else "1"


def in_order(pods: Iterable[Pod]) -> list[Pod]:
    """The order in which to replace them: first what is not Ready, since nobody misses it.

    A StatefulSet's pods go from the highest ordinal down, as its controller replaces them.
    """
    return sorted(pods, key=lambda pod: (pod.ready, *_by_name(pod)))


def _by_name(pod: Pod) -> tuple[str, int, str]:
    stem, _dash, ordinal = pod.name.rpartition("-")
    if pod.owner and pod.owner.kind == "StatefulSet" and ordinal.isdigit():
        return stem, -int(ordinal), pod.name
    return pod.name, 0, pod.name


def gone_for_good(obj: JsonObject) -> bool:
    """Whether a pod counts no more: it is on its way out, or has ended and is not started again."""
    phase = (obj.get("status") or {}).get("phase")
    return "deletionTimestamp" in obj["metadata"] or phase in ("Succeeded", "Failed")


def is_available(group: Group, obj: JsonObject) -> bool:
    """Whether a pod does its work: it is Ready, or it has done its part of a Job."""
    if group.kind == "Job" and (obj.get("status") or {}).get("phase") == "Succeeded":
        return True
    return not gone_for_good(obj) and is_ready(obj)


def counted(group: Group, members: Iterable[JsonObject]) -> Group:
    """The group; where it is not known how many pods its owner wants, as many as are there of its `members`."""
    if group.desired is not None:
        return group
    return replace(group, desired=sum(not gone_for_good(obj) for obj in members))


@dataclass(frozen=True, slots=True)
class Lacking:
    """What an owner lacked at first because an earlier run had taken it down: that has to be there in the end."""

    fresh: frozenset[str]
    """UIDs of new pods that do not do their work yet."""
    given_up: frozenset[str]
    """UIDs of pods that do not do theirs, and are not expected to."""

    @classmethod
    def of(
        cls,
        members: Iterable[JsonObject],
        available: Collection[str],
        meant: Collection[str],
        since: datetime,
        now: datetime,
        patience: float,
    ) -> Self:
        """From the owner's pods, and the UIDs of those that do their work, and of those that are meant to go.

        What was made since is waited for, for as long as `patience`, in seconds, lasts from then on.
        """
        fresh, given_up = set(), set()
        for obj in members:
            uid, made = obj["metadata"]["uid"], parse_time(obj["metadata"].get("creationTimestamp"))
            if gone_for_good(obj) or uid in available:
                continue
            if made and since <= made and now < made + timedelta(seconds=patience):
                fresh.add(uid)
            elif uid not in meant:
                given_up.add(uid)
        return cls(frozenset(fresh), frozenset(given_up))

    def made_good(self, group: Group, members: Iterable[JsonObject], available: Collection[str]) -> bool:
        """Whether as many of the owner's pods do their work as it wants, but for those given up that still do not.

        Those are missing only where they are among the pods that the owner wants: what it has above that, as in a
        rollout that is stuck with its surge, has another one in its place, which is waited for.
        """
        there = {obj["metadata"]["uid"] for obj in members if not gone_for_good(obj)}
        desired = group.desired or 0
        given_up = len((self.given_up & there).difference(available))
        return len(available) >= desired - max(0, given_up - max(0, len(there) - desired))


def reread(
    known: Mapping[str, tuple[JsonObject, Pod]], objects: Mapping[str, JsonObject]
) -> dict[str, tuple[JsonObject, Pod]]:
    """The pods of these objects, by UID; only what has changed is read again."""
    return {
        uid: found if (found := known.get(uid)) and found[0] is obj else (obj, Pod.from_object(obj))
        for uid, obj in objects.items()
    }


def steady_seconds(group: Group, obj: JsonObject, wanted: int | None) -> float:
    """How long the pod has to stay Ready before it counts: `wanted`, or by its owner and its probes."""
    if wanted is not None:
        return float(wanted)
    probed = all("readinessProbe" in entry for entry in obj["spec"]["containers"])
    return float(max(group.min_ready_seconds, 0 if probed else UNPROBED_SECONDS))


def ready_for(obj: JsonObject, now: datetime) -> float:
    """Seconds since the pod became Ready by the cluster's clock, never below 0; 0 where it is not said."""
    for entry in (obj.get("status") or {}).get("conditions") or []:
        if entry["type"] == "Ready":
            since = parse_time(entry.get("lastTransitionTime"))
            return max(0.0, (now - since).total_seconds()) if since else float("inf")
    return 0.0


def may_go(group: Group, pod: Pod, *, available: int, counts: bool, in_flight: int) -> bool:
    """Whether the next pod may be taken down.

    `available` pods of the owner do their work, the pod among them if it `counts`; `in_flight` were taken down and are
    not replaced yet. What is not available is missing already, so that taking it down costs nothing.
    """
    if in_flight >= group.window:
        return False
    if not pod.owner or not counts:
        return True
    return (group.desired or 0) - available < group.window


def pair(group: Group, taken: Sequence[Pod], fresh: Sequence[JsonObject], known: Mapping[str, str]) -> dict[str, str]:
    """UIDs of old pods with those of the new ones in their places; the first taken gets the first made.

    A StatefulSet's new pod has the old one's name, a DaemonSet's its node. Pods of other owners have no places, so that
    any new one will do; what is `known` stays as long as the new pod is there.
    """
    new = sorted(map(Pod.from_object, fresh), key=lambda pod: (str(pod.created_at or ""), pod.name))
    left = {pod.uid: pod for pod in new}
    pairs = {old.uid: known[old.uid] for old in taken if known.get(old.uid) in left}
    for uid in pairs.values():
        left.pop(uid)
    for old in taken:
        if old.uid in pairs:
            continue
        match = next((pod for pod in left.values() if _place(group, pod) == _place(group, old)), None)
        if match:
            pairs[old.uid] = left.pop(match.uid).uid
    return pairs


def _place(group: Group, pod: Pod) -> str:
    if group.kind not in _PLACED:
        return ""
    return pod.name if group.kind == "StatefulSet" else pod.node
