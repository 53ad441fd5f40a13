# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as the modules return them, made by the same code, for reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, workload

BEGAN = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)
VERDICT = Verdict(
    VerdictKind.HANDLED,
    "SIGTERM",
    "PID 1 has a handler for SIGTERM",
    ("SigCgt 0000000000004000 has SIGTERM", "PID 1 is app"),
)
REASONS = {
    "restarted": "a new instance of the container is Ready",
    "failed": "it was restarted, but is not Ready within 660 s (waiting CrashLoopBackOff back-off 40s)",
    "unchanged": "the signal was sent, and it did not end within 30 s; waiting longer does not help",
    "skipped": "not tried",
}


def text(moment: datetime) -> str:
    """A time as the API has it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def in_place_pod(
    name: str, kind: OutcomeKind = "restarted", *, sent: float = 0, down: float = 1, reason: str = ""
) -> PodOutcome:
    """A pod whose container was signalled `sent` seconds after BEGAN and Ready again `down` + 1 seconds later."""
    began = BEGAN + timedelta(seconds=sent)
    old = Pod.from_object(pod(name, containers=[container("app", 0)]))
    state = {"running": {"startedAt": text(began + timedelta(seconds=1 + down - down // 2))}}
    ended = {"terminated": {"exitCode": 143, "reason": "Error", "finishedAt": text(began + timedelta(seconds=1))}}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": text(began + timedelta(seconds=1 + down))}
    after = pod(name, containers=[container("app", 1, state=state, lastState=ended)], conditions=[ready])
    new = Pod.from_object(after) if kind in ("restarted", "failed") else old
    touched = kind != "skipped"
    outcome = ContainerOutcome(
        "app",
        kind,
        reason or REASONS[kind],
        old.containers[0],
        new.containers[0],
        VERDICT,
        "exec" if touched else None,
        1.5 + down if touched else None,
        "measured" if touched else "forecast",
        began if touched else None,
        new.ready_since,
    )
    return PodOutcome(old, new, (outcome,))


def in_place(
    pods: int,
    *,
    failed: int = 0,
    unchanged: int = 0,
    skipped: int = 0,
    at_a_time: int = 1,
    name: str = "cart",
    error: str = "",
) -> dict[str, Any]:
    """What container_restart returns of so many pods; the failures come last."""
    kinds: list[OutcomeKind] = ["restarted"] * (pods - failed - unchanged - skipped)
    kinds += ["failed"] * failed + ["unchanged"] * unchanged + ["skipped"] * skipped
    outcomes = [
        in_place_pod(f"{name}-5d9c7b8f6-{number:05d}", kind, sent=3 * (number // at_a_time), down=1 + number % 3)
        for number, kind in enumerate(kinds)
    ]
    plan = [
        {
            "pod": outcome.before.name if outcome.before else None,
            "container": "app",
            "action": "signal",
            "via": "exec",
            "verdict": "handled",
            "budget": "server",
            "reason": VERDICT.reason,
            "basis": "forecast",
            "back_off_seconds": 0,
            "back_off_bounds": [0, 0],
            "back_off_reason": "it has not been restarted yet",
            "gates": [],
        }
        for outcome in outcomes
    ]
    owner = Workload.from_object(workload("Deployment", name))
    result = restart_result(
        "in_place", owner, plan, outcomes, changed=True, seconds=3.0 * pods / at_a_time, requests=4 * pods
    )
    asked = {"namespace": "shop", "kind": "Deployment", "name": name, "via": "auto", "max_unavailable": "25%"}
    result["invocation"] = {"module_args": asked | {"api_key": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "reason": None}}
    return result | ({"failed": True, "msg": error} if error else {})


def rollout(pods: int = 2, *, name: str = "web") -> dict[str, Any]:
    """What rollout_restart returns of a Deployment."""
    old = [Pod.from_object(pod(f"{name}-old-{number}")) for number in range(pods)]
    outcomes = [PodOutcome.whole(entry, None, "restarted", "replaced by the rollout") for entry in old]
    for number in range(pods):
        made = BEGAN + timedelta(seconds=2 * number)
        state = {"running": {"startedAt": text(made + timedelta(seconds=1))}}
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": text(made + timedelta(seconds=4))}
        new = pod(
            f"{name}-new-{number}",
            containers=[container("app", 0, state=state)],
            meta={"creationTimestamp": text(made)},
            conditions=[ready],
        )
        outcomes.append(PodOutcome.whole(None, Pod.from_object(new), "restarted", "new pod"))
    reason = "its controller replaces all pods, update strategy RollingUpdate"
    owner = Workload.from_object(workload("Deployment", name))
    plan = [{"workload": f"Deployment shop/{name}", "action": "rollout", "reason": reason}]
    return restart_result("rollout_restart", owner, plan, outcomes, changed=True, seconds=7.41, requests=4)


def record(result: dict[str, Any], error: str | None = None) -> dict[str, Any]:
    """What the option `record` writes."""
    return {
        "module": "saferestart.k8s.container_restart",
        "who": "job 17 (deploy), PID 4711 on runner-1",
        "why": "renewed certificate",
        "asked": {"namespace": "shop", "kind": "Deployment", "name": "cart", "signal": "TERM"},
        "began": text(BEGAN),
        "ended": text(BEGAN + timedelta(minutes=5)),
        "versions": {"saferestart.k8s": "0.4.0"},
        "error": error,
        "result": result,
    }
