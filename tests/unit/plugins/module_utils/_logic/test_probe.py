# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real script in real shells, reading. It sends nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import (
    MAX_THREADS,
    MAX_WORDS,
    ProbeScriptError,
    probe_answer,
    probe_script,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import parse_probe
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts

StartChild = Callable[..., "subprocess.Popen[bytes]"]
TOKEN = "t0k3n_of_this_run"
SECONDS = 20


def settled(facts: ProcessFacts) -> ProcessFacts:
    """Without what changes from one moment to the next."""
    threads = tuple(replace(thread, wchan=None, syscall=None) for thread in facts.threads)
    return replace(facts, state="", threads=threads, uptime=None)


def run(shell: Sequence[str], *, pid: int, how: str = "input", env: dict[str, str] | None = None) -> ProcessFacts:
    script = probe_script(token=TOKEN, pid=pid)
    command = [*shell, "-c", script] if how == "argument" else list(shell)
    done = subprocess.run(
        command,
        input=f"{script}\n".encode() if how == "input" else b"",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # an exec session has none either
        check=True,
        timeout=SECONDS,
        env=env,
    )
    return parse_probe(done.stdout, token=TOKEN, pid=pid)


@pytest.mark.parametrize("how", ["input", "argument"])
def test_a_process_is_read(shell: list[str], how: str, child: StartChild) -> None:
    words = ["signalfd", "two\nlines", "", "sp ace", "\x1b[31m", "\\n%s$HOME`", "*"]
    process = child(*words, b"\xff", f"{TOKEN}x end")
    facts = run(shell, pid=process.pid, how=how)
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    assert facts.name == Path(f"/proc/{process.pid}/comm").read_text().strip()
    assert facts.command_exact
    assert facts.command is not None
    assert facts.command[3:] == (
        "signalfd",
        "two\\nlines",
        "",
        "sp ace",
        "\\x1b[31m",
        "\\n%s$HOME`",
        "*",
        "\\xff",
        f"{TOKEN}x end",
    )
    assert 15 in facts.sig_cgt
    assert 1 in facts.sig_ign
    assert facts.sig_blk.names() == ("SIGUSR1",)
    assert facts.signalfds is not None
    assert [mask.names() for mask in facts.signalfds] == [("SIGUSR1",)]
    assert (facts.uid, facts.own_uid, facts.may_signal) == (os.geteuid(), os.geteuid(), True)
    assert facts.start_time == int(stat.rpartition(")")[2].split()[19])
    assert facts.uptime is not None
    assert 0 <= float(Path("/proc/uptime").read_text().split()[0]) - facts.uptime < SECONDS
    assert facts.age is not None
    assert 0 <= facts.age < 60
    assert facts.nspid[-1:] == (process.pid,)
    assert facts.threads_complete
    assert facts.leader is not None
    assert facts.leader.wchan or facts.leader.syscall is not None
    assert facts.arch == os.uname().machine
    assert facts.cgroup
    assert facts.own_cgroup
    assert judge(facts, signal.SIGTERM).acts
    assert judge(facts, signal.SIGUSR1).kind == "waited"


def test_a_name_may_break_lines_and_close_brackets(shell: list[str], child: StartChild) -> None:
    process = child("name")
    facts = run(shell, pid=process.pid)
    assert facts.name == "a)\\nS 1 \\x1b[31m"
    assert facts.start_time == int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_everything_is_bounded(shell: list[str], child: StartChild) -> None:
    process = child("threads", *[f"word{number}" for number in range(99)])
    facts = run(shell, pid=process.pid)
    assert len(facts.threads) == MAX_THREADS
    assert facts.threads[0].tid == process.pid
    assert facts.thread_count == 41
    assert facts.command is not None
    assert len(facts.command) == MAX_WORDS
    long = child("x" * 100_000)
    command = run(shell, pid=long.pid).command
    assert command is not None
    assert command[3] == "x" * 1000


def test_a_status_that_changes_while_it_is_read(shell: list[str], child: StartChild) -> None:
    process = child("restless")
    for _time in range(12):
        facts = run(shell, pid=process.pid)
        assert 15 in facts.sig_cgt
        assert facts.threads_complete


def test_an_image_without_any_tool(shell: list[str], child: StartChild, tmp_path: Path) -> None:
    process = child("a", "b")
    facts = run(shell, pid=process.pid, env={"PATH": str(tmp_path)})
    assert facts.command is not None
    assert facts.command[0].startswith(sys.executable)
    assert facts.command_exact == (facts.command[3:] == ("a", "b"))
    assert facts.sig_cgt == run(shell, pid=process.pid).sig_cgt


def test_the_machines_own_pid_1_is_read_as_far_as_allowed(shell: list[str]) -> None:
    facts = run(shell, pid=1)
    assert facts.is_init
    assert facts.name
    assert judge(facts, signal.SIGKILL).kind == "default"


def test_all_shells_read_the_same(shell: list[str], child: StartChild) -> None:
    process = child("signalfd", "threads")
    assert settled(run(shell, pid=process.pid)) == settled(run(["sh"], pid=process.pid))


def test_the_script_fits_into_an_address() -> None:
    for act in (False, True):
        script = probe_script(token="x" * 32, act=act)
        assert len(urllib.parse.quote(f"/bin/sh -c {script}")) < 6200
        assert not re.search(r"@[A-Z]+@", script)


def test_the_reading_script_cannot_act() -> None:
    sends = [line for line in probe_script(token=TOKEN).splitlines() if re.search(r"\bkill\b", line)]
    assert sends == ["kill -0 $q"]


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 65, "with space", "quote'12345", "line\n12345678", "t0k3n_of_$(id)"]
)
def test_a_token_is_a_plain_word(token: str) -> None:
    with pytest.raises(ProbeScriptError, match="a token has"):
        probe_script(token=token)
    with pytest.raises(ProbeScriptError, match="a token has"):
        probe_answer(token=token, signal=15)


@pytest.mark.parametrize("pid", [0, -1, True])
def test_a_pid_is_positive(pid: int) -> None:
    with pytest.raises(ProbeScriptError, match="a pid is"):
        probe_script(token=TOKEN, pid=pid)


@pytest.mark.parametrize("number", [0, -9, 129, True])
def test_only_a_signal_can_be_answered(number: int) -> None:
    with pytest.raises(ProbeScriptError, match="a signal has"):
        probe_answer(token=TOKEN, signal=number)
