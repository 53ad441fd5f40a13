# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What signals did to a container in earlier runs, as an annotation of its workload has it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Confidence, Verdict

#: The annotation's name, without the container's.
PREFIX = "measured.saferestart.k8s/"
#: Anybody may have written it: what is longer, or no time that a restart can take, is none of ours.
MOST_CHARACTERS = 65536
MOST_SECONDS = 1_000_000

_SIGNAL = re.compile(r"SIG[A-Z0-9+-]{1,12}")
_KEY = re.compile(r"[0-9a-f]{64}")
_WHEN = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z")

Basis = Literal["measured", "forecast"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one signal did to a container.

    `when` is RFC 3339 in UTC. `seconds` is how long it took to end, or how long it was waited for. `key` tells which
    program it holds for, see key_of().
    """

    signal: str
    outcome: Literal["ended", "lived"]
    when: str
    seconds: float
    key: str

    @property
    def ended(self) -> bool:
        """Whether the container ended on it."""
        return self.outcome == "ended"

    @property
    def reason(self) -> str:
        """A sentence about it."""
        if self.ended:
            return f"{self.signal} ended it when it was tried on {self.when} (after {self.seconds:g} s)"
        return (
            f"{self.signal} did not end it when it was tried on {self.when} (waited {self.seconds:g} s); "
            "force: true tries again"
        )

    def decides(self, container: Container, facts: ProcessFacts, verdict: Verdict) -> bool:
        """Whether it counts for more than this forecast.

        It does not for another program, for what the kernel alone decides, nor for a process that is stopped now.
        """
        if verdict.confidence is Confidence.CERTAIN or facts.stopped:
            return False
        return self.key == key_of(container, facts)

    def basis(self, refused: str | None) -> Basis:
        """What a decision rests on that is known to be this refusal, or none."""
        return "measured" if refused == (None if self.ended else self.reason) else "forecast"


def key_of(container: Container, facts: ProcessFacts) -> str | None:
    """What a measurement holds for: the image's ID, the exact command, and whether the kernel protects it as PID 1.

    A hash, because command lines have secrets in them. None where the image or the command is not known.
    """
    if not container.image_id or not facts.command:
        return None
    text = json.dumps([container.image_id, list(facts.command), facts.is_init])
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_measured(text: object) -> dict[str, Measured]:
    """The measurements in an annotation's value, by signal; what is none is left out."""
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {signal: measured for signal, entry in entries if (measured := _measured(signal, entry))}


def write_measured(entries: Mapping[str, Measured]) -> str:
    """The annotation's value."""
    return json.dumps(
        {
            signal: {"outcome": entry.outcome, "when": entry.when, "seconds": entry.seconds, "key": entry.key}
            for signal, entry in sorted(entries.items())
        }
    )


def with_new(before: Mapping[str, Measured], new: Measured) -> dict[str, Measured] | None:
    """All that is to be kept once `new` is known; None where it is known already.

    What held for another program is forgotten.
    """
    old = before.get(new.signal)
    if old and (old.key, old.outcome) == (new.key, new.outcome):
        return None
    return {signal: entry for signal, entry in before.items() if entry.key == new.key} | {new.signal: new}


def _measured(signal: str, entry: object) -> Measured | None:
    """One entry, if it is one."""
    if not isinstance(entry, dict) or not _SIGNAL.fullmatch(signal):
        return None
    outcome, when, seconds, key = (entry.get(name) for name in ("outcome", "when", "seconds", "key"))
    if outcome not in ("ended", "lived") or not isinstance(when, str) or not _is_time(when):
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MOST_SECONDS:
        return None
    return Measured(signal, outcome, when, float(seconds), key)


def _is_time(text: str) -> bool:
    if not _WHEN.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
