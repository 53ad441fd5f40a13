# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Names of objects that are made for another object. Pure."""

from __future__ import annotations

import hashlib

#: Names of objects: RFC 1123 subdomains of up to so many characters.
_MOST_NAME = 253


def named_after(prefix: str, name: str) -> str:
    """The prefix and the other's name, which may be as long as names can be: then its end gives way to a hash of it."""
    whole = prefix + name
    if len(whole) <= _MOST_NAME:
        return whole
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return whole[: _MOST_NAME - len(digest) - 1].rstrip("-.") + f"-{digest}"
