# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""When everything happened, and how many pods were away at a time. Pure.

The kubelet's times are whole seconds of the node's clock, and the time of a signal is that of the machine that sent it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: The moments of a container in the order in which they come, where two are in the same second.
MOMENTS = ("created", "sent", "ended", "started", "ready")


@dataclass(frozen=True, slots=True)
class Away:
    """How the service was reduced: of `pods` pods `most` were away at a time, and one for the `longest` seconds.

    `all_at_once` is how many seconds none of them was there. Only pods that came back are counted.
    """

    pods: int
    most: int
    longest: int
    all_at_once: int
    steps: tuple[tuple[int, int], ...]
    """How many were away from when on, in seconds since the first went."""


def moment(text: object) -> datetime | None:
    """A time as results have it; None where it is none."""
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def seconds_between(first: object, last: object) -> int | None:
    """Whole seconds from one time to the other, 0 where clocks differ; None unless both are known."""
    begin, end = moment(first), moment(last)
    return max(0, round((end - begin).total_seconds())) if begin and end else None


def times_of(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, str | None]:
    """The moments of a container that are known."""
    replaced = pod.get("uid_after") is not None and pod.get("uid_after") != pod.get("uid_before")
    times = {name: container.get(f"{name}_at") for name in MOMENTS if name != "created"}
    times["created"] = pod.get("created_at") if replaced else None
    return {name: str(times[name]) if moment(times[name]) else None for name in MOMENTS}


def away_seconds(times: Mapping[str, str | None]) -> int | None:
    """Seconds from the end of a container to when its pod was Ready again; None where one of both is not known."""
    return seconds_between(times["ended"], times["ready"])


def how_many_away(pods: Sequence[Sequence[Mapping[str, str | None]]]) -> Away | None:
    """What the moments of the containers of these pods say together; None where no pod was seen to go and come back."""
    spans = [merged for containers in pods if (merged := _merged(containers))]
    if not spans:
        return None
    changes: dict[datetime, int] = {}
    for begin, end in (span for merged in spans for span in merged):
        changes[begin] = changes.get(begin, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    first = min(changes)
    steps: list[tuple[int, int]] = []
    away = all_away = 0
    for at in sorted(changes):
        second = round((at - first).total_seconds())
        if steps and away == len(pods):
            all_away += second - steps[-1][0]
        away += changes[at]
        steps.append((second, away))
    longest = max(sum(_seconds(*span) for span in merged) for merged in spans)
    # Within one second nobody can tell whether one came back before the next went.
    return Away(len(pods), max(count for _second, count in steps) or 1, longest, all_away, tuple(steps))


def _merged(containers: Sequence[Mapping[str, str | None]]) -> list[tuple[datetime, datetime]]:
    """The times that a pod was away, those of its containers put together."""
    spans = []
    for times in containers:
        begin, end = moment(times["ended"]), moment(times["ready"])
        if begin and end:
            spans.append((begin, max(begin, end)))
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _seconds(begin: datetime, end: datetime) -> int:
    return round((end - begin).total_seconds())
