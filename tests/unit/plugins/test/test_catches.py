# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.test.catches import TestModule as Plugin

catches = Plugin().tests()["catches"]
TERM = "0000000000004000"


@pytest.mark.parametrize(
    ("value", "signal", "expected"),
    [
        (TERM, "TERM", True),
        (TERM, 15, True),
        (TERM, "INT", False),
        (0x4000, "SIGTERM", True),
        ({"masks": {"SigCgt": TERM}}, "TERM", True),
        ({"masks": {"SigCgt": "0000000000008000"}, "arch": "mips64"}, "USR1", True),
        ({"name": "web", "process": {"masks": {"SigCgt": TERM}, "arch": "x86_64"}}, "TERM", True),
    ],
)
def test_catches(value: Any, signal: str | int, expected: bool) -> None:
    assert catches(value, signal) is expected


def test_the_architecture_can_be_named() -> None:
    assert catches("0000000000008000", "USR1", arch="mips64")
    assert not catches("0000000000008000", "USR1")


@pytest.mark.parametrize(
    ("value", "signal", "words"),
    [
        ("4000", "TERM", "is no signal mask"),
        (TERM, "TREM", "close to it: SIGTERM"),
        (None, "TERM", "not NoneType"),
        ({}, "TERM", "no masks.SigCgt"),
        ({"process": None}, "TERM", "no masks.SigCgt"),
        ({"masks": {"SigCgt": None}}, "TERM", "not NoneType"),
    ],
)
def test_what_cannot_be_answered_is_named(value: Any, signal: str, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match="catches: ") as error:
        catches(value, signal)
    assert words in str(error.value)
