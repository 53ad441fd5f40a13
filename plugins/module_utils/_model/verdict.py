# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The verdict on one process and one signal: a forecast, never a proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """What a process is expected to do with a signal that is sent from inside its PID namespace."""

    HANDLED = "handled"
    """A handler is installed."""
    WAITED = "waited"
    """The process waits for it: signalfd or sigwait."""
    IGNORED = "ignored"
    """The process asked the kernel to ignore it."""
    DEFAULT = "default"
    """No handler, no reader: for PID 1 the kernel drops it; for any other pid the default action happens."""
    BLOCKED = "blocked"
    """Held back, and nobody was found who would fetch it: it stays pending."""
    UNKNOWN = "unknown"
    """Not readable, or a runtime whose handler proves nothing."""


class Confidence(StrEnum):
    """How sure it is that the signal ends the process, or that it does not. A handler is never more than likely to."""

    CERTAIN = "certain"
    """The kernel alone decides, and everything that it decides by was read: true of the process as it was read."""
    LIKELY = "likely"
    """The program's code decides, which /proc does not show, or something that counts may not be read."""
    UNKNOWN = "unknown"
    """Nothing was read, or programs of the kind do one as often as the other."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict with its evidence.

    `signal` has the SIG prefix; `reason` is one sentence for a person; `evidence` are short facts ('SigCgt
    0000000000004000 has SIGTERM'). `default_acts` is true for a pid that the kernel does not protect as it does PID 1,
    when the signal's default action ends or stops it. `survives`: it is known not to end when it acts on the signal,
    but to reload, to execute itself again, to stop, or to pass it on to a child that does not end.
    """

    kind: VerdictKind
    signal: str
    reason: str
    evidence: tuple[str, ...] = ()
    default_acts: bool = False
    confidence: Confidence = Confidence.UNKNOWN
    survives: bool = False

    @property
    def acts(self) -> bool:
        """True when the process is expected to do something on the signal."""
        if self.kind is VerdictKind.DEFAULT:
            return self.default_acts
        return self.kind in (VerdictKind.HANDLED, VerdictKind.WAITED)

    @property
    def ends(self) -> bool:
        """True when the process is expected to end on the signal."""
        return self.acts and not self.survives

    def to_result(self) -> dict[str, object]:
        """Return plain values for a module's result."""
        return {
            "verdict": self.kind.value,
            "signal": self.signal,
            "acts": self.acts,
            "ends": self.ends,
            "confidence": self.confidence.value,
            "reason": self.reason,
            "evidence": list(self.evidence),
        }
