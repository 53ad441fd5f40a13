# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Names of objects: what can be one, and those of objects that are made for another one. Pure."""

from __future__ import annotations

import hashlib
import re

#: Names of objects: RFC 1123 subdomains of up to so many characters.
_MOST_NAME = 253
#: Names of namespaces and of containers: RFC 1123 labels.
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def is_label(text: str) -> bool:
    """Whether a namespace or a container could be called so."""
    return bool(_LABEL.fullmatch(text))


def named_after(prefix: str, name: str) -> str:
    """The prefix and the other's name, which may be as long as names can be: then its end gives way to a hash of it."""
    whole = prefix + name
    if len(whole) <= _MOST_NAME:
        return whole
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return whole[: _MOST_NAME - len(digest) - 1].rstrip("-.") + f"-{digest}"
