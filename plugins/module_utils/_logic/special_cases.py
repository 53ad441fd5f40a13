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
    `kind` when `mask` ('SigCgt', 'SigBlk' or 'SigIgn') has the signal. `reason` may use {signal}. `survives`: it acts
    and does not end. `also_unprotected`: it holds for a process that is not the first of its PID namespace, too.
    """

    names: frozenset[str]
    signals: frozenset[str]
    mask: str
    kind: VerdictKind
    reason: str
    threads: frozenset[str] = frozenset()
    survives: bool = False
    also_unprotected: bool = False

    def applies(self, facts: ProcessFacts, signal: int, name: str) -> bool:
        """True when this row decides on the signal (its number and its name)."""
        if name not in self.signals or not (self.names & program_names(facts) or self._by_thread(facts)):
            return False
        return signal in {"SigCgt": facts.sig_cgt, "SigBlk": facts.sig_blk, "SigIgn": facts.sig_ign}[self.mask]

    def _by_thread(self, facts: ProcessFacts) -> bool:
        return any(thread.name in self.threads for thread in facts.threads)


def _goes_on(names: str, signals: str, what: str, mask: str = "SigCgt") -> SpecialCase:
    """A program that is documented to do something on these signals and to go on."""
    return SpecialCase(
        names=frozenset(names.split()),
        signals=frozenset(signals.split()),
        mask=mask,
        kind=VerdictKind.HANDLED if mask == "SigCgt" else VerdictKind.WAITED,
        reason=f"{names.split(maxsplit=1)[0]} {what} on {{signal}} and does not end",
        survives=True,
        also_unprotected=True,
    )


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
    # man 1 systemd, section SIGNALS: only SIGRTMIN+3 and its like end it.
    _goes_on("systemd", "SIGTERM", "executes itself again (SIGRTMIN+3 halts it)", mask="SigBlk"),
    _goes_on("systemd", "SIGHUP", "reloads its configuration", mask="SigBlk"),
    # https://nginx.org/en/docs/control.html
    _goes_on("nginx", "SIGHUP SIGUSR1 SIGUSR2 SIGWINCH", "reloads, reopens its logs, or starts or stops others"),
    # https://httpd.apache.org/docs/2.4/stopping.html
    _goes_on("apache2 httpd", "SIGHUP SIGUSR1", "restarts its workers"),
    # man 8 lighttpd
    _goes_on("lighttpd", "SIGHUP SIGUSR1", "reopens its logs or restarts itself"),
    # https://docs.haproxy.org, management guide, sections 4 and 13
    _goes_on("haproxy", "SIGHUP SIGUSR2", "reloads, or writes its state into the log,"),
    # https://www.postgresql.org/docs/current/app-postgres.html
    _goes_on("postgres", "SIGHUP", "reloads its configuration"),
    # memcached.c, sighup_handler
    _goes_on("memcached", "SIGHUP", "reads its secrets again"),
    # https://supervisord.org/running.html, Signals
    _goes_on("supervisord", "SIGHUP SIGUSR2", "starts its programs anew or reopens its logs"),
    # man 8 php-fpm
    _goes_on(
        "php-fpm php-fpm7.4 php-fpm8.1 php-fpm8.2 php-fpm8.3 php-fpm8.4",
        "SIGUSR1 SIGUSR2",
        "reopens its logs or reloads",
    ),
)


@dataclass(frozen=True, slots=True)
class Forwarder:
    """An init that passes signals on to its child, and how it takes them when the evidence may not be read.

    `blocks`: it blocks them and reads a signalfd. `ignores`: the signals whose being ignored is its signature, while it
    waits in sigtimedwait. `one_child`: it was started for one child, and ends when that does and not before.
    `rewriting`: the options by which it passes on another signal than it gets.
    """

    names: frozenset[str]
    blocks: bool = False
    ignores: frozenset[str] = frozenset()
    one_child: bool = True
    rewriting: tuple[str, ...] = ()

    def passes_on_to_child(self, facts: ProcessFacts) -> bool:
        """Whether what its one child does with the same signal decides. An option may also be one of the child's."""
        return self.one_child and not any(word.startswith(self.rewriting) for word in facts.command or ())


FORWARDERS: tuple[Forwarder, ...] = (
    Forwarder(names=frozenset({"tini", "tini-static", "docker-init"}), ignores=frozenset({"SIGTTIN", "SIGTTOU"})),
    Forwarder(names=frozenset({"dumb-init"}), rewriting=("-r", "--rewrite")),
    Forwarder(names=frozenset({"catatonit", "podman-init"}), blocks=True),
    Forwarder(names=frozenset({"s6-svscan"}), blocks=True, one_child=False),
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
