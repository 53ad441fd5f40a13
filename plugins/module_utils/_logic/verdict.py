# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Judges what a process will do with a signal that is sent from inside its PID namespace.

The kernel's rules are in sig_ignored(), sig_task_ignored() and complete_signal() of kernel/signal.c:
- a signal that the first thread (the leader) blocks is never dropped: it waits for a reader or for being unblocked;
- otherwise SIG_IGN drops it, and for the first process of a PID namespace (SIGNAL_UNKILLABLE) SIG_DFL does too;
- a thread in sigtimedwait has the awaited signals taken out of its SigBlk, and counts as blocking them all the same.
So another thread's sigwait helps only where the leader blocks the signal.

What a program does with a signal that reaches it, only the program knows: a verdict is `certain` only where these rules
alone decide, and then about the process as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.special_cases import (
    SHELLS,
    SPECIAL_CASES,
    forwarder,
    program_names,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts, ThreadFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask, signal_name
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import (
    Confidence,
    Verdict,
    VerdictKind,
)

# rt_sigtimedwait and, on 32 bits, rt_sigtimedwait_time64 (421): arch/*/**/syscall*.tbl and asm-generic/unistd.h.
# A 64-bit kernel also runs 32-bit programs; where their number means something else, it is a call that does not sleep.
_SIGTIMEDWAIT: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "x86_64": frozenset({128, 177, 421}),
        "amd64": frozenset({128, 177, 421}),
        "i386": frozenset({177, 421}),
        "i686": frozenset({177, 421}),
        "386": frozenset({177, 421}),
        "aarch64": frozenset({137, 177, 421}),
        "arm64": frozenset({137, 177, 421}),
        "arm": frozenset({177, 421}),
        "armv6l": frozenset({177, 421}),
        "armv7l": frozenset({177, 421}),
        "ppc64": frozenset({176, 421}),
        "ppc64le": frozenset({176, 421}),
        "s390x": frozenset({177, 421}),
        "riscv64": frozenset({137, 421}),
        "loongarch64": frozenset({137}),
        "loong64": frozenset({137}),
        "mips64": frozenset({5126}),
        "mips64le": frozenset({5126}),
    }
)
#: No program can catch these: sent from inside, the kernel drops them for PID 1, whatever its masks are.
ONLY_KERNEL = frozenset({"SIGKILL", "SIGSTOP"})
# man 7 signal
_DEFAULT_IS_NOTHING = frozenset({"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"})
_DEFAULT_IS_STOP = frozenset({"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"})


@dataclass(frozen=True, slots=True)
class _Case:
    """One question: these facts, this signal, and what follows from both at once."""

    facts: ProcessFacts
    signal: int
    name: str

    @property
    def subject(self) -> str:
        return f"PID {self.facts.pid}"

    @property
    def fd_reader(self) -> SignalMask | None:
        return next((mask for mask in self.facts.signalfds or () if self.signal in mask), None)

    @property
    def blocked_everywhere(self) -> bool:
        """Every thread that was read blocks it; a thread that was not read may be the one that does not."""
        if not self.facts.threads_complete:
            return self.facts.thread_count == 1 and self.signal in self.facts.sig_blk
        return all(self.signal in thread.sig_blk for thread in self.facts.threads)

    @property
    def pending(self) -> bool:
        return self.signal in self.facts.shd_pnd or self.signal in self.facts.sig_pnd

    @property
    def wait_seen(self) -> bool:
        """Whether the leader would have been seen to wait in sigtimedwait."""
        leader, arch = self.facts.leader, self.facts.arch
        return leader is not None and (
            leader.wchan is not None or (leader.syscall is not None and arch in _SIGTIMEDWAIT)
        )

    def verdict(
        self,
        kind: VerdictKind,
        reason: str,
        *facts: str,
        confidence: Confidence = Confidence.LIKELY,
        default_acts: bool = False,
        survives: bool = False,
    ) -> Verdict:
        return Verdict(kind, self.name, reason, (*facts, *self._always()), default_acts, confidence, survives)

    def sure_if(self, seen: bool) -> Confidence:
        """What the kernel decides is certain, as long as all was seen that it decides by."""
        return Confidence.CERTAIN if seen else Confidence.LIKELY

    def _always(self) -> tuple[str, ...]:
        """The masks that have the signal, and what else bears on any verdict."""
        facts = self.facts
        lines = [
            f"{label} {mask.hex()} has {self.name}"
            for label, mask in (("SigCgt", facts.sig_cgt), ("SigIgn", facts.sig_ign), ("SigBlk", facts.sig_blk))
            if self.signal in mask
        ]
        if not lines:
            lines.append(f"SigCgt {facts.sig_cgt.hex()}, SigIgn and SigBlk lack {self.name}")
        if self.pending:
            lines.append(f"{self.name} is pending already: sent before, and not fetched")
        if forwarder(facts) is not None:
            lines.append(f"{facts.name} passes signals on: whether the container ends is for its child to decide")
        if facts.may_signal is False:
            lines.append(f"kill -0 {facts.pid} is not permitted for uid {facts.own_uid} (it runs as uid {facts.uid})")
        return tuple(lines)


def judge(facts: ProcessFacts, signal: int) -> Verdict:
    """Return the verdict on one process and one signal number. Raises SignalError for a number that is no signal."""
    case = _Case(facts, signal, signal_name(signal, facts.arch))
    found = next((verdict for rule in _RULES if (verdict := rule(case)) is not None), None) or _default(case)
    return _if_stopped(facts, _with_child(facts, signal, found))


def _if_stopped(facts: ProcessFacts, verdict: Verdict) -> Verdict:
    """A stopped process acts on nothing else until it is continued (kernel/signal.c, wants_signal)."""
    if not (facts.stopped and verdict.ends) or verdict.signal in ("SIGKILL", "SIGCONT"):
        return verdict
    reason = f"PID {facts.pid} is stopped: {verdict.signal} waits until somebody continues it"
    evidence = (*verdict.evidence, f"its state is {facts.state}")
    return replace(verdict, reason=reason, evidence=evidence, survives=True, confidence=Confidence.LIKELY)


def _with_child(facts: ProcessFacts, signal: int, verdict: Verdict) -> Verdict:
    """The verdict on an init that ends when the child that it was started for does, and not before."""
    row, child = forwarder(facts), facts.child
    if row is None or child is None or not verdict.ends or not row.passes_on_to_child(facts):
        return verdict
    theirs = judge(child, signal)
    evidence = (*verdict.evidence, f"its child is {child.name} (PID {child.pid}): {theirs.kind}, {theirs.reason}")
    if theirs.ends or theirs.kind is VerdictKind.BLOCKED:  # its descriptors were not read
        return replace(verdict, evidence=evidence)
    reason = f"{facts.name} passes {verdict.signal} on to {child.name} (PID {child.pid}), which does not end on it"
    return replace(verdict, reason=reason, evidence=evidence, survives=True)


def unreadable(signal: int, reason: str, arch: str | None = None) -> Verdict:
    """Return the verdict on a process that could not be read; `reason` is a sentence, such as a ProbeError's text."""
    return Verdict(VerdictKind.UNKNOWN, signal_name(signal, arch), reason)


def _kill_and_stop(case: _Case) -> Verdict | None:
    """No program can catch, ignore or block these two: only SIGNAL_UNKILLABLE counts."""
    if case.name not in ONLY_KERNEL:
        return None
    if case.facts.is_init and len(case.facts.nspid) < 2:
        return case.verdict(
            VerdictKind.DEFAULT,
            f"the kernel drops {case.name} for {case.subject} when it is sent from inside the PID namespace"
            " (SIGNAL_UNKILLABLE, sig_task_ignored in kernel/signal.c)",
            confidence=Confidence.CERTAIN,
        )
    return case.verdict(
        VerdictKind.DEFAULT,
        f"nothing can stop {case.name} from reaching {case.subject}",
        confidence=case.sure_if(case.facts.reacts),
        default_acts=True,
        survives=case.name in _DEFAULT_IS_STOP,
    )


def _special(case: _Case) -> Verdict | None:
    for row in SPECIAL_CASES:
        # Raising a signal again does end a pid that the kernel does not protect.
        if row.applies(case.facts, case.signal, case.name) and (case.facts.is_init or row.also_unprotected):
            return case.verdict(
                row.kind,
                row.reason.format(signal=case.name),
                f"the program is {case.facts.name}",
                confidence=Confidence.UNKNOWN if row.kind is VerdictKind.UNKNOWN else Confidence.LIKELY,
                survives=row.survives,
            )
    return None


def _signalfd(case: _Case) -> Verdict | None:
    mask = case.fd_reader
    if mask is None or case.signal not in case.facts.sig_blk:
        return None
    return case.verdict(
        VerdictKind.WAITED,
        f"{case.subject} blocks {case.name} and reads it from a signalfd",
        f"a signalfd has sigmask {mask.hex()}",
    )


def _other_thread_waits(case: _Case) -> Verdict | None:
    """The leader blocks it, another thread sits in sigtimedwait with the bit taken out."""
    facts = case.facts
    if case.signal not in facts.sig_blk or case.signal in facts.sig_ign or case.signal in facts.sig_cgt:
        return None
    thread = next((thread for thread in facts.threads if thread.tid != facts.pid and _waits(case, thread)), None)
    if thread is None:
        return None
    return case.verdict(
        VerdictKind.WAITED,
        f"{case.subject} blocks {case.name}, and one of its threads waits for it",
        _waiting_fact(case, thread),
    )


def _ignored(case: _Case) -> Verdict | None:
    if case.signal not in case.facts.sig_ign:
        return None
    # A blocked or awaited signal is kept for a reader even where it is ignored.
    dropped = case.wait_seen and case.signal not in case.facts.sig_blk and not _leader_waits(case)
    return case.verdict(
        VerdictKind.IGNORED,
        f"{case.subject} has told the kernel to ignore {case.name}",
        confidence=case.sure_if(dropped),
    )


def _stuck(case: _Case) -> Verdict | None:
    """A handler proves little where the same signal was sent before and nobody has unblocked it since."""
    if not (case.signal in case.facts.sig_cgt and case.pending and case.blocked_everywhere):
        return None
    return case.verdict(
        VerdictKind.BLOCKED,
        f"{case.subject} has a handler for {case.name} but keeps it blocked; one is pending already",
    )


def _handled(case: _Case) -> Verdict | None:
    if case.signal not in case.facts.sig_cgt:
        return None
    notes, confidence = [], Confidence.LIKELY
    if program_names(case.facts) & SHELLS:
        notes.append("a shell runs its trap only when its foreground command has ended: this may take long")
        if _may_have_foreground_command(case.facts):
            confidence = Confidence.UNKNOWN
    if case.blocked_everywhere:
        notes.append("every thread blocked it when this was read: it is delivered once one unblocks it")
    return case.verdict(
        VerdictKind.HANDLED, f"{case.subject} has a handler for {case.name}", *notes, confidence=confidence
    )


def _may_have_foreground_command(facts: ProcessFacts) -> bool:
    """False where a shell is seen not to wait for one: dash and busybox sit in sigsuspend for `wait`, bash does not."""
    leader = facts.leader
    return leader is None or leader.wchan is None or "do_wait" in leader.wchan


def _leader_waits(case: _Case) -> Verdict | None:
    leader = case.facts.leader
    if leader is None or not _waits(case, leader):
        return None
    return case.verdict(
        VerdictKind.WAITED,
        f"{case.subject} waits for signals in sigtimedwait, {case.name} most likely among them",
        _waiting_fact(case, leader),
        "which signals it waits for is not shown in /proc",
    )


def _known_forwarder(case: _Case) -> Verdict | None:
    """An init whose evidence this user may not read (wchan and fdinfo need the same uid or CAP_SYS_PTRACE)."""
    row, facts = forwarder(case.facts), case.facts
    if row is None:
        return None
    if row.blocks and case.signal in facts.sig_blk and facts.signalfds is None:
        return case.verdict(
            VerdictKind.WAITED,
            f"{facts.name} is known to read {case.name} from a signalfd",
            f"/proc/{facts.pid}/fdinfo is not readable: judged by the name and SigBlk",
        )
    signature = bool(row.ignores) and row.ignores <= set(facts.sig_ign.names(facts.arch))
    if signature and not case.wait_seen and case.signal not in facts.sig_blk:
        return case.verdict(
            VerdictKind.WAITED,
            f"{facts.name} is known to wait for {case.name} in sigtimedwait",
            f"/proc/{facts.pid}/wchan is not readable: judged by the name and by SigIgn {facts.sig_ign.hex()}",
        )
    return None


def _blocked(case: _Case) -> Verdict | None:
    if case.signal not in case.facts.sig_blk:
        return None
    notes = []
    if case.facts.signalfds is None:
        notes.append(f"/proc/{case.facts.pid}/fdinfo is not readable: a signalfd would not be seen")
    return case.verdict(
        VerdictKind.BLOCKED,
        f"{case.subject} blocks {case.name}, and no reader was found: it would stay pending",
        *notes,
    )


def _default(case: _Case) -> Verdict:
    facts, notes = case.facts, []
    confidence = case.sure_if(case.wait_seen)
    if not case.wait_seen:
        notes.append(
            f"/proc/{facts.pid}/wchan and syscall are not readable: a thread in sigtimedwait would not be seen"
        )
    if case.fd_reader is not None:
        notes.append(f"a signalfd has {case.name}, but the signal is not blocked, so it never gets there")
    if facts.is_init:
        return case.verdict(
            VerdictKind.DEFAULT,
            f"{case.subject} has no handler for {case.name}, so the kernel drops it"
            " (SIGNAL_UNKILLABLE, sig_task_ignored in kernel/signal.c)",
            *notes,
            confidence=confidence,
        )
    return case.verdict(
        VerdictKind.DEFAULT,
        f"{case.subject} has no handler for {case.name} and is not the first of its PID namespace:"
        " the default action happens",
        *notes,
        confidence=confidence if facts.reacts else Confidence.LIKELY,
        default_acts=case.name not in _DEFAULT_IS_NOTHING,
        survives=case.name in _DEFAULT_IS_STOP,
    )


def _waits(case: _Case, thread: ThreadFacts) -> bool:
    """The better witness is wchan: a name, while a number needs to be looked up for the architecture."""
    if case.signal in thread.sig_blk:
        return False
    if thread.wchan is not None and "sigtimedwait" in thread.wchan:
        return True
    return thread.syscall in _SIGTIMEDWAIT.get(case.facts.arch or "", frozenset())


def _waiting_fact(case: _Case, thread: ThreadFacts) -> str:
    where = f"wchan {thread.wchan}" if thread.wchan is not None else f"syscall {thread.syscall} on {case.facts.arch}"
    return f"thread {thread.tid} is in sigtimedwait ({where}), its SigBlk {thread.sig_blk.hex()} lacks {case.name}"


# In this order; the first that knows an answer gives it.
_RULES: tuple[Callable[[_Case], Verdict | None], ...] = (
    _kill_and_stop,
    _special,
    _signalfd,
    _other_thread_waits,
    _ignored,
    _stuck,
    _handled,
    _leader_waits,
    _known_forwarder,
    _blocked,
)
