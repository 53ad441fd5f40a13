# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells to run the probe in, and processes to look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

StartChild = Callable[..., "subprocess.Popen[bytes]"]

_CANDIDATES = (["sh"], ["dash"], ["bash"], ["bash", "--posix"], ["busybox", "ash"], ["mksh"], ["ksh93"])
_SHELLS = [[path, *words[1:]] for words in _CANDIDATES if (path := shutil.which(words[0]))]

# Mode and paths are arguments. Prints a line when everything is in place, and ends with its input.
_CHILD = r"""
import ctypes, os, signal, sys, threading, time
def end(*_args): os._exit(3)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
if "signalfd" in sys.argv:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    mask = ctypes.create_string_buffer((1 << signal.SIGUSR1 - 1).to_bytes(128, sys.byteorder))
    assert ctypes.CDLL(None).signalfd(-1, mask, 0) >= 0
if "threads" in sys.argv:
    for _ in range(40): threading.Thread(target=threading.Event().wait, daemon=True).start()
if "name" in sys.argv:
    open("/proc/self/comm", "wb").write(b"a)\nS 1 \x1b[31m")
print("ready", flush=True)
while "restless" in sys.argv: time.sleep(0.0001); sum(range(2000))
sys.stdin.read()
"""


@pytest.fixture(params=_SHELLS, ids=lambda words: "_".join(Path(word).name for word in words))
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Every shell that is there, one after the other."""
    words: list[str] = request.param
    return words


@pytest.fixture
def child() -> Iterator[StartChild]:
    """Starts processes to look at, and ends them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str | bytes) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _CHILD, *words]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert started[-1].stdout
        assert started[-1].stdout.readline() == b"ready\n"
        # What it waits in (wchan, syscall) shows only once it waits.
        stat = Path(f"/proc/{started[-1].pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            os.sched_yield()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
