# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import (
    MOMENTS,
    Away,
    away_seconds,
    how_many_away,
    moment,
    seconds_between,
    times_of,
)


def at(second: int) -> str:
    """A time."""
    return f"2026-01-31T03:{second // 60:02d}:{second % 60:02d}Z"


def away(*spans: tuple[int, int]) -> list[dict[str, str | None]]:
    """The moments of the containers of one pod: when each ended, and was Ready again."""
    return [dict.fromkeys(MOMENTS) | {"ended": at(begin), "ready": at(end)} for begin, end in spans]


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([away((0, 2)), away((2, 5))], (2, 1, 3, 0)),
        ([away((0, 3)), away((1, 4))], (2, 2, 3, 2)),
        ([away((0, 3)), away((1, 4)), []], (3, 2, 3, 0)),
        ([away((0, 2), (1, 3))], (1, 1, 3, 3)),
        ([away((0, 1), (5, 7))], (1, 1, 3, 3)),
        ([away((4, 4))], (1, 1, 0, 0)),
        ([away((5, 3))], (1, 1, 0, 0)),
    ],
    ids=["one after the other", "both at once", "one stayed", "containers at once", "one by one", "at once", "clocks"],
)
def test_how_many_were_away(pods: list[list[dict[str, str | None]]], expected: tuple[int, int, int, int]) -> None:
    found = how_many_away(pods)
    assert found
    assert (found.pods, found.most, found.longest, found.all_at_once) == expected


def test_the_steps_of_a_chart() -> None:
    assert how_many_away([away((10, 12)), away((11, 14))]) == Away(2, 2, 3, 1, ((0, 1), (1, 2), (2, 1), (4, 0)))


def test_nothing_is_known() -> None:
    assert how_many_away([[dict.fromkeys(MOMENTS)], []]) is None


@pytest.mark.parametrize("text", [None, "", "yesterday", 7, {}, "2026-13-31T03:00:00Z", "<script>"])
def test_what_is_no_time(text: object) -> None:
    assert moment(text) is None


def test_seconds_are_never_below_zero() -> None:
    assert (seconds_between(at(5), at(3)), seconds_between(at(3), at(5)), seconds_between(None, at(5))) == (0, 2, None)


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2026-01-31T03:00:00") == moment(at(0))


def test_only_a_new_pod_was_created() -> None:
    new, same = {"uid_before": "a", "uid_after": "b"}, {"uid_before": "a", "uid_after": "a"}
    assert times_of(new | {"created_at": at(1)}, {})["created"] == at(1)
    assert times_of(same | {"created_at": at(1)}, {})["created"] is None


def test_away_is_from_the_end_until_ready() -> None:
    assert away_seconds(times_of({}, {"ended_at": at(1), "started_at": at(3), "ready_at": at(9)})) == 8
    assert away_seconds(times_of({}, {"ended_at": at(1)})) is None
