# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Lists of things in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def some_of(entries: Iterable[object], most: int, between: str = ", ") -> str:
    """The first `most` of them, and how many more there are. Long ones need more than a comma `between` them."""
    words = [str(entry) for entry in entries]
    return between.join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def not_touched(left: Iterable[object]) -> str:
    """A sentence, with a space before it, about those that a failure has kept from being reached; empty for none."""
    words = [str(entry) for entry in left]
    return f" {len(words)} more were not touched: {', '.join(words)}." if words else ""
