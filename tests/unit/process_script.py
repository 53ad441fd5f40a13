# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes as a probe finds them, with only what a test is about spelt out."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts, ThreadFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import (
    SignalMask,
)

NONE = SignalMask(0)
TERM = SignalMask(0x4000)
TTY = SignalMask.from_names(["TTIN", "TTOU"])
SIGWAIT = "do_sigtimedwait.isra.0"


def thread(
    tid: int = 1, *, blocked: SignalMask = NONE, wchan: str | None = "do_wait", syscall: int | None = None
) -> ThreadFacts:
    return ThreadFacts(tid, NONE, blocked, "app", wchan, syscall)


def process(
    name: str = "app",
    *,
    cgt: SignalMask = NONE,
    ign: SignalMask = NONE,
    blk: SignalMask = NONE,
    pnd: SignalMask = NONE,
    threads: tuple[ThreadFacts, ...] | None = None,
    signalfds: tuple[SignalMask, ...] | None = (),
    nspid: tuple[int, ...] = (1,),
    pid: int = 1,
    arch: str = "x86_64",
    command: tuple[str, ...] | None = None,
    state: str = "S (sleeping)",
    tracer: int = 0,
) -> ProcessFacts:
    threads = (thread(pid, blocked=blk),) if threads is None else threads
    return ProcessFacts(
        pid=pid,
        name=name,
        sig_pnd=NONE,
        shd_pnd=pnd,
        sig_blk=blk,
        sig_ign=ign,
        sig_cgt=cgt,
        command=command or (name,),
        command_exact=True,
        state=state,
        tracer=tracer,
        nspid=nspid,
        threads=threads,
        thread_count=len(threads),
        signalfds=signalfds,
        arch=arch,
    )
