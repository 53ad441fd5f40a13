# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a restart did, in the one shape that every restart module returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

#: `reloaded`: the same instance, its process has new workers. `deleted`: a pod that nothing brings back, as was asked
#: for: gone, and no restart.
OutcomeKind = Literal["restarted", "reloaded", "unchanged", "skipped", "failed", "deleted"]


@dataclass(frozen=True, slots=True)
class ContainerOutcome:
    """One container before and after; `after` is None where nothing was seen again."""

    name: str
    outcome: OutcomeKind
    reason: str
    before: Container | None = None
    after: Container | None = None
    verdict: Verdict | None = None
    via: str | None = None
    seconds: float | None = None
    """From the signal to Ready, by our clock."""
    basis: Literal["measured", "forecast"] | None = None
    """What the outcome rests on: what a container did, this one or one like it, or what a look at it promised."""
    sent_at: datetime | None = None
    """When the signal went out, or the other name of its image, by our clock."""
    ready_at: datetime | None = None
    """When its pod was Ready again, by the kubelet's clock."""

    def to_result(self) -> dict[str, Any]:
        """As a module returns it under `pods[].containers[]`."""
        before, after = self.before, self.after
        started = after if self.outcome == "restarted" else None
        proven = started if self.via else None
        ended = proven.termination if proven else None
        return {
            "name": self.name,
            "outcome": self.outcome,
            "reason": self.reason,
            "via": self.via,
            "basis": self.basis,
            "verdict": self.verdict.kind.value if self.verdict else None,
            "confidence": self.verdict.confidence.value if self.verdict else None,
            "evidence": list(self.verdict.evidence) if self.verdict else [],
            "container_id_before": before.container_id if before else None,
            "container_id_after": after.container_id if after else None,
            "restart_count_before": before.restart_count if before else None,
            "restart_count_after": after.restart_count if after else None,
            "exit_code": ended.exit_code if ended else None,
            "exit_reason": ended.reason if ended else None,
            "downtime_seconds": _downtime(proven) if proven else None,
            "seconds": round(self.seconds, 2) if self.seconds is not None else None,
            "sent_at": time_text(self.sent_at),
            "ended_at": time_text(ended.finished_at) if ended else None,
            "started_at": time_text(started.started_at) if started else None,
            "ready_at": time_text(self._ready_again(started)) if started else None,
        }

    def _ready_again(self, started: Container) -> datetime | None:
        """When that instance was Ready. A pod that is Ready since before was not seen to be unready."""
        known = self.ready_at and started.started_at and self.ready_at >= started.started_at
        return self.ready_at if known else None


@dataclass(frozen=True, slots=True)
class PodOutcome:
    """One pod before and after. A rolled pod has no `after`, its replacement no `before`, unless it took its name."""

    before: Pod | None
    after: Pod | None
    containers: tuple[ContainerOutcome, ...]

    @classmethod
    def whole(
        cls, old: Pod | None, new: Pod | None, kind: OutcomeKind, reason: str, seconds: float | None = None
    ) -> PodOutcome:
        """One outcome and reason for all containers, where pods are replaced and not single containers."""
        entries = []
        for name in dict.fromkeys(entry.name for pod in (old, new) if pod for entry in pod.containers):
            before = old.container(name) if old else None
            after = new.container(name) if new else None
            ready_at = new.ready_since if new else None
            entries.append(ContainerOutcome(name, kind, reason, before, after, seconds=seconds, ready_at=ready_at))
        return cls(old, new, tuple(entries))

    def to_result(self) -> dict[str, Any]:
        """As a module returns it under `pods[]`."""
        before, after = self.before, self.after
        pod = after or before
        return {
            "namespace": pod.namespace if pod else None,
            "name": pod.name if pod else None,
            "node": pod.node if pod else None,
            "uid_before": before.uid if before else None,
            "uid_after": after.uid if after else None,
            **({"static_uid": pod.event_uid} if pod and pod.mirror else {}),
            "ip_before": before.ip if before else None,
            "ip_after": after.ip if after else None,
            "created_at": time_text(pod.created_at) if pod else None,
            "containers": [entry.to_result() for entry in self.containers],
        }


def restart_result(
    strategy: str,
    workload: Workload | None,
    plan: Sequence[dict[str, Any]],
    pods: Sequence[PodOutcome],
    *,
    changed: bool,
    seconds: float,
    requests: int,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """The whole result. `plan` has an entry per decision; `seconds` and `requests` are of the run so far.

    A new pod without a `before` is the other half of an old one that was replaced: it is no second restart. Where no
    pod has one, an earlier run saw the old ones, and the new ones count.
    """
    seen_before = any(pod.before for pod in pods)
    counts = Counter(
        entry.outcome
        for pod in pods
        for entry in pod.containers
        if pod.before or not seen_before or entry.outcome != "restarted"
    )
    return {
        "changed": changed,
        "strategy": strategy,
        "workload": workload.to_result() if workload else None,
        "plan": list(plan),
        "pods": [pod.to_result() for pod in pods],
        "summary": {
            "pods": sum(pod.before is not None for pod in pods) if seen_before else len(pods),
            **{kind: counts[kind] for kind in ("restarted", "unchanged", "skipped", "failed")},
            "seconds": round(seconds, 2),
            "api_requests": requests,
        },
        "warnings": list(warnings),
    }


def _downtime(after: Container) -> float | None:
    """Seconds from the end of the old instance to the start of the new one, by the kubelet's clock (whole seconds)."""
    if not after.termination or not after.termination.finished_at or not after.started_at:
        return None
    return max(0.0, (after.started_at - after.termination.finished_at).total_seconds())
