# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The report as text: as Markdown for a ticket, and as a table for a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import printable
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report import words
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import seconds_between, times_of

#: A ticket is read, the page and the record are looked up: of more containers than this only what failed is told.
MOST_ROWS = 30
#: What Markdown, or a ticket system that has HTML in it, would act on.
_MARKUP = re.compile(r"[\\`*\[\]<>&|~#$!]|(?<!\w)[_@]|_(?!\w)|^[-+=]")
_SIGNS = {"failed": "✕", "restarted": "✓", "planned": "…"}
_PLAN: tuple[str, ...] = ("Workload", "Action", "For", "Why")
_WORKLOADS: tuple[str, ...] = ("Workload", "Result", "How", "Containers", "Longest away", "Took")


def to_markdown(report: Mapping[str, Any]) -> str:
    """The report for a ticket. What Markdown would take for markup, or for somebody's name, is escaped."""
    sign = _SIGNS.get(report["status"], "-")
    lines = [f"## {sign} {_plain(words.headline(report))}", "", " · ".join(_facts(report)), ""]
    for entry in report["workloads"]:
        if entry["status"] == "failed":
            lines += [*_failure(entry), ""]
    if report["workloads"]:
        rows = [[_plain(cell) for cell in row] for row in _workloads(report["workloads"])]
        lines += [*_table(_WORKLOADS, rows), ""]
    if report["status"] == "planned":
        rows = [[_plain(cell) for cell in row] for row in _plan(report["workloads"])]
        lines += ["### Plan", "", *_table(_PLAN, rows), ""]
    else:
        lines += _containers(report["workloads"])
    lines += [f"Written by {_plain(report['made_by'])} on {words.date(report['made_at'])}."]
    return "\n".join(lines)


def to_lines(report: Mapping[str, Any]) -> list[str]:
    """The report as lines for a terminal: the plan of a check run, otherwise what became of each workload."""
    lines = [printable(words.headline(report))]
    if report["check_mode"] or report["status"] == "planned":
        header, rows = _PLAN, list(_plan(report["workloads"]))
    else:
        header, rows = _WORKLOADS, list(_workloads(report["workloads"]))
    cells = [[name.upper() for name in header], *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header) - 1)] + [0]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    for entry in report["workloads"]:
        said = [f"{entry['workload']}: {line}" for line in entry["error"].splitlines() if line.strip()]
        lines += [printable(line) for line in said]
    return lines


def _facts(report: Mapping[str, Any]) -> Iterator[str]:
    """What, why, by whom and when."""
    if report["title"]:
        yield f"**{_plain(report['title'])}**"
    for name in ("why", "who"):
        if report[name]:
            yield f"{'by' if name == 'who' else name}: {_plain(report[name])}"
    yield words.date(report["began"] or report["made_at"])
    if took := words.seconds(seconds_between(report["began"], report["ended"])):
        yield f"took {took}"


def _failure(entry: Mapping[str, Any]) -> Iterator[str]:
    """What failed in a workload, and what to do."""
    yield f"### ✕ {_plain(entry['workload'])}"
    yield ""
    yield from (f"> {_plain(line)}" for line in entry["error"].splitlines() if line.strip())
    yield ""
    for reason, found in words.failures(entry["pods"])[:5]:
        names = words.most_common([f"{pod.get('name')}/{container.get('name')}" for pod, container in found], 5)
        yield f"- {_plain(names)}: {_plain(reason)}"
    yield ""
    for number, step in enumerate(entry["next_steps"], 1):
        yield f"{number}. {_plain(step['words'])}{': ' + _code(step['command']) if step['command'] else ''}"


def _workloads(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """A row for each workload."""
    for entry in entries:
        longest = words.seconds(entry["away"]["longest_seconds"]) if entry["away"] else ""
        how, counts = words.strategy_words(entry["strategy"]), words.counts_words(entry)
        yield entry["workload"], entry["status"], how, counts, longest, words.seconds(entry["summary"].get("seconds"))


def _plan(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """A row for all that is decided alike."""
    for entry in entries:
        for line in words.plan_lines(entry["plan"]):
            about = line.about[0] if len(line.about) == 1 else words.number(len(line.about), "container")
            why = "; ".join([line.reason, *line.notes])
            yield entry["workload"], line.action, about, why
        if not entry["plan"]:
            yield entry["workload"], words.strategy_words(entry["strategy"]), "", entry["decision"]


def _containers(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The containers, if they are not too many."""
    header = ("Pod/container", "Result", "Sent", "Ended", "Started", "Ready", "Away", "Restarts")
    known = [(pod, each) for entry in entries for pod in entry["pods"] for each in pod["containers"]]
    if not known:
        return
    yield "### Containers"
    yield ""
    if len(known) > MOST_ROWS:
        yield f"{len(known)} of them: the page and the JSON record have them all."
        yield ""
        return
    rows = []
    for pod, each in known:
        times = times_of(pod, each)
        moments = [words.clock(times[name]) for name in ("sent", "ended", "started", "ready")]
        away = words.seconds(each.get("away_seconds"))
        restarts = words.changed(each.get("restart_count_before"), each.get("restart_count_after"))
        cells = (f"{pod.get('name')}/{each.get('name')}", _result(pod, each), *moments, away, restarts)
        rows.append([_plain(cell) for cell in cells])
    yield from _table(header, rows)
    yield ""


def _result(pod: Mapping[str, Any], container: Mapping[str, Any]) -> str:
    """What became of it; of pods that were replaced there is a row for the old one and a row for the new one."""
    sides = bool(pod.get("uid_before")), bool(pod.get("uid_after"))
    whose = {(True, False): ", old pod", (False, True): ", new pod"}.get(sides, "")
    return f"{container.get('outcome')}{whose}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table whose source can be read too."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in (header, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"


def _plain(text: object) -> str:
    """Text that is not markup, in one line."""

    def escaped(found: re.Match[str]) -> str:
        sign = found.group()
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}.get(sign, f"\\{sign}")

    return _MARKUP.sub(escaped, printable(str(text)))


def _code(text: str) -> str:
    """Text as code, whatever is in it."""
    shown = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    return f"{fence} {shown} {fence}" if "`" in shown else f"{fence}{shown}{fence}"
