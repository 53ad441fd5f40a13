# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Words and numbers as people read them, the same on the page and in the text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import moment

STRATEGIES = {
    "in_place": "in place",
    "image_alias": "in place, by another name of the image",
    "signal": "a signal",
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What is, or was, to be done to some containers alike, and why."""

    action: str
    about: tuple[str, ...]
    """Pod and container, or the workload."""
    reason: str
    notes: tuple[str, ...] = ()


def plan_lines(plan: Sequence[Mapping[str, Any]]) -> list[PlanLine]:
    """A plan in which what is decided alike is one line, in its order."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for entry in plan:
        names = [str(entry[key]) for key in ("pod", "container") if entry.get(key)]
        about = "/".join(names) or str(entry.get("workload") or "")
        action, via = str(entry.get("action") or ""), entry.get("via")
        notes = [f"{note.get('gate')}: {note.get('reason')}" for note in entry.get("gates") or []]
        reason, back_off = str(entry.get("reason") or ""), entry.get("back_off_reason")
        if entry.get("back_off_seconds") and str(back_off) not in reason:
            notes.append(f"back-off of about {seconds(entry['back_off_seconds'])}: {back_off}")
        key = (f"{action} ({via})" if via else action, reason, tuple(notes))
        found.setdefault(key, []).append(about)
    return [PlanLine(action, tuple(about), reason, notes) for (action, reason, notes), about in found.items()]


def failures(pods: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]]:
    """The containers that failed with their pods, those with the same reason together."""
    found: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for pod in pods:
        for entry in pod["containers"]:
            if entry.get("outcome") == "failed":
                found.setdefault(str(entry.get("reason") or "it does not say why"), []).append((pod, entry))
    return list(found.items())


def headline(report: Mapping[str, Any]) -> str:
    """What somebody wants to know first, in one sentence."""
    totals, entries = report["totals"], report["workloads"]
    failed, count = totals["workloads_failed"], totals["workloads"]
    if not entries:
        return "Nothing was restarted: there is no result"
    if report["check_mode"]:
        return f"Plan: {failed} of {count} could not be restarted so" if failed else "Plan: nothing was restarted yet"
    if failed:
        return f"{entries[0]['workload']} failed" if count == 1 else f"{failed} of {number(count, 'workload')} failed"
    if report["status"] == "planned":
        return "Plan: nothing was restarted yet"
    if report["status"] == "unchanged":
        return "Nothing had to be restarted"
    parts = [f"{number(totals[kind], 'container')} {kind}" for kind in ("restarted", "reloaded") if totals[kind]]
    if totals["deleted"]:
        parts.append(f"{number(totals['deleted'], 'container')} gone, as was asked")
    return f"{', '.join(parts) or 'Done'}, and none failed"


def away_words(entry: Mapping[str, Any]) -> str:
    """What the service lost meanwhile, as far as it is known."""
    away, down = entry["away"], entry["summary"].get("downtime_seconds")
    if down is not None:
        return f"For {seconds(down)} no pod was Ready."
    if not away:
        return ""
    if away["pods"] == 1:
        return f"The pod was away for {seconds(away['longest_seconds'])}."
    words = f"Away at a time: at most {away['most']} of {away['pods']} pods, the longest for "
    words += f"{seconds(away['longest_seconds'])}."
    if away["all_at_once_seconds"]:
        return f"{words} For {seconds(away['all_at_once_seconds'])} none of them was there."
    return words if entry["counts"]["failed"] else f"{words} At no moment were all of them away."


def counts_words(entry: Mapping[str, Any]) -> str:
    """The outcomes of a workload's containers, or what is planned for them."""
    if entry["status"] == "planned":
        return ", ".join(f"{line.action} {len(line.about)}" for line in plan_lines(entry["plan"])) or "nothing to do"
    parts = [f"{count} {kind}" for kind, count in entry["counts"].items() if count]
    return ", ".join(parts) or ("not begun" if entry["error"] else "none")


def strategy_words(strategy: str) -> str:
    """The way of restarting."""
    return STRATEGIES.get(strategy, strategy.replace("_", " ")) or "not decided"


def changed(before: object, after: object, length: int = 8) -> str:
    """A value from before and after, of an ID only its beginning."""
    short = [_short(value, length) for value in (before, after)]
    if before == after:
        return f"{short[0]} kept" if before else ""
    return " → ".join(part or "none" for part in short)


def clock(text: object) -> str:
    """The time of day of a moment."""
    found = moment(text)
    return f"{found:%H:%M:%S}" if found else ""


def date(text: object) -> str:
    """A moment with its date."""
    found = moment(text)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found else ""


def seconds(value: object) -> str:
    """A span of time; nothing where it is not known."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return ""
    if value < 60:
        return f"{value:g} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def number(count: int, noun: str) -> str:
    """How many of them."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def option(value: object) -> str:
    """An option's value."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {option(entry)}" for key, entry in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def most_common(names: Sequence[str], most: int) -> str:
    """Some names, and how many more there are."""
    seen = list(Counter(names))
    return ", ".join(seen[:most]) + (f" and {len(seen) - most} more" if len(seen) > most else "")


def _short(value: object, length: int) -> str:
    return str(value).rpartition("//")[2][:length] if value not in (None, "") else ""
