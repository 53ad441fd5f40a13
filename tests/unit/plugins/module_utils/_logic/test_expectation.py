# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.expectation import Expect, Family, contradiction
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import ListedProcess, ProcessList
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind

HANDLED, WAITED, IGNORED = VerdictKind.HANDLED, VerdictKind.WAITED, VerdictKind.IGNORED
DEFAULT, BLOCKED, UNKNOWN = VerdictKind.DEFAULT, VerdictKind.BLOCKED, VerdictKind.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "name", "acts", "allowed"),
    [
        (HANDLED, "SIGHUP", False, "restart reload nothing"),
        (WAITED, "SIGHUP", False, "restart reload nothing"),
        (HANDLED, "SIGTERM", False, "restart"),
        (WAITED, "SIGINT", False, "restart"),
        (IGNORED, "SIGHUP", False, "nothing"),
        (IGNORED, "SIGTERM", False, "nothing"),
        (BLOCKED, "SIGHUP", False, "nothing"),
        (DEFAULT, "SIGHUP", False, "nothing"),  # PID 1: dropped
        (DEFAULT, "SIGKILL", False, "nothing"),
        (DEFAULT, "SIGHUP", True, "restart"),  # any other: it ends
        (DEFAULT, "SIGKILL", True, "restart"),
        (DEFAULT, "SIGSTOP", True, ""),
        (UNKNOWN, "SIGHUP", False, ""),
    ],
)
def test_what_the_forecast_allows(kind: VerdictKind, name: str, acts: bool, allowed: str) -> None:
    verdict = Verdict(kind, name, "the reason", default_acts=acts, survives=name == "SIGSTOP")
    reasons = {expect: contradiction(expect, verdict) for expect in Expect}
    assert " ".join(expect for expect, reason in reasons.items() if reason is None) == allowed
    assert all("the reason" in reason for reason in reasons.values() if reason is not None)


def test_the_words() -> None:
    ends = Verdict(DEFAULT, "SIGHUP", "the default action happens", default_acts=True)
    assert contradiction(Expect.RELOAD, ends) == "the default action happens, so that it ends"
    stops = Verdict(DEFAULT, "SIGSTOP", "the default action happens", default_acts=True, survives=True)
    assert contradiction(Expect.NOTHING, stops) == "the default action happens, so that it stops"
    assert contradiction(Expect.RESTART, stops) == "the default action happens"


def test_a_program_that_is_known_to_reload() -> None:
    reloads = Verdict(HANDLED, "SIGTERM", "it executes itself again", survives=True)
    assert contradiction(Expect.RELOAD, reloads) is None
    assert contradiction(Expect.RESTART, reloads) == "it executes itself again"


def family(*workers: int) -> Family:
    """PID 1 and these children."""
    entries = tuple(ListedProcess(pid, 1, "S", pid * 10, "worker", "/", "") for pid in workers)
    return Family(ListedProcess(1, 0, "S", 5, "master", "/", ""), entries)


@pytest.mark.parametrize(
    ("now", "replaced", "lingering"),
    [
        ((7, 8), False, 2),
        ((), False, 0),
        ((7,), False, 1),
        ((7, 9), False, 1),  # one crashed
        ((9,), True, 0),
        ((9, 10), True, 0),
        ((7, 8, 9, 10), True, 2),  # the old ones finish
        ((7, 8, 9), False, 2),
    ],
)
def test_workers_are_replaced(now: tuple[int, ...], replaced: bool, lingering: int) -> None:
    before = family(7, 8)
    assert (before.replaced_by(family(*now)), before.lingering(family(*now))) == (replaced, lingering)


def test_a_pid_that_was_given_away_is_another_worker() -> None:
    again = Family(family().head, (ListedProcess(7, 1, "S", 999, "worker", "/", ""),))
    assert family(7).replaced_by(again)


def test_a_family_has_the_children_that_run() -> None:
    before = family(7)
    ended = ListedProcess(9, 1, "Z", 90, "worker", "/", "")
    other = ListedProcess(10, 7, "S", 100, "grandchild", "/", "")
    assert Family.of(before.head, ProcessList("/", (before.head, *before.workers, ended, other))) == before
