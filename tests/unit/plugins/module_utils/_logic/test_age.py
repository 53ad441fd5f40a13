# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff, is_older, too_young
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("90s", timedelta(seconds=90)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("1d", timedelta(days=1)),
        (" 1d1s ", timedelta(days=1, seconds=1)),
        ("0s", timedelta()),
        ("1d12h", timedelta(days=1, hours=12)),
        ("90", timedelta(seconds=90)),
        ("2026-01-02T03:04:00Z", timedelta(seconds=5)),
        ("2026-01-02T04:04:05+01:00", timedelta()),
    ],
)
def test_cutoff(text: str, before: timedelta) -> None:
    assert cutoff(text, NOW) == NOW - before


@pytest.mark.parametrize(
    "text", ["", "-5", "٣", "h", "m5", "5m2h", "1.5h", "yesterday", "2026-01-02", "2026-01-02T03:04:05", "9" * 20 + "d"]
)
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(TargetError, match="neither a duration, such as 90s"):
        cutoff(text, NOW)


def test_a_time_that_is_yet_to_come() -> None:
    with pytest.raises(TargetError, match=r"2026-01-02T03:04:06Z is yet to come, it is 2026-01-02T03:04:05Z"):
        cutoff("2026-01-02T03:04:06Z", NOW)


def test_older() -> None:
    young = Pod.from_object(pod("a", meta={"creationTimestamp": "2026-01-02T03:04:05Z"}))
    assert not is_older(young, NOW)
    assert is_older(young, NOW + timedelta(seconds=1))
    assert is_older(young, None)
    assert is_older(Pod.from_object(pod("b")), NOW)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (
            {"running": {"startedAt": "2026-01-02T03:04:00Z"}},
            "started 5 s ago, which is not before 2026-01-02T03:04:00Z (older_than)",
        ),
        ({"running": {"startedAt": "2026-01-02T03:03:59Z"}}, None),
        ({"running": {}}, None),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, None),
    ],
)
def test_which_containers_are_left_alone(state: dict[str, Any], reason: str | None) -> None:
    found = Pod.from_object(pod("a", containers=[container("app", state=state)])).containers[0]
    assert too_young(found, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), NOW) == reason
