# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal as host

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import (
    SignalError,
    SignalMask,
    signal_name,
    signal_number,
    signal_table,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("TERM", 15),
        ("SIGTERM", 15),
        (" sigterm ", 15),
        ("15", 15),
        (15, 15),
        ("SIG32", 32),
        ("RTMIN", 34),
        ("RTMIN+3", 37),
        ("SIGRTMAX", 64),
        ("rtmax-1", 63),
        ("POLL", 29),
        ("IOT", 6),
        ("CLD", 17),
        ("UNUSED", 31),
        (64, 64),
    ],
)
def test_a_signal_is_found_by_any_of_its_names(value: str | int, number: int) -> None:
    assert signal_number(value) == number


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("TREM", "'TREM' is no signal; close to it: SIGTERM"),
        ("SIGHPU", "SIGHUP"),
        ("potato", "'potato' is no signal, nor close to one"),
        (0, "'0' is no signal: they are 1 to 64"),
        ("65", "1 to 64"),
        (-1, "'-1' is no signal"),
        ("RTMIN+31", "real-time signals are SIGRTMIN to SIGRTMIN+30"),
        ("RTMAX-40", "SIGRTMIN+30"),
        ("RTMIN+999999", "SIGRTMIN+30"),
        ("", "'' is no signal"),
        ("\u0661\u0665", "is no signal"),
        ("x" * 500, "..."),
        (True, "not True"),
        (None, "not None"),
        (15.0, "not 15.0"),
    ],
)
def test_what_is_no_signal_is_named(value: str, words: str) -> None:
    with pytest.raises(SignalError) as error:
        signal_number(value)
    assert words in str(error.value)
    assert len(str(error.value)) < 160


@pytest.mark.parametrize(
    ("arch", "family", "differing"),
    [
        (None, "generic", {"SIGUSR1": 10, "SIGCHLD": 17, "SIGSTOP": 19, "SIGSTKFLT": 16, "SIGPWR": 30, "SIGBUS": 7}),
        ("aarch64", "generic", {"SIGUSR1": 10}),
        ("s390x", "generic", {"SIGUSR2": 12}),
        ("mips64le", "mips", {"SIGUSR1": 16, "SIGCHLD": 18, "SIGSTOP": 23, "SIGEMT": 7, "SIGXFSZ": 31, "SIGBUS": 10}),
        ("alpha", "alpha", {"SIGUSR1": 30, "SIGCHLD": 20, "SIGSTOP": 17, "SIGPWR": 29, "SIGINFO": 29, "SIGSYS": 12}),
        ("sparc64", "sparc", {"SIGUSR1": 30, "SIGURG": 16, "SIGPWR": 29, "SIGLOST": 29}),
        ("parisc64", "parisc", {"SIGUSR1": 16, "SIGXCPU": 12, "SIGSTOP": 24, "SIGURG": 29, "SIGSYS": 31}),
        ("hppa", "parisc", {"SIGWINCH": 23}),
    ],
)
def test_numbers_differ_by_architecture(arch: str | None, family: str, differing: dict[str, int]) -> None:
    assert signal_table(arch).family == family
    assert {name: signal_number(name, arch) for name in differing} == differing
    assert signal_number("TERM", arch) == 15
    assert signal_number("KILL", arch) == 9
    assert sorted(signal_table(arch).by_number) == list(range(1, signal_table(arch).last + 1))


def test_every_name_leads_back_to_its_number() -> None:
    for arch in ("x86_64", "mips", "alpha", "sparc", "parisc"):
        for number, name in signal_table(arch).by_number.items():
            assert signal_number(name, arch) == number


def test_names_are_those_of_this_machine() -> None:
    ours = {name: number for name, number in signal_table(None).by_name.items() if hasattr(host, name)}
    assert len(ours) >= 31
    assert ours == {name: int(getattr(host, name)) for name in ours}


def test_mips_has_128_signals() -> None:
    assert signal_number("RTMAX", "mips64") == 127
    assert signal_name(128, "mips64") == "SIG128"
    mask = SignalMask.from_hex("8" + 31 * "0")
    assert mask.numbers() == (128,)
    assert mask.hex() == "8" + 31 * "0"


def test_signals_of_the_c_library_and_real_time_signals() -> None:
    assert [signal_name(number) for number in (31, 32, 33, 34, 35, 64)] == [
        "SIGSYS",
        "SIG32",
        "SIG33",
        "SIGRTMIN",
        "SIGRTMIN+1",
        "SIGRTMIN+30",
    ]
    with pytest.raises(SignalError, match="65 is no signal"):
        signal_name(65)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0000000000000000", ()),
        ("0000000000004000", ("SIGTERM",)),
        ("0000000000010002", ("SIGINT", "SIGCHLD")),
        ("0x00004000", ("SIGTERM",)),
        (" 0000000000004000\n", ("SIGTERM",)),
        ("0000000100004602", ("SIGINT", "SIGUSR1", "SIGSEGV", "SIGTERM", "SIG33")),
    ],
)
def test_a_mask_is_read(text: str, names: tuple[str, ...]) -> None:
    assert SignalMask.from_hex(text).names() == names


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        # Go 1.15 and Go 1.26: all but what no handler can have, stop signals, and those of the C library.
        ("fffffffe7fc1feff", {9, 18, 19, 20, 21, 22, 32, 33}),
        ("fffffffd7fc1feff", {9, 18, 19, 20, 21, 22, 32, 34}),
    ],
)
def test_the_mask_of_a_go_program(text: str, missing: set[int]) -> None:
    mask = SignalMask.from_hex(text)
    assert 15 in mask
    assert 9 not in mask
    assert set(range(1, 65)) - set(mask.numbers()) >= missing - {18, 32, 33, 34}
    assert mask.hex() == text


@pytest.mark.parametrize("text", ["", "0", "4000", "g" * 16, "0" * 33, "-0000000000004000", "00 00000000004000"])
def test_what_is_no_mask_is_named(text: str) -> None:
    with pytest.raises(SignalError, match="is no signal mask"):
        SignalMask.from_hex(text)


@pytest.mark.parametrize("bits", [-1, 1 << 128, True])
def test_a_mask_has_at_most_128_bits(bits: int) -> None:
    with pytest.raises(SignalError, match="0 to 128 bits"):
        SignalMask(bits)


def test_a_mask_is_made_of_names_and_numbers() -> None:
    mask = SignalMask.from_names(["INT", 15, "17"])
    assert mask.hex() == "0000000000014002"
    assert mask == SignalMask(0x14002)
    assert SignalMask.from_names(["USR1"], "mips64").hex() == "0000000000008000"
    with pytest.raises(SignalError, match="SIGTERM"):
        SignalMask.from_names(["TERMM"])


def test_membership_takes_numbers_only() -> None:
    mask = SignalMask(0x4000)
    assert 15 in mask
    assert all(other not in mask for other in (0, -1, 14, 16, 129, 10**9, "15", None))


def test_a_number_beyond_the_architecture_is_shown_all_the_same() -> None:
    assert SignalMask(1 << 98).names() == ("SIG99",)
