# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Reads what the probe of _logic/probe.py prints. Any input gives facts or a ProbeError, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import (
    MAX_DESCRIPTORS,
    MAX_THREADS,
    MAX_WORDS,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import (
    ProbeReply,
    ProcessFacts,
    ReplyKind,
    ThreadFacts,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalError, SignalMask

_NUMBER = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_KERNEL_ESCAPE = re.compile(r"\\(n|\\|[0-7]{3})")
_MASKS = ("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt")
_NO_KILL = 127  # what a shell returns for a command that it does not find
_MAX_TEXT = 4096


class ProbeError(SafeRestartError):
    """The probe's output has no facts in it, or lacks one that a verdict needs."""


def visible(text: str) -> str:
    r"""Return the text with all that does not print, or could steer a terminal, written as \n, \x1b, \u202e."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def probe_is_complete(output: str | bytes, *, token: str) -> bool:
    """True once the facts are all there, so that the answer can be given."""
    return any(frame == ("end",) for frame, _line in frames(decoded(output), token))


def parse_probe(output: str | bytes, *, token: str, pid: int = 1, arch: str | None = None) -> ProcessFacts:
    """Return the facts that a probe printed.

    `output` may hold anything; bytes that are no UTF-8 are kept visible. `arch` (a node's architecture) serves where
    the container did not tell its own. Raises ProbeError, which says what is missing.
    """
    text = decoded(output)
    raw = _collect(text, token)
    if not raw.started:
        raise ProbeError(f"the probe did not start: {_excerpt(text)}")
    if not raw.ended:
        raise ProbeError(f"the probe's output breaks off before its end: {_excerpt(text)}")
    status = _fields(raw.section("status"))
    missing = [name for name in _MASKS if name not in status]
    if missing:
        raise ProbeError(f"/proc/{pid}/status has no {', '.join(missing)}")
    arch = _arch(raw.section("arch")) or arch
    masks = {name: _mask(status[name], f"{name} of /proc/{pid}/status") for name in _MASKS}
    return ProcessFacts(
        pid=pid,
        name=_name(raw.section("comm"), status),
        sig_pnd=masks["SigPnd"],
        shd_pnd=masks["ShdPnd"],
        sig_blk=masks["SigBlk"],
        sig_ign=masks["SigIgn"],
        sig_cgt=masks["SigCgt"],
        command=_command(raw.words),
        command_exact=raw.exact and bool(raw.words),
        state=visible(status.get("State", ""))[:40],
        tracer=_number(status.get("TracerPid")),
        uid=_effective_uid(status),
        nspid=_numbers(status.get("NSpid", "")),
        thread_count=_number(status.get("Threads")),
        threads=tuple(_threads(raw.threads)),
        child=_child(*raw.child, arch) if raw.child else None,
        signalfds=_signalfds(raw.section("fds")),
        arch=arch,
        own_uid=_effective_uid(_fields(raw.section("own"))),
        may_signal=_may_signal(raw.access),
        cgroup=_lines(raw.section("cgroup")),
        own_cgroup=_lines(raw.section("own_cgroup")),
        start_time=_number(raw.start),
        uptime=_seconds(raw.uptime),
        boot_time=_number(raw.boot),
    )


def parse_reply(output: str | bytes, *, token: str) -> ProbeReply:
    """Return what the probe did with its answer. `output` may be the whole of what it printed. Never raises."""
    kind, code = ReplyKind.NONE, None
    start: str | None = None
    lines: list[str] = []
    ended = False
    for frame, line in frames(decoded(output), token):
        if not frame:
            lines.append(line)
        elif not ended:
            ended = frame == ("end",)
            lines = []
        elif frame[0] == "start":
            start = frame[1] if len(frame) > 1 else None
        elif frame[0] in _REPLIES:
            kind = _REPLIES[frame[0]]
            code = _number(frame[1]) if kind is ReplyKind.SENT and len(frame) > 1 else None
    fields = _fields(lines)
    return ProbeReply(
        kind,
        code,
        sig_cgt=_mask_or_none(fields.get("SigCgt")),
        sig_ign=_mask_or_none(fields.get("SigIgn")),
        sig_blk=_mask_or_none(fields.get("SigBlk")),
        shd_pnd=_mask_or_none(fields.get("ShdPnd")),
        start_time=_number(start),
    )


_REPLIES = {kind.value: kind for kind in ReplyKind if kind is not ReplyKind.NONE}


@dataclass(slots=True)
class _Raw:
    """The frames, sorted, their lines untouched."""

    started: bool = False
    ended: bool = False
    exact: bool = False
    start: str | None = None
    uptime: str | None = None
    boot: str | None = None
    access: str | None = None
    sections: dict[str, list[str]] = field(default_factory=dict)
    words: list[list[str]] = field(default_factory=list)
    threads: list[tuple[str, list[str]]] = field(default_factory=list)
    child: tuple[str, list[str]] | None = None

    def section(self, name: str) -> list[str]:
        return self.sections.get(name, [])


def _collect(text: str, token: str) -> _Raw:
    raw = _Raw()
    lines: list[str] = []
    for frame, line in frames(text, token):
        if not frame:
            lines.append(line)
            continue
        lines = []
        word, argument = frame[0], frame[1] if len(frame) > 1 else None
        if word == "end":
            raw.ended = True
            break
        if word == "probe":
            raw.started = argument == "1"
        elif word == "exact":
            raw.exact = True
        elif word in ("start", "uptime", "boot", "access"):
            setattr(raw, word, argument)
        elif word == "word":
            raw.words.append(lines)
        elif word == "thread":
            raw.threads.append((argument or "", lines))
        elif word == "child":
            raw.child = (argument or "", lines)
        else:
            raw.sections.setdefault(word, lines)
    return raw


def frames(text: str, token: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (words behind the token, '') for a frame and ((), line) for any other line."""
    for line in text.split("\n"):
        words = line.split()
        if len(words) > 1 and words[0] == token and line.startswith(token):
            yield tuple(words[1:]), ""
        else:
            yield (), line


def decoded(output: str | bytes) -> str:
    """The output as text; bytes that are no UTF-8 are kept as surrogates."""
    return output.decode("utf-8", "surrogateescape") if isinstance(output, bytes) else output


def _fields(lines: Iterable[str]) -> Mapping[str, str]:
    """The first occurrence of each 'Key:<tab>value'."""
    found: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if colon:
            found.setdefault(key, value.strip())
    return found


def _mask(text: str, where: str) -> SignalMask:
    try:
        return SignalMask.from_hex(text)
    except SignalError as error:
        raise ProbeError(f"{where}: {visible(str(error))}") from error


def _mask_or_none(text: str | None) -> SignalMask | None:
    try:
        return None if text is None else SignalMask.from_hex(text)
    except SignalError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _NUMBER.match(text) else None


def _seconds(text: str | None) -> float | None:
    """Seconds since boot, as /proc/uptime has them."""
    return float(text) if text and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII) else None


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(_number(word) for word in text.split())
    return () if None in numbers else tuple(number for number in numbers if number is not None)


def _effective_uid(status: Mapping[str, str]) -> int | None:
    """'Uid:' has the real, effective, saved and file system uid."""
    numbers = _numbers(status.get("Uid", ""))
    return numbers[1] if len(numbers) > 1 else None


def _name(comm: list[str], status: Mapping[str, str]) -> str:
    """The text of comm; else Name of status, where the kernel escapes a newline and a backslash."""
    if comm:
        return visible("\n".join(comm))[:_MAX_TEXT]
    plain = _KERNEL_ESCAPE.sub(lambda match: _unescaped(match[1]), status.get("Name", ""))
    return visible(plain)[:_MAX_TEXT]


def _unescaped(code: str) -> str:
    if code == "n":
        return "\n"
    return code if code == "\\" else chr(int(code, 8))


def _command(words: list[list[str]]) -> tuple[str, ...] | None:
    """The words, without the empty ones that a rewritten title leaves at the end. None: nothing could be read."""
    texts = ["\n".join(lines).replace("\x01", "\n") for lines in words[:MAX_WORDS]]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(visible(text)[:_MAX_TEXT] for text in texts) or None


def _threads(raw: list[tuple[str, list[str]]]) -> Iterator[ThreadFacts]:
    """The readable ones: a thread may end while it is being read."""
    for tid_text, lines in raw[:MAX_THREADS]:
        tid = _number(tid_text)
        status = _fields(lines)
        pending, blocked = _mask_or_none(status.get("SigPnd")), _mask_or_none(status.get("SigBlk"))
        if tid is None or pending is None or blocked is None:
            continue
        plain = dict(line.split(" ", 1) for line in lines if line.startswith(("wchan ", "syscall ")))
        wchan = visible(plain.get("wchan", "").strip())[:80]
        yield ThreadFacts(
            tid=tid,
            sig_pnd=pending,
            sig_blk=blocked,
            name=_name([], status),
            # '0' stands for 'running' and for 'you may not read this' alike.
            wchan=wchan if wchan not in ("", "0") else None,
            syscall=_number(plain.get("syscall", "").strip()),
        )


def _child(pid_text: str, lines: list[str], arch: str | None) -> ProcessFacts | None:
    """What a verdict on it needs; None if it has ended meanwhile."""
    pid, status = _number(pid_text), _fields(lines)
    masks = [mask for name in _MASKS if (mask := _mask_or_none(status.get(name))) is not None]
    if pid is None or len(masks) < len(_MASKS):
        return None
    sig_pnd, shd_pnd, sig_blk, sig_ign, sig_cgt = masks
    return ProcessFacts(
        pid,
        _name([], status),
        sig_pnd,
        shd_pnd,
        sig_blk,
        sig_ign,
        sig_cgt,
        arch=arch,
        nspid=_numbers(status.get("NSpid", "")),
        thread_count=_number(status.get("Threads")),
        threads=tuple(_threads([(pid_text, lines)])),
    )


def _signalfds(lines: list[str]) -> tuple[SignalMask, ...] | None:
    """None unless at least one descriptor could be opened: 'opened 3 of 3'."""
    opened = 0
    masks: list[SignalMask] = []
    for line in lines[: MAX_DESCRIPTORS + 1]:
        words = line.split()
        if len(words) == 4 and words[0] == "opened":
            opened = _number(words[1]) or 0
        elif len(words) == 2 and words[0] == "sigmask:":
            mask = _mask_or_none(words[1])
            if mask is not None:
                masks.append(mask)
    return tuple(masks) if opened else None


def _arch(lines: list[str]) -> str | None:
    return visible(lines[0].strip())[:40] or None if lines else None


def _may_signal(code: str | None) -> bool | None:
    number = _number(code)
    return None if number is None or number >= _NO_KILL else number == 0


def _lines(lines: list[str]) -> tuple[str, ...]:
    return tuple(visible(line)[:_MAX_TEXT] for line in lines[:16] if line)


def _escaped(char: str) -> str:
    code = ord(char)
    if char == "\n":
        return "\\n"
    if char == "\t":
        return "\\t"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _excerpt(text: str) -> str:
    return repr(visible(text.strip())[:200]) if text.strip() else "it printed nothing"
