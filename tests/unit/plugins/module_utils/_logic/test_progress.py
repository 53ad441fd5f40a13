# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import (
    FEW,
    FIRST_WAIT_SECONDS,
    WAIT_SECONDS,
    Ended,
    Lines,
    Report,
    Waiting,
    printable,
)

NO_ROOM = "1 of 3 pods of Deployment cart are not available, and max_unavailable is 1"


def ended(number: int, outcome: str = "restarted", seconds: float | None = 1.34) -> Ended:
    return Ended(f"cart-{number}", "app", outcome, seconds)


def report(total: int, left: int, *entries: Ended, away: int = 0, waiting: str = "") -> str:
    return Report(total, left, away, waiting, entries).to_line()


def test_a_report_is_one_line_and_is_read_as_it_was() -> None:
    written = Report(3, 2, 1, "a\nb \u202e", (ended(1), ended(2, "failed", None)))
    assert written.to_line().count("\n") == 1
    assert written.to_line().isascii()
    assert Report.from_line(written.to_line()) == written


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "[]",
        "1",
        '{"total": 1}',
        '{"total": "x", "left": 0, "away": 0, "waiting": "", "ended": []}',
        '{"total": Infinity, "left": 0, "away": 0, "waiting": "", "ended": []}',
        '{"total": 1, "left": 0, "away": 0, "waiting": "", "ended": [{"pod": "a"}]}',
        '{"total": 1, "left": 0, "away": 0, "waiting": "", "ended": [1]}',
    ],
)
def test_what_is_no_report_is_none(line: str) -> None:
    assert Report.from_line(line) is None
    assert Lines(0).read(f"{line}\n", 0) == []


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (ended(1), "cart-1 app: restarted in 1.3 s; 2 of 3 to go, 1 pod away"),
        (ended(1, "failed"), "cart-1 app: failed after 1.3 s; 2 of 3 to go, 1 pod away"),
        (ended(1, "failed", None), "cart-1 app: failed, nothing was sent; 2 of 3 to go, 1 pod away"),
        (ended(1, "unchanged", 30), "cart-1 app: unchanged after 30.0 s; 2 of 3 to go, 1 pod away"),
        (ended(1, "skipped", None), "cart-1 app: skipped, nothing was sent; 2 of 3 to go, 1 pod away"),
    ],
)
def test_each_of_a_few_has_a_line_at_once(entry: Ended, line: str) -> None:
    assert Lines(0).read(report(3, 2, entry, away=1), 0.1) == [line]


def test_a_line_that_is_not_complete_yet_is_read_later() -> None:
    text = report(1, 0, ended(1))
    lines = Lines(0)
    assert lines.read(text[:20], 0.1) == []
    assert lines.read(text[20:], 0.2) == ["cart-1 app: restarted in 1.3 s; 0 of 1 to go, 0 pods away"]


def test_many_are_counted_once_a_second_and_their_failures_named_at_once() -> None:
    lines = Lines(0)
    assert lines.read(report(300, 299, ended(1), away=4), 1) == ["1 of 300 restarted, 4 pods away, 1 s"]
    assert lines.read(report(300, 298, ended(2), away=4), 1.1) == []
    failed = report(300, 297, ended(3, "failed", None), away=3)
    line = "cart-3 app: failed, nothing was sent; 297 of 300 to go, 3 pods away, about 119 s more"
    assert lines.read(failed, 1.2) == [line]
    many = "".join(report(300, 297 - number, ended(3 + number), away=4) for number in range(1, 101))
    assert lines.read(many, 1.9) == []
    assert lines.read("", 2) == ["102 of 300 restarted, 1 failed, 4 pods away, 2 s, about 4 s more"]
    assert lines.read("", 3) == []


def test_there_are_at_most_a_line_a_second_and_the_last_one_has_them_all() -> None:
    lines, told, total = Lines(0), [], 500
    for number in range(1, total + 1):
        told += lines.read(report(total, total - number, ended(number)), number / 50)
    told += lines.end("", 10.01)
    assert len(told) <= 11
    assert told[-1] == "500 of 500 restarted, 0 pods away, 10 s"


def test_the_last_ones_are_told_without_a_pause() -> None:
    lines = Lines(0)
    lines.read(report(FEW + 1, FEW, ended(1)), 0)
    last = report(FEW + 1, 0, *map(ended, range(2, FEW + 2)))
    assert lines.end(last, 0.1) == [f"{FEW + 1} of {FEW + 1} restarted, 0 pods away, 0 s"]


def test_skipped_ones_are_counted_apart() -> None:
    entries = [ended(number, "skipped", None) for number in range(FEW)]
    line = f"0 of {FEW + 1} restarted, {FEW} skipped, 0 pods away, 0 s"
    assert Lines(0).read(report(FEW + 1, 1, *entries), 0) == [line]


def test_a_long_wait_is_told_and_then_now_and_again() -> None:
    lines = Lines(0)
    assert lines.read(report(3, 3, away=1, waiting=NO_ROOM), 20) == []  # all containers were looked at up to now
    first = 20 + FIRST_WAIT_SECONDS
    assert lines.read("", first - 0.1) == []
    assert lines.read("", first) == [f"0 of 3 restarted, 1 pod away, 25 s; waiting for 5 s: {NO_ROOM}"]
    assert lines.read(report(3, 3, away=1), first + WAIT_SECONDS - 0.1) == []
    assert lines.read("", first + WAIT_SECONDS) == ["0 of 3 restarted, 1 pod away, 55 s"]


def test_any_line_starts_the_wait_anew() -> None:
    lines = Lines(0)
    assert lines.read(report(3, 2, ended(1), waiting=NO_ROOM), 4)
    assert lines.read("", 8.9) == []
    assert lines.read("", 9) == [f"1 of 3 restarted, 0 pods away, 9 s; waiting for 5 s: {NO_ROOM}"]


def test_how_long_it_waits_is_counted_from_when_the_reason_came() -> None:
    lines = Lines(0)
    lines.read(report(3, 3, waiting="something else"), 1)
    lines.read(report(3, 3, waiting=NO_ROOM), 2)
    lines.read(report(3, 3, away=1, waiting=NO_ROOM), 4)
    assert lines.read("", 12) == [f"0 of 3 restarted, 1 pod away, 12 s; waiting for 10 s: {NO_ROOM}"]


def test_nothing_is_said_before_there_is_a_report_and_once_none_is_left() -> None:
    lines = Lines(0)
    assert lines.read("", 100) == []
    assert lines.read(report(1, 0, ended(1)), 100)
    assert lines.read("", 200) == []


def test_for_the_same_reason_another_one_may_wait_after_each_that_has_ended() -> None:
    lines = Lines(0)
    lines.read(report(3, 3, away=1, waiting=NO_ROOM), 1)
    lines.read(report(3, 2, ended(1), away=1, waiting=NO_ROOM), 20)
    assert lines.read("", 25) == [f"1 of 3 restarted, 1 pod away, 25 s; waiting for 5 s: {NO_ROOM}"]


def waits(words: str) -> str:
    return Waiting(words).to_line()


def test_a_wait_without_containers_is_told_once_it_lasts_and_then_now_and_again() -> None:
    lines = Lines(0)
    assert lines.read(waits("waiting for a lock"), 1) == []
    assert lines.read(waits("waiting for a lock"), 1 + FIRST_WAIT_SECONDS - 0.1) == []
    assert lines.read("", 1 + FIRST_WAIT_SECONDS) == ["waiting for a lock; 6 s"]
    assert lines.read("", 6 + WAIT_SECONDS - 0.1) == []
    assert lines.read("", 6 + WAIT_SECONDS) == ["waiting for a lock; 36 s"]


def test_how_far_a_controller_is_is_news_but_not_at_every_moment() -> None:
    lines = Lines(0)
    told = [lines.read(waits(f"{second // 2} of 9 pods are updated"), second) for second in range(18)]
    assert [line for entry in told for line in entry] == [
        f"{second // 2} of 9 pods are updated; {second} s" for second in (5, 10, 15)
    ]


def test_what_is_not_waited_for_any_more_is_not_told() -> None:
    lines = Lines(0)
    lines.read(waits("waiting for a lock"), 0)
    lines.read(waits(""), 4)
    assert lines.read("", 1000) == []


def test_after_the_wait_the_containers_count_and_their_pace() -> None:
    lines = Lines(0)
    lines.read(waits("waiting for a lock"), 0)
    lines.read(waits(""), 300)
    lines.read(report(3, 3, away=1), 300)
    lines.read(report(3, 2, ended(1)), 302)
    line = "cart-2 app: restarted in 1.3 s; 1 of 3 to go, 0 pods away, about 2 s more"
    assert lines.read(report(3, 1, ended(2)), 304) == [line]
    assert lines.read("", 304 + FIRST_WAIT_SECONDS)[0].startswith("2 of 3 restarted, 0 pods away, 309 s")


@pytest.mark.parametrize("line", ["", "1", "[]", "no JSON", '{"waiting": "x"}'])
def test_what_is_no_wait_is_none(line: str) -> None:
    assert Waiting.from_line(line) is None


def test_a_hostile_name_cannot_move_the_cursor_or_begin_a_line() -> None:
    hostile = Ended("a\x1b[2J\r\nb", "c\u202ed\ud800\u2028", "restarted", 1)
    (line,) = Lines(0).read(report(1, 0, hostile, away=0), 0)
    assert line == "a\\x1b[2J\\r\\nb c\\u202ed\\ud800\\u2028: restarted in 1.0 s; 0 of 1 to go, 0 pods away"


def test_what_can_be_read_stays_as_it_is() -> None:
    assert printable("Ä 1 - x\\y") == "Ä 1 - x\\y"


def test_only_what_belongs_into_a_report_is_in_it() -> None:
    fields = json.loads(report(1, 0, ended(1)))
    assert set(fields) == {"total", "left", "away", "waiting", "ended"}
    assert set(fields["ended"][0]) == {"pod", "container", "outcome", "seconds"}
