# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge, unreadable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import (
    SignalError,
    SignalMask,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Confidence, Verdict, VerdictKind
from ansible_collections.saferestart.k8s.tests.unit.process_script import SIGWAIT, TERM, TTY, process, thread


def mask(text: str) -> SignalMask:
    return SignalMask.from_hex(text)


@pytest.mark.parametrize(
    ("facts", "kind", "acts", "evidence"),
    [
        pytest.param(process("c-sleep-nosig"), "default", False, "lack SIGTERM", id="C without a handler"),
        pytest.param(
            process("c-sleep-sig", cgt=TERM), "handled", True, "SigCgt 0000000000004000 has SIGTERM", id="C with one"
        ),
        pytest.param(
            process("bash", cgt=mask("0000000000010002")), "default", False, "lack", id="bash running a script"
        ),
        pytest.param(process("go-sleep", cgt=mask("fffffffe7fc1feff")), "handled", True, "has SIGTERM", id="Go 1.15"),
        pytest.param(process("go-sleep", cgt=mask("fffffffd7fc1feff")), "handled", True, "has SIGTERM", id="Go 1.26"),
        pytest.param(
            process("tini", ign=TTY, threads=(thread(wchan=SIGWAIT, syscall=128),)),
            "waited",
            True,
            "tini passes signals on: whether the container ends is for its child to decide",
            id="tini",
        ),
        pytest.param(
            process("tini", ign=TTY, threads=(thread(wchan=None),), signalfds=None),
            "waited",
            True,
            "wchan is not readable: judged by the name and by SigIgn 0000000000300000",
            id="tini, not readable",
        ),
        pytest.param(
            process("tini", threads=(thread(wchan=None),), signalfds=None),
            "default",
            False,
            "not readable",
            id="not tini",
        ),
        pytest.param(
            process("dumb-init", cgt=mask("000000007ffbfeff"), threads=(thread(wchan=SIGWAIT),)),
            "handled",
            True,
            "passes signals on",
            id="dumb-init",
        ),
        pytest.param(
            process("catatonit", blk=mask("fffffffe3ffbfa07"), signalfds=(mask("fffffffe3ffbfa07"),)),
            "waited",
            True,
            "a signalfd has sigmask fffffffe3ffbfa07",
            id="catatonit",
        ),
        pytest.param(
            process("s6-svscan", blk=mask("0000000028016a27"), signalfds=None),
            "waited",
            True,
            "fdinfo is not readable: judged by the name and SigBlk",
            id="s6-svscan, not readable",
        ),
        pytest.param(process("systemd", blk=TERM, signalfds=(TERM,)), "waited", True, "systemd", id="systemd"),
        pytest.param(
            process("app", blk=TERM), "blocked", False, "SigBlk 0000000000004000 has SIGTERM", id="never read"
        ),
        pytest.param(
            process("app", blk=TERM, pnd=TERM),
            "blocked",
            False,
            "SIGTERM is pending already",
            id="never read, sent before",
        ),
        pytest.param(
            process("app", blk=TERM, signalfds=None),
            "blocked",
            False,
            "a signalfd would not be seen",
            id="fds not readable",
        ),
        pytest.param(
            process("app", ign=TERM), "ignored", False, "SigIgn 0000000000004000 has SIGTERM", id="trap '' TERM"
        ),
        pytest.param(process("node", cgt=TERM), "unknown", False, "the program is node", id="node"),
        pytest.param(process("MainThread", cgt=TERM), "unknown", False, "MainThread", id="newer node"),
        pytest.param(
            process("server", cgt=TERM, threads=(thread(), replace(thread(7), name="node"))),
            "unknown",
            False,
            "server",
            id="node with another title",
        ),
        pytest.param(
            process("MyApp", cgt=TERM, command=("/usr/local/bin/node", "a.js")),
            "unknown",
            False,
            "MyApp",
            id="node by argv",
        ),
        pytest.param(process("node"), "default", False, "lack", id="node without its handler"),
        pytest.param(process("bash", cgt=TERM), "handled", True, "foreground command has ended", id="trap in bash"),
        pytest.param(
            process("app", cgt=TERM, blk=TERM),
            "handled",
            True,
            "delivered once one unblocks it",
            id="caught, blocked now",
        ),
        pytest.param(
            process("app", cgt=TERM, blk=TERM, pnd=TERM),
            "blocked",
            False,
            "pending already",
            id="caught, never unblocked",
        ),
        pytest.param(
            process("app", cgt=TERM, blk=TERM, pnd=TERM, threads=(thread(blocked=TERM), thread(2))),
            "handled",
            True,
            "has SIGTERM",
            id="caught, another thread takes it",
        ),
        pytest.param(
            process("app", blk=TERM, threads=(thread(blocked=TERM), thread(2, wchan=SIGWAIT))),
            "waited",
            True,
            "thread 2 is in sigtimedwait",
            id="sigwait in another thread",
        ),
        pytest.param(
            process("app", threads=(thread(), thread(2, wchan=SIGWAIT))),
            "default",
            False,
            "lack SIGTERM",
            id="sigwait in another thread, the leader does not block",
        ),
        pytest.param(
            process("app", blk=TERM, threads=(thread(blocked=TERM), thread(2, blocked=TERM, wchan=SIGWAIT))),
            "blocked",
            False,
            "has SIGTERM",
            id="sigwait for something else",
        ),
        pytest.param(
            process("app", ign=TERM, threads=(thread(wchan=SIGWAIT),)), "ignored", False, "SigIgn", id="ignored, waits"
        ),
        pytest.param(
            process("app", signalfds=(TERM,)),
            "default",
            False,
            "not blocked, so it never gets there",
            id="signalfd unblocked",
        ),
        pytest.param(
            process("app", ign=TERM, blk=TERM, signalfds=(TERM,)),
            "waited",
            True,
            "signalfd",
            id="ignored, read by signalfd",
        ),
    ],
)
def test_sigterm_for_pid_1(facts: ProcessFacts, kind: str, acts: bool, evidence: str) -> None:
    verdict = judge(facts, 15)
    assert (verdict.kind, verdict.acts, verdict.signal) == (kind, acts, "SIGTERM")
    assert any(evidence in line for line in verdict.evidence), verdict.evidence
    assert verdict.reason
    assert "\n" not in verdict.reason


@pytest.mark.parametrize(
    ("facts", "confidence"),
    [
        pytest.param(process(), "certain", id="default"),
        pytest.param(process(threads=(thread(), thread(2, wchan=SIGWAIT))), "certain", id="default, another waits"),
        pytest.param(process(threads=(thread(wchan=None),)), "likely", id="default, wait not readable"),
        pytest.param(
            process(threads=(thread(wchan=None, syscall=34),)), "certain", id="default, wait read as a number"
        ),
        pytest.param(process(arch="vax", threads=(thread(wchan=None, syscall=34),)), "likely", id="a number of what"),
        pytest.param(process(threads=()), "likely", id="default, no thread readable"),
        pytest.param(process(pid=7, nspid=(7,)), "certain", id="default of another pid"),
        pytest.param(process(pid=7, nspid=(7,), state="D (disk sleep)"), "likely", id="it may wake up late"),
        pytest.param(process(pid=7, nspid=(7,), tracer=9), "likely", id="its debugger is asked first"),
        pytest.param(process(ign=TERM), "certain", id="ignored"),
        pytest.param(process(ign=TERM, blk=TERM), "likely", id="ignored, kept for a reader"),
        pytest.param(process(ign=TERM, threads=(thread(wchan=SIGWAIT),)), "likely", id="ignored, waits"),
        pytest.param(process(ign=TERM, threads=(thread(wchan=None),)), "likely", id="ignored, wait not readable"),
        pytest.param(process(blk=TERM), "likely", id="blocked, it may be read later"),
        pytest.param(process(cgt=TERM), "likely", id="handler"),
        pytest.param(process(blk=TERM, signalfds=(TERM,)), "likely", id="signalfd"),
        pytest.param(process(threads=(thread(wchan=SIGWAIT),)), "likely", id="sigwait"),
        pytest.param(process("node", cgt=TERM), "unknown", id="node"),
        pytest.param(process("bash", cgt=TERM), "unknown", id="a shell that waits for a command"),
        pytest.param(process("dash", cgt=TERM, threads=(thread(wchan="sigsuspend"),)), "likely", id="a shell in wait"),
        pytest.param(process("bash", cgt=TERM, threads=(thread(wchan=None),)), "unknown", id="a shell, not readable"),
    ],
)
def test_confidence(facts: ProcessFacts, confidence: str) -> None:
    assert judge(facts, 15).confidence == confidence


@pytest.mark.parametrize("state", ["T (stopped)", "t (tracing stop)"])
@pytest.mark.parametrize("facts", [{"nspid": (7,), "pid": 7}, {"cgt": TERM}])
def test_a_stopped_process_does_not_end(facts: dict[str, Any], state: str) -> None:
    verdict = judge(process(**facts, state=state), 15)
    assert (verdict.ends, verdict.confidence) == (False, "likely")
    assert "is stopped: SIGTERM waits until somebody continues it" in verdict.reason
    assert judge(process(nspid=(7,), pid=7, state=state), 9).ends


@pytest.mark.parametrize("signal", [9, 19])
def test_nothing_is_surer_than_kill_and_stop(signal: int) -> None:
    for nspid in ((1,), (7, 1)):
        assert judge(process(nspid=nspid), signal).confidence is Confidence.CERTAIN
    assert judge(process(nspid=(7, 1)), signal).ends == (signal == 9)


@pytest.mark.parametrize(
    ("arch", "number", "kind"),
    [
        ("x86_64", 128, "waited"),
        ("amd64", 128, "waited"),
        ("aarch64", 137, "waited"),
        ("arm64", 137, "waited"),
        ("ppc64le", 176, "waited"),
        ("s390x", 177, "waited"),
        ("riscv64", 137, "waited"),
        ("armv7l", 421, "waited"),
        ("mips64le", 5126, "waited"),
        ("x86_64", 137, "default"),
        ("aarch64", 128, "default"),
        ("vax", 128, "default"),
    ],
)
def test_sigtimedwait_is_known_by_its_number_where_wchan_is_not_readable(arch: str, number: int, kind: str) -> None:
    assert judge(process(arch=arch, threads=(thread(wchan=None, syscall=number),)), 15).kind == kind


@pytest.mark.parametrize("signal", [9, 19])
@pytest.mark.parametrize(
    ("nspid", "acts"),
    [((1,), False), ((), False), ((7,), True), ((7, 1), True)],
)
def test_kill_and_stop_are_dropped_for_pid_1_from_inside_only(signal: int, nspid: tuple[int, ...], acts: bool) -> None:
    verdict = judge(process(nspid=nspid, cgt=mask("ffffffffffffffff")), signal)
    assert (verdict.kind, verdict.acts) == (VerdictKind.DEFAULT, acts)


@pytest.mark.parametrize(
    ("facts", "signal", "kind", "acts"),
    [
        (process(pid=7, nspid=(7,)), 15, "default", True),
        (process(pid=7, nspid=(7,)), 17, "default", False),
        (process(pid=7, nspid=(7, 1)), 15, "default", False),
        (process(pid=7, nspid=(7,), ign=TERM), 15, "ignored", False),
        (process("node", pid=7, nspid=(7,), cgt=TERM), 15, "handled", True),
        (process("systemd", pid=7, nspid=(7,), blk=TERM, signalfds=(TERM,)), 15, "waited", True),
        (process("systemd", blk=mask("ffffffffffffffff"), signalfds=(mask("0000001000004000"),)), 37, "waited", True),
    ],
)
def test_other_pids_and_other_signals(facts: ProcessFacts, signal: int, kind: str, acts: bool) -> None:
    verdict = judge(facts, signal)
    assert (verdict.kind, verdict.acts) == (kind, acts)


def test_numbers_are_those_of_the_architecture() -> None:
    usr1 = SignalMask.from_names(["USR1"], "mips64")
    verdict = judge(process(cgt=usr1, arch="mips64"), 16)
    assert (verdict.kind, verdict.signal) == (VerdictKind.HANDLED, "SIGUSR1")


def test_a_missing_permission_is_evidence() -> None:
    facts = replace(process(cgt=TERM), may_signal=False, uid=0, own_uid=1000)
    assert "kill -0 1 is not permitted for uid 1000 (it runs as uid 0)" in judge(facts, 15).evidence


def test_a_number_that_is_no_signal() -> None:
    with pytest.raises(SignalError, match="99 is no signal"):
        judge(process(), 99)


def test_not_readable_is_unknown() -> None:
    verdict = unreadable(15, "the image has no shell")
    assert verdict == Verdict(VerdictKind.UNKNOWN, "SIGTERM", "the image has no shell")
    assert verdict.to_result() == {
        "verdict": "unknown",
        "signal": "SIGTERM",
        "acts": False,
        "ends": False,
        "confidence": "unknown",
        "reason": "the image has no shell",
        "evidence": [],
    }


def test_threads_that_were_not_read_may_take_a_blocked_signal() -> None:
    facts = replace(process(cgt=TERM, blk=TERM, pnd=TERM), thread_count=500)
    assert judge(facts, 15).kind is VerdictKind.HANDLED
