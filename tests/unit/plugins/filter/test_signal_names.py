# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.signal_names import FilterModule

signal_names = FilterModule().filters()["signal_names"]


@pytest.mark.parametrize(
    ("mask", "names"),
    [
        ("0000000000014002", ["SIGINT", "SIGTERM", "SIGCHLD"]),
        (0x4000, ["SIGTERM"]),
        (0, []),
        ("0000000000000000", []),
        ("0000001000000000", ["SIGRTMIN+3"]),
    ],
)
def test_names(mask: str | int, names: list[str]) -> None:
    assert signal_names(mask) == names


def test_names_of_another_architecture() -> None:
    assert signal_names("0000000000008000", arch="mips64le") == ["SIGUSR1"]


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("4000", "'4000' is no signal mask"),
        (-1, "0 to 128 bits"),
        (True, "0 to 128 bits"),
        (None, "not NoneType"),
        ([], "not list"),
    ],
)
def test_what_is_no_mask_is_named(mask: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match="signal_names: ") as error:
        signal_names(mask)
    assert words in str(error.value)
