# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Command lines as they may be shown: without what looks like a secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

HIDDEN = "********"

_WORDS = r"pass(?:word|wd|phrase)?|pwd|token|secret|credential|(?:api|private|access)[-_]?key"
# Possessive, and begun at the beginning of a name only: a command line may have been made to be slow to search.
_START = rf"(?<![\w.-])(?=[\w.-]*(?:{_WORDS}))"
_VALUE = r"""(?:"[^"]*"?|'[^']*'?|[^\s,;&"']+)"""
_ASSIGNED = re.compile(rf"""(?i){_START}((?:[\w.-]++["']?\s*[=:]|--?[\w.-]++(?=\s))\s*){_VALUE}""")
_OPTION = re.compile(rf"(?i){_START}--?[\w.-]++\Z")
_OPTION_IS = re.compile(rf"(?is){_START}(--?[\w.-]++=).+")
_NAMED = re.compile(rf"(?i)[\w.-]*(?:{_WORDS})[\w.-]*")
_URL = re.compile(r"(\w://[^/\s:@]*:)[^/\s]+@")


def without_secrets(words: Sequence[str]) -> list[str]:
    """The words, with the values of what is named like a secret hidden.

    `--password=x`, `--token x`, `KEY_SECRET='x'`, `scheme://user:x@host`. A guess by names, as Ansible's heuristic
    for logs is: a program that takes secrets as bare words shows them.
    """
    shown = []
    follows = False
    for word in words:
        shown.append(HIDDEN if follows else _shown(word))
        follows = not follows and _OPTION.fullmatch(word) is not None
    return shown


def names_a_secret(name: str) -> bool:
    """Whether what has this name is to be hidden."""
    return _NAMED.fullmatch(name) is not None


def _shown(word: str) -> str:
    """One word. An option's value is all that is behind it; inside a script a value ends where a shell would end it."""
    if option := _OPTION_IS.fullmatch(word):
        return option[1] + HIDDEN
    return _URL.sub(rf"\1{HIDDEN}@", _ASSIGNED.sub(rf"\1{HIDDEN}", word))
