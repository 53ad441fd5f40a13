# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A result that is small enough for AWX, and has everything in it. Pure.

AWX leaves out the result of a task in an event beyond 700,000 characters (MAX_EVENT_RES_DATA), which is about 500 pods.
Names, UIDs and container IDs of a pod are 100 to 200 characters when they are compressed.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

#: So many of those that were not restarted are told beside what is packed, failures first.
MOST_TOLD = 20
_LISTS = ("plan", "pods", "signalled")


class NotPacked(ValueError):
    """What is under `packed` was cut off or changed on its way, or is something else."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"what is under packed was not packed by a module of saferestart.k8s, or is damaged: {found}. Without the "
            "key packed the rest of the result can be read"
        )


def packed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result with its long lists cut to what was not restarted, and with all of it as text under `packed`."""
    told = dict(result)
    for name in _LISTS:
        if isinstance(entries := result.get(name), list):
            told[name] = sorted((entry for entry in entries if _badness(entry)), key=_badness, reverse=True)[:MOST_TOLD]
    whole = json.dumps({name: result[name] for name in _LISTS if name in result}, separators=(",", ":"))
    return {**told, "packed": base64.b64encode(zlib.compress(whole.encode(), 9)).decode("ascii")}


def unpacked(result: Mapping[str, Any]) -> dict[str, Any]:
    """The whole result; one that was not packed is returned as it is. Raises NotPacked for any other text."""
    whole = dict(result)
    if text := whole.pop("packed", None):
        try:
            lists = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
        except (ValueError, TypeError, zlib.error) as error:
            raise NotPacked(str(error)) from None
        if not isinstance(lists, dict) or not all(name in _LISTS and isinstance(lists[name], list) for name in lists):
            raise NotPacked("there are no lists of a result in it")
        whole.update(lists)
    return whole


#: What is told first; of what is not here, or went well, nothing.
_WORSE = {"unchanged": 1, "leave": 1, "skipped": 2, "skip": 2, "failed": 3}


def _badness(entry: Mapping[str, Any]) -> int:
    """Of an entry of `plan` or `pods`: 0 where what happened to it is what was asked for."""
    containers: Sequence[Mapping[str, Any]] | None = entry.get("containers")
    words = [entry.get("action")] if containers is None else [container["outcome"] for container in containers]
    return max((_WORSE.get(str(word), 0) for word in words), default=0)
