# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder
from ansible_collections.saferestart.k8s.plugins.module_utils._run import holder
from ansible_collections.saferestart.k8s.plugins.module_utils._run.holder import is_there, this_run

ME = this_run({})
BOOT, SPACE, PID, START = ME.process.split("/")


def test_who_this_is() -> None:
    user, pid, chance = ME.identity.split(", ")
    assert "@" in user
    assert pid == f"PID {os.getpid()}"
    assert len(chance) == 8
    assert this_run({}).identity != ME.identity
    assert this_run({}).process == ME.process


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AWX_HOST": "https://awx", "JOB_ID": "17"}, ", AWX job 17, "),
        ({"JOB_ID": "17"}, f"PID {os.getpid()}, "),
        ({"AWX_HOST": "https://awx"}, f"PID {os.getpid()}, "),
    ],
)
def test_the_job_is_named_where_it_is_awxs(environment: dict[str, str], words: str) -> None:
    identity = this_run(environment).identity
    assert words in identity
    assert ("AWX job" in identity) == ("AWX job" in words)


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(holder.getpass, "getuser", nobody)
    assert this_run({}).identity.startswith(f"{os.getuid()}@")


def test_this_process_is_there() -> None:
    assert is_there(ME, ME) is True


def test_a_process_that_was_killed() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        start = holder._state_and_start(str(process.pid))[1]
        other = Holder("other", f"{BOOT}/{SPACE}/{process.pid}/{start}")
        assert is_there(other, ME) is True
        assert is_there(replace(other, process=f"{BOOT}/{SPACE}/{process.pid}/1"), ME) is False
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_there(other, ME) is False  # nobody has waited for it yet: a zombie
        process.wait()
        assert is_there(other, ME) is False


@pytest.mark.parametrize(
    "process",
    ["", "/", "///", f"{BOOT}", f"{BOOT}/1/{PID}/{START}", f"other/{SPACE}/{PID}/{START}", f"{BOOT}/{SPACE}/0/1"]
    + [f"{BOOT}/{SPACE}/{pid}/{START}" for pid in ("", "-1", "x", "1 2")],
)
def test_what_cannot_be_looked_for(process: str) -> None:
    assert is_there(Holder("other", process), ME) is None


def test_somewhere_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]) -> None:
    monkeypatch.setattr(holder, "_PROC", tmp_path)
    here = this_run({})
    assert here.process == ""
    assert is_there(here, here) is None
    assert is_there(ME, ME) is True  # it exists, and more cannot be seen


def test_the_proc_of_another_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder.os, "getpid", lambda: 1)
    assert this_run({}).process == ""
