# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What was read about one process and its signals. Sources: man 5 proc (status, task, fdinfo, wchan, syscall, stat)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask

#: Ticks a second in /proc/PID/stat, on every architecture that Kubernetes runs on (include/asm-generic/param.h).
USER_HZ = 100


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """One thread. `wchan` and `syscall` are None where they could not be read, or where the thread was running."""

    tid: int
    sig_pnd: SignalMask
    sig_blk: SignalMask
    name: str = ""
    wchan: str | None = None
    syscall: int | None = None

    def to_result(self) -> dict[str, object]:
        """Return plain values for a module's result."""
        return {
            "tid": self.tid,
            "name": self.name,
            "sig_pnd": self.sig_pnd.hex(),
            "sig_blk": self.sig_blk.hex(),
            "wchan": self.wchan,
            "syscall": self.syscall,
        }


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process as seen from a shell in its container. Texts are safe to show: control characters are escaped.

    `sig_pnd` and `sig_blk` belong to the first thread (the leader), the other masks to the whole process.
    `command` is None where it could not be read, and `command_exact` False where the words could not be told apart.
    `tracer` is the PID of its debugger, 0 for none.
    `nspid` is NSpid of /proc/PID/status, outermost namespace first, empty on a kernel that does not show it.
    `threads` are the first of `thread_count`. `child` is its oldest child, with its masks and its first thread, None
    where it has none or the kernel does not tell (CONFIG_PROC_CHILDREN). `signalfds` are the masks of the signalfd
    descriptors, None where /proc/PID/fdinfo could not be read. `may_signal` is the answer to `kill -0`, None when there
    is no `kill`.
    `start_time` is field 22 of /proc/PID/stat: it tells a pid from its successor. `uptime` is when it was read, in
    seconds since boot.
    """

    pid: int
    name: str
    sig_pnd: SignalMask
    shd_pnd: SignalMask
    sig_blk: SignalMask
    sig_ign: SignalMask
    sig_cgt: SignalMask
    command: tuple[str, ...] | None = None
    command_exact: bool = False
    state: str = ""
    tracer: int | None = None
    uid: int | None = None
    nspid: tuple[int, ...] = ()
    thread_count: int | None = None
    threads: tuple[ThreadFacts, ...] = ()
    child: ProcessFacts | None = None
    signalfds: tuple[SignalMask, ...] | None = None
    arch: str | None = None
    own_uid: int | None = None
    may_signal: bool | None = None
    cgroup: tuple[str, ...] = ()
    own_cgroup: tuple[str, ...] = ()
    start_time: int | None = None
    uptime: float | None = None
    boot_time: int | None = None

    @property
    def age(self) -> float | None:
        """Seconds since it was started; None if that could not be read, or is not the node's uptime (lxcfs)."""
        if self.uptime is None or self.start_time is None:
            return None
        age = self.uptime - self.start_time / USER_HZ
        return age if age >= 0 else None

    @property
    def started_at(self) -> datetime | None:
        """When it was started, by the node's clock; None if that could not be read, or is no time."""
        if self.boot_time is None or self.start_time is None:
            return None
        try:
            return datetime.fromtimestamp(self.boot_time + self.start_time / USER_HZ, UTC)
        except (OSError, OverflowError, ValueError):
            return None

    @property
    def stopped(self) -> bool:
        """Whether it stands still, by a signal or a debugger (T and t of man 5 proc)."""
        return self.state[:1] in ("T", "t")

    @property
    def reacts(self) -> bool:
        """Whether nothing keeps it from being delivered a signal: it sleeps or runs, and no debugger is asked first."""
        return self.state[:1] in ("S", "R") and not self.tracer

    @property
    def is_init(self) -> bool:
        """True for the first process of its PID namespace, which the kernel protects from signals sent from inside."""
        return (self.nspid[-1] if self.nspid else self.pid) == 1

    @property
    def leader(self) -> ThreadFacts | None:
        """The first thread, if it was read."""
        return next((thread for thread in self.threads if thread.tid == self.pid), None)

    @property
    def threads_complete(self) -> bool:
        """True when every thread was read."""
        return self.thread_count is not None and len(self.threads) >= self.thread_count

    def to_result(self) -> dict[str, object]:
        """Return plain values for a module's result: `masks` has the masks in hex digits, `signals` as names."""
        masks = {
            "SigPnd": self.sig_pnd,
            "ShdPnd": self.shd_pnd,
            "SigBlk": self.sig_blk,
            "SigIgn": self.sig_ign,
            "SigCgt": self.sig_cgt,
        }
        return {
            "pid": self.pid,
            "name": self.name,
            "command": None if self.command is None else list(self.command),
            "command_exact": self.command_exact,
            "state": self.state,
            "uid": self.uid,
            "masks": {name: mask.hex() for name, mask in masks.items()},
            "signals": {name: list(mask.names(self.arch)) for name, mask in masks.items()},
            "thread_count": self.thread_count,
            "threads": [thread.to_result() for thread in self.threads],
            "signalfds": None if self.signalfds is None else [mask.hex() for mask in self.signalfds],
            "arch": self.arch,
            "own_uid": self.own_uid,
            "may_signal": self.may_signal,
        }


class ReplyKind(StrEnum):
    """What the probe did with the answer it was given."""

    NONE = "none"
    """Nothing was printed behind the end of the facts."""
    LEFT = "left"
    """It was told to leave, or its input ended."""
    REFUSED = "refused"
    """The answer had no signal in it."""
    REPLACED = "replaced"
    """The process is gone, or another one has its pid: nothing was sent."""
    CHANGED = "changed"
    """SigCgt or SigIgn changed since the facts were read: nothing was sent."""
    SENDING = "sending"
    """It was about to send, and the session ended there: what is seen when the container ends at once."""
    SENT = "sent"
    """`kill` returned: see the code."""


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """The second half of a probe that acts.

    `code` is what `kill` returned: 0 says that it was sent, not that it worked.
    """

    kind: ReplyKind
    code: int | None = None
    sig_cgt: SignalMask | None = None
    sig_ign: SignalMask | None = None
    sig_blk: SignalMask | None = None
    shd_pnd: SignalMask | None = None
    start_time: int | None = None
