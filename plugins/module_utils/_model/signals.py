# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Signal names, signal numbers and the signal masks of /proc/PID/status.

Sources: man 7 signal; arch/*/include/uapi/asm/signal.h and include/uapi/asm-generic/signal.h of Linux for the
numbers; render_sigset_t() in fs/proc/array.c for the text of a mask (bit N-1 is signal N).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError

# glibc's numbering: its threads keep 32 and 33 for themselves, so SIGRTMIN is 34. (musl keeps 34 too; a program built
# with it that says SIGRTMIN means 35. What /proc shows is a number, so one numbering has to be chosen for the names.)
_RTMIN = 34
_RESERVED = (32, 33)

_GENERIC = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG"
    " XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
_ALPHA = (
    "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ"
    " VTALRM PROF WINCH PWR USR1 USR2"
)
_MIPS = (
    "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2 CHLD PWR WINCH URG IO STOP TSTP CONT"
    " TTIN TTOU VTALRM PROF XCPU XFSZ"
)
_PARISC = (
    "HUP INT QUIT ILL TRAP ABRT STKFLT FPE KILL BUS SEGV XCPU PIPE ALRM TERM USR1 USR2 CHLD PWR VTALRM PROF IO WINCH"
    " STOP TSTP CONT TTIN TTOU URG XFSZ SYS"
)
_ALIASES = {"SIGIOT": "SIGABRT", "SIGCLD": "SIGCHLD", "SIGPOLL": "SIGIO"}

_HEX = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{8,32})\Z")
_REAL_TIME = re.compile(r"SIGRT(MIN|MAX)(?:([+-])([0-9]{1,3}))?\Z")
_NUMBERED = re.compile(r"(?:SIG)?([0-9]{1,4})\Z")


class SignalError(SafeRestartError):
    """A text or number that is no signal, or no signal mask."""


@dataclass(frozen=True, slots=True)
class SignalTable:
    """The signals of one family of architectures: canonical names by number, and every accepted name."""

    family: str
    last: int
    by_number: Mapping[int, str]
    by_name: Mapping[str, int]

    @property
    def rtmax(self) -> int:
        """SIGRTMAX as the C library gives it: 64, and 127 on MIPS (man 7 signal)."""
        return min(self.last, 127)


def _make(family: str, names: str, *, last: int = 64, aliases: Mapping[str, str] = MappingProxyType({})) -> SignalTable:
    by_number = {number: f"SIG{name}" for number, name in enumerate(names.split(), start=1)}
    by_name = {name: number for number, name in by_number.items()}
    for alias, name in {**_ALIASES, **aliases}.items():
        by_name[alias] = by_name[name]
    for number in range(len(by_number) + 1, last + 1):
        by_number[number] = f"SIG{number}" if number in _RESERVED or number > min(last, 127) else _rt_name(number)
    return SignalTable(family, last, MappingProxyType(by_number), MappingProxyType(by_name))


def _rt_name(number: int) -> str:
    return "SIGRTMIN" if number == _RTMIN else f"SIGRTMIN+{number - _RTMIN}"


_TABLES: Mapping[str, SignalTable] = MappingProxyType(
    {
        "generic": _make("generic", _GENERIC, aliases={"SIGUNUSED": "SIGSYS"}),
        "alpha": _make("alpha", _ALPHA, aliases={"SIGINFO": "SIGPWR"}),
        "mips": _make("mips", _MIPS, last=128),
        "parisc": _make("parisc", _PARISC, aliases={"SIGUNUSED": "SIGSYS"}),
        # The list of sparc differs from alpha's in one alias alone.
        "sparc": _make("sparc", _ALPHA, aliases={"SIGLOST": "SIGPWR"}),
    }
)
_FAMILIES = {"alpha": "alpha", "mips": "mips", "parisc": "parisc", "hppa": "parisc", "sparc": "sparc"}


def signal_table(arch: str | None = None) -> SignalTable:
    """Return the signals of an architecture.

    `arch` is what uname -m or a node's status.nodeInfo.architecture says ('x86_64', 'arm64', 'mips64le'); None and
    every architecture that is not listed have the generic numbers, as x86, arm, ppc, s390, riscv and loongarch do.
    """
    text = (arch or "").lower()
    for prefix, family in _FAMILIES.items():
        if text.startswith(prefix):
            return _TABLES[family]
    return _TABLES["generic"]


def signal_number(value: str | int, arch: str | None = None) -> int:
    """Return the number of a signal given as 'TERM', 'SIGTERM', 'sigterm', '15', 15, 'RTMIN+3' or 'SIG32'.

    Raises SignalError, which names what was found and gives close matches.
    """
    table = signal_table(arch)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise SignalError(f"a signal is a name like 'TERM' or a number like 15, not {value!r}")
    text = str(value).strip().upper()
    number = _from_number(text, table)
    if number is None:
        name = text if text.startswith("SIG") else f"SIG{text}"
        number = table.by_name.get(name)
        if number is None:
            number = _from_real_time(name, table)
    if number is None:
        raise SignalError(_no_such_signal(str(value), table))
    return number


def signal_name(number: int, arch: str | None = None) -> str:
    """Return the name with SIG prefix: 'SIGTERM', 'SIGRTMIN+3'; 'SIG32' and 'SIG33' are the C library's own.

    Raises SignalError when the architecture has no such signal.
    """
    table = signal_table(arch)
    try:
        return table.by_number[number]
    except KeyError:
        raise SignalError(f"{number} is no signal: they are 1 to {table.last}") from None


def _from_number(text: str, table: SignalTable) -> int | None:
    match = _NUMBERED.match(text)
    if match is None or not 1 <= int(match[1]) <= table.last:
        return None
    return int(match[1])


def _from_real_time(name: str, table: SignalTable) -> int | None:
    match = _REAL_TIME.match(name)
    if match is None:
        return None
    base = _RTMIN if match[1] == "MIN" else table.rtmax
    offset = int(match[3] or 0) * (-1 if match[2] == "-" else 1)
    number = base + offset
    return number if _RTMIN <= number <= table.rtmax else None


def _no_such_signal(found: str, table: SignalTable) -> str:
    shown = found if len(found) <= 40 else f"{found[:40]}..."
    wanted = shown.strip().upper()
    if _NUMBERED.match(wanted):
        return f"{shown!r} is no signal: they are 1 to {table.last}"
    wanted = wanted.removeprefix("SIG")
    if wanted.startswith("RT"):
        return f"{shown!r} is no signal: real-time signals are SIGRTMIN to SIGRTMIN+{table.rtmax - _RTMIN}"
    names = [name.removeprefix("SIG") for name in table.by_name]
    close = [f"SIG{name}" for name in difflib.get_close_matches(wanted, names, cutoff=0.65)]
    hint = f"; close to it: {', '.join(close)}" if close else ", nor close to one"
    return f"{shown!r} is no signal{hint}"


@dataclass(frozen=True, slots=True)
class SignalMask:
    """A set of signals as the kernel keeps it: bit N-1 stands for signal N. Up to 128 bits, as on MIPS."""

    bits: int

    def __post_init__(self) -> None:
        if isinstance(self.bits, bool) or not 0 <= self.bits < 1 << 128:
            raise SignalError(f"a signal mask has 0 to 128 bits and no sign, not {self.bits!r}")

    @classmethod
    def from_hex(cls, text: str) -> SignalMask:
        """Read the hex digits of /proc/PID/status: 16, or 8 to 32 of them. Raises SignalError."""
        match = _HEX.match(text.strip())
        if match is None:
            raise SignalError(f"{text[:60]!r} is no signal mask: that has 16 hex digits, as in /proc/1/status")
        return cls(int(match[1], 16))

    @classmethod
    def from_names(cls, names: Iterable[str | int], arch: str | None = None) -> SignalMask:
        """Make a mask of names or numbers, as signal_number() takes them. Raises SignalError."""
        bits = 0
        for name in names:
            bits |= 1 << (signal_number(name, arch) - 1)
        return cls(bits)

    def __contains__(self, signal: object) -> bool:
        return isinstance(signal, int) and 1 <= signal <= 128 and bool(self.bits >> (signal - 1) & 1)

    def numbers(self) -> tuple[int, ...]:
        """The signals in the mask, ascending."""
        return tuple(number for number in range(1, self.bits.bit_length() + 1) if number in self)

    def names(self, arch: str | None = None) -> tuple[str, ...]:
        """Their names, ascending by number. A number that the architecture does not have is shown as 'SIG99'."""
        known = signal_table(arch).by_number
        return tuple(known.get(number, f"SIG{number}") for number in self.numbers())

    def hex(self) -> str:
        """The text that /proc would show: 16 digits, or 32 where there are more than 64 signals in it."""
        return f"{self.bits:016x}" if self.bits < 1 << 64 else f"{self.bits:032x}"
