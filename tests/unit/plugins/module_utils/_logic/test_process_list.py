# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real script in real shells. It sends nothing."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import process_list
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import ProbeScriptError, probe_script
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import ProbeError, parse_probe
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import (
    ListedProcess,
    ProcessList,
    list_script,
    parse_processes,
)

StartChild = Callable[..., "subprocess.Popen[bytes]"]
TOKEN = "t0k3n_of_this_run"
SECONDS = 30


def session(shell: Sequence[str], script: str) -> bytes:
    """What the shell prints that reads this on its standard input."""
    done = subprocess.run(
        list(shell),
        input=f"{script}\n".encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=SECONDS,
    )
    return done.stdout


def run(shell: Sequence[str]) -> ProcessList:
    return parse_processes(session(shell, list_script(token=TOKEN)), token=TOKEN)


@pytest.fixture(autouse=True)
def _all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a cluster on it may have more processes than any container."""
    monkeypatch.setattr(process_list, "MAX_PROCESSES", 100_000)


def test_processes_are_listed(shell: list[str], child: StartChild) -> None:
    process = child("name")
    listing = run(shell)
    (found,) = [entry for entry in listing.processes if entry.pid == process.pid]
    stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    assert (found.ppid, found.state, found.start_time) == (os.getpid(), "S", int(stat[19]))
    assert found.name == "a) S 1 \\x1b[31m"
    assert found.program == Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    assert found.cgroup == listing.own_cgroup
    assert any(line.endswith(f":{found.cgroup}") for line in Path("/proc/self/cgroup").read_text().splitlines())
    assert listing.complete
    assert found in listing.children(os.getpid())
    assert listing.get(found.pid, found.start_time) == found
    assert listing.get(found.pid, 1) is None


def test_the_session_itself_is_not_listed(shell: list[str]) -> None:
    names = [entry for entry in run(shell).processes if entry.ppid == os.getpid()]
    assert names == []


def test_the_probe_follows_in_the_same_session(shell: list[str], child: StartChild) -> None:
    process = child()
    text = session(shell, list_script(token=TOKEN) + probe_script(token=TOKEN, pid=process.pid))
    assert process.pid in {entry.pid for entry in parse_processes(text, token=TOKEN).processes}
    assert 15 in parse_probe(text, token=TOKEN, pid=process.pid).sig_cgt


def test_the_list_is_bounded(shell: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_list, "MAX_PROCESSES", 2)
    listing = run(shell)
    assert not listing.complete
    assert len(listing.processes) <= 2


def test_the_script_sends_nothing() -> None:
    assert not re.search(r"\bkill\b", list_script(token=TOKEN))
    assert not re.search(r"@[A-Z]+@", list_script(token=TOKEN))


def test_a_token_is_a_plain_word() -> None:
    with pytest.raises(ProbeScriptError, match="a token has"):
        list_script(token="with space")


ONE = f"{TOKEN} shell 9\n/own\n{TOKEN} process 7 0 S 55\nname\n/cgroup\n/bin/a\nb\n"


def test_texts_are_safe_to_show() -> None:
    listing = parse_processes(ONE.replace("name", "\x1b[31m") + f"{TOKEN} listed\n", token=TOKEN)
    assert listing == ProcessList("/own", (ListedProcess(7, 0, "S", 55, "\\x1b[31m", "/cgroup", "/bin/a\\nb"),))


@pytest.mark.parametrize("text", ["", "rubbish", ONE, f"{TOKEN} listed"])
def test_what_is_no_list(text: str) -> None:
    with pytest.raises(ProbeError, match="breaks off before its end"):
        parse_processes(text, token=TOKEN)


@pytest.mark.parametrize("words", ["7 0 S", "x 0 S 5", "7 - S 5", "7 0 S 5 6"])
def test_a_broken_entry_is_left_out(words: str) -> None:
    text = ONE.replace("7 0 S 55", words) + f"{TOKEN} listed\n"
    assert parse_processes(text, token=TOKEN).processes == ()
