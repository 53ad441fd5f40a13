# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, workload


def one(restarts: int, **status: Any) -> Container:
    """A container, so many restarts on."""
    return Pod.from_object(pod("a", containers=[container("app", restarts, **status)])).containers[0]


def ended(at: str | None) -> dict[str, Any]:
    """A lastState."""
    return {"terminated": {"exitCode": 143, "reason": "Error", "finishedAt": at}}


BEFORE = one(0)
STARTED = {"running": {"startedAt": "2026-01-02T03:04:08Z"}}
AFTER = one(1, state=STARTED, lastState=ended("2026-01-02T03:04:05Z"))


def test_a_container_that_was_restarted() -> None:
    verdict = Verdict(VerdictKind.HANDLED, "SIGTERM", "it has a handler", ("SigCgt",))
    outcome = ContainerOutcome("app", "restarted", "Ready", BEFORE, AFTER, verdict, "exec", 1.23456, "measured")
    assert outcome.to_result() == {
        "name": "app",
        "outcome": "restarted",
        "reason": "Ready",
        "via": "exec",
        "basis": "measured",
        "verdict": "handled",
        "confidence": "unknown",
        "evidence": ["SigCgt"],
        "container_id_before": "containerd://app-0",
        "container_id_after": "containerd://app-1",
        "restart_count_before": 0,
        "restart_count_after": 1,
        "exit_code": 143,
        "exit_reason": "Error",
        "downtime_seconds": 3.0,
        "seconds": 1.23,
        "sent_at": None,
        "ended_at": "2026-01-02T03:04:05Z",
        "started_at": "2026-01-02T03:04:08Z",
        "ready_at": None,
    }


def test_a_container_of_which_nothing_is_known() -> None:
    result = ContainerOutcome("app", "skipped", "not tried").to_result()
    assert {name for name, value in result.items() if value is not None} == {"name", "outcome", "reason", "evidence"}


@pytest.mark.parametrize("kind", ["unchanged", "skipped", "failed"])
def test_the_end_of_an_earlier_instance_is_not_taken_for_this_ones(kind: OutcomeKind) -> None:
    result = ContainerOutcome("app", kind, "", AFTER, AFTER, None, "exec").to_result()
    assert (result["exit_code"], result["exit_reason"], result["downtime_seconds"]) == (None, None, None)


def test_nor_is_the_end_of_a_container_in_a_new_pod() -> None:
    result = ContainerOutcome("app", "restarted", "", BEFORE, AFTER, None, None).to_result()
    assert (result["exit_code"], result["downtime_seconds"]) == (None, None)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        (one(1, state=STARTED, lastState=ended("2026-01-02T03:04:05Z")), 3.0),
        (one(1, state=STARTED, lastState=ended("2026-01-02T03:04:09Z")), 0.0),
        (one(1, state=STARTED, lastState=ended(None)), None),
        (one(1, state=STARTED), None),
    ],
    ids=["known", "clocks differ", "end unknown", "nothing known"],
)
def test_downtime(after: Container, seconds: float | None) -> None:
    result = ContainerOutcome("app", "restarted", "", BEFORE, after, None, "exec").to_result()
    assert result["downtime_seconds"] == seconds


def test_when_it_was_sent_and_when_it_was_ready_again() -> None:
    berlin = timezone(timedelta(hours=1))
    sent = datetime(2026, 1, 2, 4, 4, 4, 999999, berlin)
    ready = datetime(2026, 1, 2, 3, 4, 8, tzinfo=UTC)
    outcome = ContainerOutcome("app", "restarted", "", BEFORE, AFTER, None, "exec", sent_at=sent, ready_at=ready)
    result = outcome.to_result()
    assert (result["sent_at"], result["ready_at"]) == ("2026-01-02T03:04:04Z", "2026-01-02T03:04:08Z")


@pytest.mark.parametrize(
    ("kind", "ready"),
    [
        ("restarted", datetime(2026, 1, 2, 3, 4, 7, tzinfo=UTC)),
        ("failed", datetime(2026, 1, 2, 3, 5, tzinfo=UTC)),
    ],
    ids=["since before", "not that instance"],
)
def test_a_pod_that_was_not_seen_to_be_ready_again(kind: OutcomeKind, ready: datetime) -> None:
    result = ContainerOutcome("app", kind, "", BEFORE, AFTER, None, "exec", ready_at=ready).to_result()
    assert result["ready_at"] is None


def test_a_new_pod_says_when_it_was_made_started_and_ready() -> None:
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:09Z"}
    new = pod(
        "new",
        meta={"creationTimestamp": "2026-01-02T03:04:01Z"},
        containers=[container("app", 0, state=STARTED)],
        conditions=[condition],
    )
    result = PodOutcome.whole(None, Pod.from_object(new), "restarted", "new pod").to_result()
    app = result["containers"][0]
    assert (result["created_at"], app["started_at"], app["ready_at"]) == (
        "2026-01-02T03:04:01Z",
        "2026-01-02T03:04:08Z",
        "2026-01-02T03:04:09Z",
    )
    assert (app["sent_at"], app["ended_at"]) == (None, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("old", "new", ("new", "uid-old", "uid-new")),
        ("old", None, ("old", "uid-old", None)),
        (None, "new", ("new", None, "uid-new")),
        (None, None, (None, None, None)),
    ],
)
def test_a_pod_before_and_after(before: str | None, after: str | None, expected: tuple[str | None, ...]) -> None:
    made = [Pod.from_object(pod(name)) if name else None for name in (before, after)]
    result = PodOutcome(made[0], made[1], ()).to_result()
    assert (result["name"], result["uid_before"], result["uid_after"]) == expected
    assert (result["ip_before"], result["ip_after"]) == tuple("10.0.0.1" if entry else None for entry in made)


def test_the_whole_result_counts() -> None:
    there = Pod.from_object(pod("a"))
    pods = [
        PodOutcome(there, there, (ContainerOutcome("app", "restarted", ""), ContainerOutcome("web", "skipped", ""))),
        PodOutcome(there, None, (ContainerOutcome("app", "restarted", ""),)),
        PodOutcome(None, there, (ContainerOutcome("app", "restarted", ""),)),
        PodOutcome(None, there, (ContainerOutcome("app", "failed", ""),)),
    ]
    owner = Workload.from_object(workload("Deployment"))
    result = restart_result(
        "in_place", owner, [{"x": 1}], pods, changed=True, seconds=1.005, requests=9, warnings=["w"]
    )
    assert result["summary"] == {
        "pods": 2,
        "restarted": 2,
        "unchanged": 0,
        "skipped": 1,
        "failed": 1,
        "seconds": round(1.005, 2),
        "api_requests": 9,
    }
    assert (result["workload"], result["plan"], result["warnings"]) == (owner.to_result(), [{"x": 1}], ["w"])
    assert len(result["pods"]) == 4
