# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_text import ONLY_HIDDEN, unified


def test_equal() -> None:
    assert unified({"a": 1}, {"a": 1}, "old", "new") == ""


def test_unified() -> None:
    assert unified({"a": 1}, {"a": 2}, "old", "new").splitlines() == [
        "--- old",
        "+++ new",
        "@@ -1,3 +1,3 @@",
        " {",
        '-  "a": 1',
        '+  "a": 2',
        " }",
    ]


def test_hidden_values() -> None:
    old, new = ({"env": [{"name": "DB_PASSWORD", "value": value}]} for value in ("x", "y"))
    assert unified(old, new, "old", "new") == ONLY_HIDDEN
