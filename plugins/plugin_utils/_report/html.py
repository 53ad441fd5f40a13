# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The report as one page of HTML, complete in itself: no script, no request, its style inside."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import printable
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report import words
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import seconds_between, times_of
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

#: Rows that are seen at once; the others are one tap away.
MOST_ROWS = 20
#: Width and height of the drawings, in units of their own.
WIDTH, BAR_HEIGHT, CHART_HEIGHT = 300.0, 8.0, 40.0
#: What is too short to be seen is drawn as wide as this.
LEAST_WIDTH = 2.0
_IN_PLACE = ("sent", "ended", "started", "ready")


def to_html(report: Mapping[str, Any]) -> str:
    """The page. Every value is escaped, and what a browser would act on instead of showing it is spelt out.

    Besides, its policy (Content-Security-Policy) lets it run no script and load nothing.
    """
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            style=Markup(style),  # noqa: S704  a file of ours
            style_digest=digest,
            entries=[_entry(entry, alone=len(report["workloads"]) <= 3) for entry in report["workloads"]],
            headline=words.headline(report),
            run_seconds=seconds_between(report["began"], report["ended"]),
        )
    )


@cache
def _environment() -> Environment:
    """Jinja that escapes all that it is not told to leave."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        name: getattr(words, name) for name in ("clock", "date", "number", "option", "seconds", "strategy_words")
    }
    made.globals |= {name: getattr(words, name) for name in ("away_words", "changed", "counts_words", "most_common")}
    made.globals["MOST_ROWS"] = MOST_ROWS
    return made


def _shown(value: object) -> object:
    """A value as it is written."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) else printable(str(value))


def _entry(entry: Mapping[str, Any], *, alone: bool) -> dict[str, Any]:
    """A workload, with what only the page needs."""
    rows = _rows(entry, entry["pods"])
    in_place = any(row["times"]["sent"] or row["times"]["ended"] for row in rows)
    planned = entry["status"] == "planned"
    timed = [row for row in rows if any(row["times"].values()) or row["container"].get("outcome") != "restarted"]
    return {
        **entry,
        "open": alone or entry["status"] == "failed",
        "plan_lines": words.plan_lines(entry["plan"]),
        "moments": _IN_PLACE if in_place else ("created", "started", "ready"),
        "in_place": in_place,
        "timed": [] if planned else timed,
        "proven": [] if planned else rows,
        "failures": words.failures(entry["pods"]),
        "chart": _chart(entry["away"]),
        "signalled": {**entry, "in_place": True, "moments": _IN_PLACE, "rows": _rows(entry, entry["signalled"])},
    }


def _rows(entry: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each container of these pods."""
    known = [(pod, container, times_of(pod, container)) for pod in pods for container in pod["containers"]]
    return [
        {"pod": pod, "container": each, "times": times, "bar": _bar(entry, times, each.get("outcome"))}
        for pod, each, times in known
    ]


def _bar(entry: Mapping[str, Any], times: Mapping[str, str | None], outcome: object) -> list[tuple[str, float, float]]:
    """The pieces of a container's timeline: their kind, where they begin, and how wide they are."""
    begin, whole = entry["began"], seconds_between(entry["began"], entry["ended"])
    first, last = times["sent"] or times["created"], times["ready"] or times["started"]
    if begin and first and not last and outcome == "failed":
        last = entry["ended"]
    if not (begin and first and last):
        return []
    scale = WIDTH / max(whole or 0, 1)

    def piece(kind: str, start: str, end: str) -> tuple[str, float, float]:
        left = min((seconds_between(begin, start) or 0) * scale, WIDTH - LEAST_WIDTH)
        wide = max((seconds_between(start, end) or 0) * scale, LEAST_WIDTH)
        return kind, round(left, 1), round(min(wide, WIDTH - left), 1)

    gone = times["ended"] or times["started"]
    pieces = [piece("ending", first, gone)] if gone and gone != first else []
    return [*pieces, piece("lost" if outcome == "failed" else "away", gone or first, last)]


def _chart(away: Mapping[str, Any] | None) -> str:
    """The outline of how many pods were away, as points of a polygon; nothing where there is nothing to see."""
    if not away or away["pods"] < 2 or len(away["steps"]) < 3:
        return ""
    steps: Sequence[Sequence[int]] = away["steps"]
    across, up = WIDTH / max(steps[-1][0], 1), CHART_HEIGHT / max(away["most"], 1)
    points, level = [(0.0, CHART_HEIGHT)], CHART_HEIGHT
    for second, count in steps:
        points.append((second * across, level))
        level = CHART_HEIGHT - count * up
        points.append((second * across, level))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
