# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.filter.signal_mask import FilterModule

signal_mask = FilterModule().filters()["signal_mask"]


@pytest.mark.parametrize(
    ("names", "mask"),
    [
        (["INT", "SIGTERM", 17], "0000000000014002"),
        (("TERM",), "0000000000004000"),
        ("TERM", "0000000000004000"),
        (15, "0000000000004000"),
        ([], "0000000000000000"),
    ],
)
def test_mask(names: Any, mask: str) -> None:
    assert signal_mask(names) == mask


def test_mask_of_another_architecture() -> None:
    assert signal_mask("USR1", arch="mips64le") == "0000000000008000"
    assert signal_mask(100, arch="mips64le") == "00000008000000000000000000000000"


@pytest.mark.parametrize(
    ("names", "words"),
    [(["TREM"], "close to it: SIGTERM"), ({"a": 1}, "not dict"), (None, "not NoneType"), ([None], "not None")],
)
def test_what_is_no_signal_is_named(names: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match="signal_mask: ") as error:
        signal_mask(names)
    assert words in str(error.value)
