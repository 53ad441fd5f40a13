# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the kubelet would wait, and until when to hold a signal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.back_off import back_off, hold
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def ago(seconds: float) -> str:
    """The time so many seconds ago, as a status has it."""
    return f"{NOW - timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def made(count: int, age: float, *, down: float | None = 1, ran: float = 30, **spec: Any) -> Pod:
    """A pod of two hours whose container has been restarted so often, the last time so many seconds ago.

    It was down before for `down` seconds, and had run for `ran` before that; None: no status tells.
    """
    last: JsonObject = {}
    if down is not None:
        ended = {"exitCode": 0, "startedAt": ago(age + down + ran), "finishedAt": ago(age + down)}
        last = {"lastState": {"terminated": ended}}
    status = container("app", count, state={"running": {"startedAt": ago(age)}}, **last)
    spec = {"containers": [{"name": "app"} | spec]}
    return Pod.from_object(pod("a", containers=[status], spec=spec, meta={"creationTimestamp": ago(7200)}))


@pytest.mark.parametrize(
    ("count", "age", "more", "expected"),
    [
        (0, 0, {"down": None}, (0, 0, 0)),
        (1, 30, {}, (10, 0, 10)),
        (2, 30, {}, (10, 10, 10)),  # it was started at once, so there was no entry
        (2, 30, {"down": 12}, (20, 10, 20)),
        (3, 30, {"down": 27}, (40, 10, 40)),
        (4, 30, {"down": 53}, (80, 10, 80)),
        (5, 30, {"down": 90}, (160, 10, 160)),
        (6, 30, {"down": 170}, (300, 10, 300)),
        (9, 30, {"down": 310}, (300, 10, 300)),
        (1, 30, {"down": 25}, (10, 0, 40)),  # slow to start; or its image was not to be had
        (2, 30, {"down": 45}, (20, 10, 80)),
        (7, 30, {"down": 12, "ran": 700}, (10, 10, 20)),
        (2, 600, {}, (10, 0, 10)),
        (2, 590, {}, (10, 8, 10)),
        (2, 601, {}, (0, 0, 0)),
        (1, 30, {"down": None}, (10, 0, 300)),  # the dead container has been removed
        (2, 30, {"livenessProbe": {}}, (10, 10, 300)),
        (3, 30, {"startupProbe": {}, "down": 27}, (40, 10, 300)),
    ],
)
def test_what_it_is(count: int, age: float, more: dict[str, Any], expected: tuple[int, int, int]) -> None:
    found = made(count, age, **more)
    told = back_off(found, found.containers[0], NOW)
    assert (told.seconds, told.least, told.most) == expected


def test_a_young_pod_cannot_have_waited_for_long() -> None:
    found = Pod.from_object(
        pod(
            "a",
            containers=[container("app", 2, state={"running": {"startedAt": ago(30)}})],
            meta={"creationTimestamp": ago(55)},
        )
    )
    assert back_off(found, found.containers[0], NOW).most == 40


def test_the_reason() -> None:
    never, once, twice, long_ago = (made(0, 5), made(1, 30.4), made(2, 30), made(1, 900))
    reasons = [back_off(entry, entry.containers[0], NOW).reason for entry in (never, once, twice, long_ago)]
    words = "if it ends within the next {} s the kubelet waits before it starts it again"
    assert reasons == [
        "it has not been restarted yet",
        f"it was restarted 31 s ago: {words.format(570)} (likely 10 s, 0 to 10 s)",
        f"it was restarted 30 s ago: {words.format(571)} (likely 10 s)",
        "its last restart is forgotten after 600 s",
    ]


@pytest.mark.parametrize(
    ("count", "age", "seconds"), [(0, 5, 0), (1, 0, 601), (1, 1.5, 599), (4, 600, 1), (4, 601, 0), (4, 5000, 0)]
)
def test_how_long_to_hold_a_signal(count: int, age: float, seconds: float) -> None:
    assert hold(made(count, age).containers[0], NOW) == seconds


def test_what_does_not_run_is_not_held() -> None:
    status = container("app", 3, state={"waiting": {"reason": "CrashLoopBackOff"}})
    assert hold(Pod.from_object(pod("a", containers=[status])).containers[0], NOW) == 0
