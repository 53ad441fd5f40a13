# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who this run is, for people and for other runs on the same machine; and whether another one is still there."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder

_PROC = Path("/proc")


def this_run(environment: Mapping[str, str]) -> Holder:
    """User, host, PID, the job where AWX runs it, and a random part."""
    job = environment.get("JOB_ID") if environment.get("AWX_HOST") else None
    parts = [f"{_user()}@{socket.gethostname()}", f"PID {os.getpid()}", *([f"AWX job {job}"] if job else [])]
    return Holder(", ".join([*parts, secrets.token_hex(4)]), _this_process())


def is_there(other: Holder, own: Holder) -> bool | None:
    """Whether the process that the other one names exists; None where it cannot be looked for from here.

    A PID means the same process to both only within one PID namespace since one boot.
    """
    machine, _slash, pid_and_start = _split(other.process)
    if not machine or machine != _split(own.process)[0]:
        return None
    pid, _slash, start = pid_and_start.partition("/")
    if not (pid.isdecimal() and int(pid)):
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it exists, and is another user's
    try:
        state, started = _state_and_start(pid)
    except OSError:
        return True  # hidden from this user (hidepid)
    return state not in "ZX" and started == start


def _split(process: str) -> tuple[str, str, str]:
    """Boot ID and namespace, and what they are followed by."""
    boot, _slash, rest = process.partition("/")
    namespace, slash, rest = rest.partition("/")
    return (f"{boot}/{namespace}" if slash else "", slash, rest)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user need not have a name
        return str(os.getuid())


def _this_process() -> str:
    """See Holder. Empty without /proc, or where that is another PID namespace's."""
    try:
        pid = str((_PROC / "self").readlink())
        if pid != str(os.getpid()):
            return ""
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((_PROC / "self/ns/pid").readlink()).strip("pid:[]")
        return "/".join([boot, namespace, pid, _state_and_start(pid)[1]])
    except OSError:
        return ""


def _state_and_start(pid: str) -> tuple[str, str]:
    """State and start time, fields 3 and 22 (proc_pid_stat(5)); the name before them may have anything in it."""
    fields = (_PROC / pid / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return fields[0], fields[19]
