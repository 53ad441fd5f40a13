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
    Gone,
    Look,
    NothingSent,
    Signalled,
    look_at,
    signal_pid1,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    answering,
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


def signal_it(api: FakeApi, seen: Look, **options: Any) -> Signalled:
    """The other call under test."""
    return signal_pid1(api, seen, 15, "/bin/sh", force=False, refuse=lambda _facts, _verdict: None, **options)


def looked_at(api: FakeApi, **facts: Any) -> Look:
    """A look whose shell may wait for the answer."""
    expect_exec(api, "cart-1", asking(**facts))
    (seen,) = look_at(api, [pair()], 15, "/bin/sh", keep=True)
    return seen


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize(("caught", "waits"), [("TERM", True), ("", False)])
def test_the_shell_waits_where_only_the_handler_matters(fake_api: FakeApi, caught: str, waits: bool) -> None:
    seen = looked_at(fake_api, caught=caught)
    (session,) = fake_api.sessions
    assert session.was_released is waits
    assert bool(seen.token) is waits


@pytest.mark.usefixtures("_known_token")
def test_it_is_signalled_in_the_session_of_the_look(fake_api: FakeApi) -> None:
    seen = looked_at(fake_api)
    fake_api.kept[seen.token] = answering("sending 15", "sent 0")
    assert signal_it(fake_api, seen) == Signalled(seen.verdict, seen.facts, seen=True)


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize(
    "kept",
    [
        FakeExec().expect_line(error=ExecCut("The exec session was cut off.")),
        answering("changed"),  # in the middle of a fork, or a handler more
    ],
)
def test_where_that_says_that_nothing_was_sent_a_new_one_looks_again(fake_api: FakeApi, kept: FakeExec) -> None:
    seen = looked_at(fake_api)
    fake_api.kept[seen.token] = kept
    expect_exec(fake_api, "cart-1", acting("sending 15", "sent 0"))
    assert signal_it(fake_api, seen).seen
    assert kept.closed


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize(("word", "error"), [("replaced", Gone), ("left", NothingSent)])
def test_another_process_is_not_signalled(fake_api: FakeApi, word: str, error: type[Exception]) -> None:
    seen = looked_at(fake_api)
    fake_api.kept[seen.token] = answering(word)
    with pytest.raises(error, match="PID 1 "):
        signal_it(fake_api, seen)


@pytest.mark.usefixtures("_known_token")
def test_silence_may_be_a_signal_that_was_sent(fake_api: FakeApi) -> None:
    seen = looked_at(fake_api)
    fake_api.kept[seen.token] = answering()
    assert not signal_it(fake_api, seen).seen


@pytest.mark.usefixtures("_known_token")
def test_to_ask_only_leaves_the_session_of_the_look_alone(fake_api: FakeApi) -> None:
    seen = looked_at(fake_api)
    fake_api.kept[seen.token] = answering("sending 15", "sent 0")
    expect_exec(fake_api, "cart-1", asking())
    assert not signal_it(fake_api, seen, asked_only=True).seen
    assert signal_it(fake_api, seen).seen


@pytest.mark.usefixtures("_known_token")
def test_a_session_that_is_cut_where_it_may_have_sent_is_not_opened_anew(fake_api: FakeApi) -> None:
    seen = looked_at(fake_api)
    expect_exec(fake_api, "cart-1", asking().expect_line(error=ExecCut("The exec session was cut off.")))
    with pytest.raises(NothingSent, match="cut off"):
        signal_it(fake_api, seen)
