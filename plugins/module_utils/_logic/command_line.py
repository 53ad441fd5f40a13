# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Command lines as they may be shown: without what looks like a secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

HIDDEN = "********"

_WORDS = r"pass(?:word|wd|phrase)?|pwd|token|secret|credential|(?:api|private|access)[-_]?key"
_NAME = rf"[\w.-]*(?:{_WORDS})[\w.-]*"
_ASSIGNED = re.compile(rf"(?i)(\b{_NAME}\s*[=:]\s*)[^\s,;&\"']+")
_OPTION = re.compile(rf"(?i)--?{_NAME}\Z")
_URL = re.compile(r"(\w://[^/\s:@]*:)[^/\s@]+@")


def without_secrets(words: Sequence[str]) -> list[str]:
    """The words, with the values of what is named like a secret hidden.

    `--password=x`, `--token x`, `KEY_SECRET=x`, `scheme://user:x@host`. A guess by names, like Ansible's own heuristic
    for logs: a program that takes secrets as bare words shows them.
    """
    shown = []
    follows = False
    for word in words:
        shown.append(HIDDEN if follows else _URL.sub(rf"\1{HIDDEN}@", _ASSIGNED.sub(rf"\1{HIDDEN}", word)))
        follows = not follows and _OPTION.fullmatch(word) is not None
    return shown
