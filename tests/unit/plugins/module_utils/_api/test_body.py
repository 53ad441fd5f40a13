# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.body import as_go_writes


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a && b > c < d", rb"a \u0026\u0026 b \u003e c \u003c d"),
        ("two\u2028lines\u2029", rb"two\u2028lines\u2029"),
        ("\u00e9 \u20ac", "\u00e9 \u20ac".encode()),
        ('"\\\n', rb"\"\\\n"),
        ("\ud800", rb"\ud800"),
    ],
)
def test_texts_are_written_as_the_server_writes_them(text: str, written: bytes) -> None:
    body = as_go_writes([{"value": text}])
    assert body == b'[{"value": "' + written + b'"}]'
    assert json.loads(body) == [{"value": text}]
