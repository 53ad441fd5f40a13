# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One pod that is to be replaced: the request that takes it down, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.disruption_budget import Budget, covering
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, POD_DISRUPTION_BUDGET

Method = Literal["delete", "evict"]
DONE = {"delete": "deleted", "evict": "evicted"}
#: The server's own words (pkg/registry/core/pod/storage/eviction.go).
OVERLAPPING = "more than one PodDisruptionBudget"


@dataclass(frozen=True, slots=True)
class How:
    """How pods are replaced.

    `groups` are the owners of all the pods, as read_groups() in owners.py reads them: each with its max_unavailable.
    """

    groups: Sequence[Group]
    method: Method = "evict"
    grace_seconds: int | None = None
    """None: the pod's own; 0 removes the object at once, without word from the kubelet."""
    min_ready_seconds: int | None = None
    """None: as the owner says, and a moment where no probe speaks for a container."""
    renew: bool = False
    """Count the deadline's seconds anew whenever one more pod is replaced."""
    since: datetime | None = None
    """What was taken down since then, by an earlier run, has to be replaced too; None: only what this one takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the pod is `taken` down, it was `gone` already, or not now, but `later`."""

    kind: Literal["taken", "gone", "later"]
    words: str = ""


def take_down(api: ClusterApi, how: How, pod: Pod, *, dry_run: bool = False) -> Answer:
    """Delete or evict this very pod, and no other one of its name.

    Raises ApiError where trying again does not help, with what to do about it, and Unreachable.
    """
    options = {"uid": pod.uid, "grace_seconds": how.grace_seconds, "dry_run": dry_run}
    try:
        if how.method == "evict":
            api.evict(pod.namespace, pod.name, **options)  # type: ignore[arg-type]
        else:
            api.delete(POD, pod.namespace, pod.name, **options)  # type: ignore[arg-type]
    except NotFound:
        return Answer("gone", "it was gone already")
    except ApiError as error:
        if error.status == 409 and "UID" in str(error):
            return Answer("gone", "it was replaced already, its name is another pod's now")
        if how.method == "evict" and error.status in (409, 429):
            return Answer("later", str(error).rstrip("."))
        if how.method == "evict" and error.status == 500 and OVERLAPPING in str(error):
            raise ApiError(f"{error} {_budgets(api, pod)}", error.status, error.reason) from error
        raise
    return Answer("taken")


def _budgets(api: ClusterApi, pod: Pod) -> str:
    """The budgets that cover a pod, as an addition to the error that there are too many."""
    advice = "Change their selectors so that one of them covers it, or use method delete, which asks no budget."
    try:
        listed = api.list(POD_DISRUPTION_BUDGET, pod.namespace).items
    except SafeRestartError as error:
        return f"Which these are could not be read: {error} {advice}"
    names = ", ".join(budget.name for budget in covering(map(Budget.from_object, listed), pod))
    return f"They are {names}. {advice}"


@dataclass(slots=True)
class Turn:
    """One pod, and how far its replacement is."""

    pod: Pod
    state: Literal["waiting", "taken", "gone"] = "waiting"
    words: str = ""
    """Why it is gone without us, or why it is not taken down yet."""
    began: float = 0.0
    """When it was taken down, by the monotonic clock."""
    seconds: float | None = None
    """From then until it was replaced; None while it is not."""
    retry_at: float = 0.0
    """Not to be tried before, by the monotonic clock."""
    after: Pod | None = None
    """The pod in its place."""

    @property
    def done(self) -> bool:
        """Nothing is left to do, or to wait for."""
        return self.state == "gone" or self.seconds is not None

    @property
    def in_flight(self) -> bool:
        """It was taken down, and is not replaced."""
        return self.state == "taken" and self.seconds is None

    def to_outcome(self, method: str, problem: str = "") -> PodOutcome:
        """What became of it; `problem` says why it is not done."""
        pod, verb = self.pod, DONE[method]
        if self.state == "gone":
            return PodOutcome.whole(pod, None, "skipped", self.words)
        if self.state == "waiting":
            return PodOutcome.whole(pod, pod, "skipped", f"not touched{f': {self.words}' if self.words else ''}")
        if self.seconds is None:
            reason = f"{verb}, {problem or 'and not seen replaced before the run ended'}"
            return PodOutcome.whole(pod, self.after, "failed", reason)
        if not pod.owner:
            return PodOutcome.whole(pod, None, "deleted", f"{verb}: nothing brings it back", self.seconds)
        if not self.after:
            reason = f"{verb}; its owner has all the pods that it wants without a new one"
            return PodOutcome.whole(pod, None, "deleted", reason, self.seconds)
        return PodOutcome.whole(pod, self.after, "restarted", f"{verb}, and replaced", self.seconds)
