# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Why a process still runs after a signal that was to end it: its status before and after, compared. Pure.

Sources: man 5 proc (ShdPnd, SigPnd, SigCgt, State), and the kernel's rules as in _logic/verdict.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.special_cases import (
    SHELLS,
    SPECIAL_CASES,
    forwarder,
    program_names,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_name


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`reason` is a clause for a person; `may_still_end` whether waiting longer could help."""

    reason: str
    may_still_end: bool


def explain(before: ProcessFacts, after: ProcessFacts, signal: int) -> Aftermath:
    """Why a process did not end on the signal that was sent to it when it was as in `before`; it still is that one."""
    name, subject = signal_name(signal, after.arch), f"PID {after.pid}"
    if signal in after.shd_pnd or signal in after.sig_pnd:
        return _pending(after, signal, name)
    if signal in after.sig_ign:
        since = " by now" if signal not in before.sig_ign else ""
        return Aftermath(f"{subject} ignores {name}{since} (SigIgn {after.sig_ign.hex()})", False)
    if signal in before.sig_cgt and signal not in after.sig_cgt:
        return _handler_gone(before, after, signal, name)
    fetched = signal in before.sig_blk or signal in after.sig_blk or _waits(after)
    if signal not in after.sig_cgt and not fetched and after.is_init:
        return Aftermath(f"{subject} has no handler for {name}, the kernel has dropped it", False)
    return Aftermath(f"{subject} took {name} and still runs: {_signs(before, after)}", True)


def _handler_gone(before: ProcessFacts, after: ProcessFacts, signal: int, name: str) -> Aftermath:
    """It took the default action back. Some do so to raise the signal again, others so that a second one ends them."""
    gone = f"its handler is gone (SigCgt was {before.sig_cgt.hex()}, is {after.sig_cgt.hex()})"
    raised = f"it raised {name} again without one, which the kernel drops for PID 1"
    if any(row.applies(before, signal, name) and not row.survives for row in SPECIAL_CASES):
        return Aftermath(f"{gone}: {raised}; via: image_alias would have the kubelet end it", False)
    return Aftermath(f"{gone}: either {raised}, or it is shutting down ({_signs(before, after)})", True)


def _pending(facts: ProcessFacts, signal: int, name: str) -> Aftermath:
    """It was queued, and nobody has fetched it yet."""
    mask = facts.shd_pnd if signal in facts.shd_pnd else facts.sig_pnd
    queued = f"{name} is still pending ({'ShdPnd' if mask is facts.shd_pnd else 'SigPnd'} {mask.hex()})"
    if facts.stopped:
        return Aftermath(
            f"{queued}: PID {facts.pid} is stopped (state {facts.state}), and acts when it is continued", False
        )
    if signal in facts.sig_blk:
        return Aftermath(f"{queued}: PID {facts.pid} blocks it and nobody fetches it, so it stays so for ever", False)
    return Aftermath(f"{queued}: PID {facts.pid} has not come to it yet (state {facts.state})", True)


def _signs(before: ProcessFacts, after: ProcessFacts) -> str:
    """What a process that is shutting down, or is not, shows of it."""
    signs = [f"state {after.state}"] if after.state else []
    if before.thread_count != after.thread_count:
        signs.append(f"{after.thread_count} threads, there were {before.thread_count}")
    if before.command != after.command:
        signs.append("its command line has changed")
    names = program_names(after)
    if forwarder(after):
        signs.append(f"{after.name} passes it on, its child has not ended")
    elif names & SHELLS:
        signs.append("a shell runs its trap when its foreground command has ended")
    else:
        signs.append("it is slow to shut down, or its handler does something else")
    return ", ".join(signs)


def _waits(facts: ProcessFacts) -> bool:
    """A thread that waits for signals: which ones is not shown, and tini's masks have none of them."""
    return forwarder(facts) is not None or any(
        thread.wchan is not None and "sigtimedwait" in thread.wchan for thread in facts.threads
    )
