# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    ExecCut,
    ExecFailed,
    NotFound,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import VerdictKind
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import (
    Look,
    NothingSent,
    look_at,
    signal_pid1,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    asking,
    expect_exec,
    looking,
    probe_text,
)


def pair(name: str = "cart-1", **status: Any) -> tuple[Pod, Container]:
    """A pod and its container."""
    found = Pod.from_object(pod(name, **status))
    return found, found.containers[0]


def look(api: FakeApi, *targets: tuple[Pod, Container]) -> list[Look]:
    """The call under test, for SIGTERM."""
    return look_at(api, targets or [pair()], 15, "/bin/sh")


def unread(answer: Exception | str) -> FakeExec:
    """A session that tells nothing."""
    return FakeExec().expect_line().expect_read(answer)


@pytest.mark.usefixtures("_known_token")
def test_what_is_read_is_judged(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", looking(start=99))
    (seen,) = look(fake_api)
    assert seen.verdict.kind is VerdictKind.HANDLED
    assert seen.facts
    assert (seen.facts.start_time, seen.facts.name, seen.facts.own_uid) == (99, "app", 7)


def test_each_session_has_a_mark_that_cannot_be_guessed(fake_api: FakeApi) -> None:
    marks = []

    def answer(marker: str) -> str:
        marks.append(marker)
        return ""

    for _ in range(2):
        expect_exec(fake_api, "cart-1", FakeExec().expect_line().expect_read(answer))
        look(fake_api)
    assert marks[0] != marks[1]
    assert all(re.fullmatch(r"[0-9a-f]{16} end", mark) for mark in marks)


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            unread(ExecFailed('exec: "/bin/sh": stat /bin/sh: no such file or directory')),
            "the image has no /bin/sh, and without a shell nothing can be read or sent",
        ),
        (
            unread(ExecFailed("executable file `/bin/sh` not found in $PATH: No such file or directory")),
            "the image has no /bin/sh, and without a shell nothing can be read or sent",
        ),
        (
            unread(ExecFailed("failed to load task: no running task found: not found")),
            "PID 1 could not be read: failed to load task: no running task found: not found",
        ),
        (unread(ExecCut("silence.")), "PID 1 could not be read: silence"),
        (unread("rubbish"), "PID 1 could not be read: the probe did not start: 'rubbish'"),
        (unread(probe_text()[:200]), "PID 1 could not be read: the probe's output breaks off"),
        (NotFound("Cannot exec: no such pod.", 404), "Cannot exec: no such pod"),
        (ApiError("Cannot exec: error dialing backend.", 500), "Cannot exec: error dialing backend"),
        (Unreachable("No answer from the API server."), "No answer from the API server"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_says_why(
    fake_api: FakeApi, answer: FakeExec | Exception, reason: str
) -> None:
    expect_exec(fake_api, "cart-1", answer)
    (seen,) = look(fake_api)
    assert seen.verdict.kind is VerdictKind.UNKNOWN
    assert seen.verdict.reason.startswith(reason)
    assert not seen.verdict.reason.endswith(".")
    assert seen.facts is None


@pytest.mark.usefixtures("_known_token")
def test_a_container_that_is_out_of_reach_says_nothing_of_the_others(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    expect_exec(fake_api, "cart-1", Unreachable("No answer"))
    expect_exec(fake_api, "cart-2", looking())
    looks = look(fake_api, pair("cart-1"), pair("cart-2"))
    assert [seen.verdict.kind for seen in looks] == [VerdictKind.UNKNOWN, VerdictKind.HANDLED]


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize(("caught", "kind"), [("TERM", VerdictKind.HANDLED), ("", VerdictKind.BLOCKED)])
def test_a_blocked_signal_is_looked_at_twice(fake_api: FakeApi, caught: str, kind: VerdictKind) -> None:
    expect_exec(fake_api, "cart-1", looking(caught="", blocked="TERM"))
    expect_exec(fake_api, "cart-1", looking(caught=caught, blocked="" if caught else "TERM"))
    assert [seen.verdict.kind for seen in look(fake_api)] == [kind]


def test_what_does_not_run_is_not_asked(fake_api: FakeApi) -> None:
    (seen,) = look(fake_api, pair(phase="Succeeded"))
    assert seen.verdict.kind is VerdictKind.UNKNOWN
    assert "has ended" in seen.verdict.reason


@pytest.mark.parametrize("error", [ApiError("no", 401), ApiError("no", 403)])
def test_what_would_be_the_same_for_each_is_an_error(fake_api: FakeApi, error: Exception) -> None:
    expect_exec(fake_api, "cart-1", error)
    with pytest.raises(type(error), match="no"):
        look(fake_api)


@pytest.mark.usefixtures("_known_token")
def test_many_are_looked_at_side_by_side_and_returned_in_order(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    targets = [pair(f"cart-{number}") for number in range(40)]
    for found, _container in reversed(targets):
        expect_exec(fake_api, found.name, looking(caught="TERM" if found.name != "cart-7" else ""))
    looks = look(fake_api, *targets)
    assert [seen.pod.name for seen in looks] == [found.name for found, _container in targets]
    assert [seen.pod.name for seen in looks if not seen.verdict.acts] == ["cart-7"]


def test_nothing_to_look_at(fake_api: FakeApi) -> None:
    assert look_at(fake_api, [], 15, "/bin/sh") == []


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize("keep", [True, False])
def test_sessions_are_left_open_where_more_is_to_come(fake_api: FakeApi, keep: bool) -> None:
    session = looking()
    expect_exec(fake_api, "cart-1", session)
    look_at(fake_api, [pair()], 15, "/bin/sh", keep=keep)
    assert session.was_released is keep


def signal_it(api: FakeApi, seen: Look) -> bool:
    """Whether it was seen that the signal went out."""
    return signal_pid1(api, seen, 15, "/bin/sh", force=False, refuse=lambda _facts, _verdict: None).seen


@pytest.mark.usefixtures("_known_token")
def test_a_session_that_was_kept_and_cut_is_opened_anew(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", looking())
    (seen,) = look(fake_api)
    cut = FakeExec().expect_line(error=ExecCut("The exec session was cut off."))
    cut.reused = True
    expect_exec(fake_api, "cart-1", cut)
    expect_exec(fake_api, "cart-1", acting("sending 15", "sent 0"))
    assert signal_it(fake_api, seen)


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize("reused", [True, False])
def test_a_session_that_is_cut_where_it_may_have_sent_is_not_opened_anew(fake_api: FakeApi, reused: bool) -> None:
    expect_exec(fake_api, "cart-1", looking())
    (seen,) = look(fake_api)
    cut = asking().expect_line(error=ExecCut("The exec session was cut off."))
    cut.reused = reused
    expect_exec(fake_api, "cart-1", cut)
    with pytest.raises(NothingSent, match="cut off"):
        signal_it(fake_api, seen)
