# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Programs about which the masks alone say too much or too little. A new case is one row in a table."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import VerdictKind


@dataclass(frozen=True, slots=True)
class SpecialCase:
    """A program whose masks mislead for some signals.

    It is recognised by comm, by the first word of its command line or by the name of any of its threads; the verdict is
    `kind` when `mask` ('SigCgt', 'SigBlk' or 'SigIgn') has the signal. `reason` may use {signal}.
    `also_unprotected`: it holds for a process that is not the first of its PID namespace, too.
    """

    names: frozenset[str]
    signals: frozenset[str]
    mask: str
    kind: VerdictKind
    reason: str
    threads: frozenset[str] = frozenset()
    also_unprotected: bool = False

    def applies(self, facts: ProcessFacts, signal: int, name: str) -> bool:
        """True when this row decides on the signal (its number and its name)."""
        if name not in self.signals or not (self.names & program_names(facts) or self._by_thread(facts)):
            return False
        return signal in {"SigCgt": facts.sig_cgt, "SigBlk": facts.sig_blk, "SigIgn": facts.sig_ign}[self.mask]

    def _by_thread(self, facts: ProcessFacts) -> bool:
        return any(thread.name in self.threads for thread in facts.threads)


SPECIAL_CASES: tuple[SpecialCase, ...] = (
    # Node.js restores the terminal in a handler of its own, which then takes SIG_DFL back and raises the signal again:
    # lost on PID 1. A program's own process.on() looks the same in /proc. The main thread is called MainThread or
    # node-MainThread by newer versions; a changed process.title leaves the other threads' names.
    SpecialCase(
        names=frozenset({"node", "nodejs", "MainThread", "node-MainThread"}),
        signals=frozenset({"SIGTERM", "SIGINT"}),
        mask="SigCgt",
        kind=VerdictKind.UNKNOWN,
        reason="Node.js catches {signal} even if the program does not, and raises it again without a handler, which"
        " the kernel drops for PID 1; only the program's own process.on('{signal}') acts, and /proc does not show it",
        threads=frozenset({"node", "node-MainThread", "node-V8Worker", "V8Worker"}),
    ),
    # man 1 systemd, section SIGNALS.
    SpecialCase(
        names=frozenset({"systemd"}),
        signals=frozenset({"SIGTERM"}),
        mask="SigBlk",
        kind=VerdictKind.UNKNOWN,
        reason="systemd reads {signal} and re-executes itself, so the container does not end; SIGRTMIN+3 halts it",
        also_unprotected=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Forwarder:
    """An init that passes signals on to its child, and how it takes them when the evidence may not be read.

    `blocks`: it blocks them and reads a signalfd. `ignores`: the signals whose being ignored is its signature, while it
    waits in sigtimedwait.
    """

    names: frozenset[str]
    blocks: bool = False
    ignores: frozenset[str] = frozenset()


FORWARDERS: tuple[Forwarder, ...] = (
    Forwarder(names=frozenset({"tini", "tini-static", "docker-init"}), ignores=frozenset({"SIGTTIN", "SIGTTOU"})),
    Forwarder(names=frozenset({"dumb-init"})),
    Forwarder(names=frozenset({"catatonit", "podman-init"}), blocks=True),
    Forwarder(names=frozenset({"s6-svscan"}), blocks=True),
)

# A shell runs a trap only when its foreground command has ended (POSIX XCU 2.11).
SHELLS = frozenset({"sh", "bash", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "zsh", "yash"})


def program_names(facts: ProcessFacts) -> frozenset[str]:
    """What the process calls itself: comm, and the base name of its command line's first word where that is known."""
    names = {facts.name}
    if facts.command and facts.command_exact:
        names.add(posixpath.basename(facts.command[0]))
    return frozenset(names - {""})


def forwarder(facts: ProcessFacts) -> Forwarder | None:
    """The row of an init that forwards signals, None for any other program."""
    names = program_names(facts)
    return next((row for row in FORWARDERS if row.names & names), None)
