# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What SIGTERM does to the containers of a cluster, and which can be restarted in place: a row for each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

SIGNAL = "SIGTERM"
#: What becomes of a container that is stopped, what is wrong first.
STOPS = ("killed", "unknown", "ends")

Row = dict[str, Any]
Objects = Sequence[Mapping[str, Any]]


def audit(pods: Objects, workloads: Objects) -> dict[str, Any]:
    """The `rows`, their `totals`, the `headlines`, and the `findings`: rows that are alike, together.

    `pods` are those of results of pid1_info, `workloads` those of workload_info, which the pods belong to. A row's
    `stop` is one of STOPS, its `why` is what decides whether the container can be restarted in place.
    """
    owners = {
        (workload["namespace"], pod["name"]): f"{workload['kind']}/{workload['name']}"
        for workload in workloads
        for pod in workload["pods"]
    }
    rows = [
        _row(pod, container, owners[pod["namespace"], pod["name"]]) for pod in pods for container in pod["containers"]
    ]
    rows.sort(key=lambda row: (row["namespace"], row["workload"], row["pod"], row["container"]))
    totals = _totals(rows)
    return {"rows": rows, "totals": totals, "headlines": _headlines(totals), "findings": _findings(rows)}


def _row(pod: Mapping[str, Any], container: Mapping[str, Any], workload: str) -> Row:
    process = container["process"] or {}
    known = container["verdict"] != "unknown"
    stop = "unknown" if not known else "ends" if container["ends"] else "killed"
    return {
        "namespace": pod["namespace"],
        "workload": workload,
        "pod": pod["name"],
        "container": container["name"],
        "image": container["image"],
        "program": process.get("name", ""),
        "command": " ".join(process.get("command") or []),
        "command_exact": process.get("command_exact", True),
        **{name: container[name] for name in ("verdict", "confidence", "reason", "acts")},
        "stop": stop,
        "in_place": container["in_place"],
        "refusal": container["refusal"] or "",
        "why": container["refusal"] or container["reason"],
    }


def _totals(rows: Sequence[Row]) -> dict[str, int]:
    stops = Counter(row["stop"] for row in rows)
    return {
        "containers": len(rows),
        "workloads": len({(row["namespace"], row["workload"]) for row in rows}),
        "in_place": sum(row["in_place"] for row in rows),
        **{stop: stops[stop] for stop in STOPS},
    }


def _headlines(totals: Mapping[str, int]) -> list[str]:
    """What somebody wants to know first."""
    count, killed, unknown = totals["containers"], totals["killed"], totals["unknown"]
    if not count:
        first = "No container was looked at"
    elif not killed:
        first = "No container is known to be killed after its grace period"
    else:
        are, their, stopped = "are", "their", "they are stopped: they do"
        if killed == 1:
            are, their, stopped = "is", "its", "it is stopped: it does"
        whom = f"{killed} of {count} containers {are} killed after {their} grace period"
        first = f"{whom} whenever {stopped} not end on {SIGNAL}"
    return [
        first,
        f"{count - totals['in_place']} of {count} cannot be restarted in place, {totals['in_place']} can.",
        f"{unknown} of {count} {'is' if unknown == 1 else 'are'} not known.",
    ]


def _findings(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """What is wrong first, and of that what cannot be restarted in place, and of that what is about the most rows."""

    def alike(row: Row) -> tuple[int, bool, str]:
        return STOPS.index(row["stop"]), row["in_place"], row["why"]

    groups = [list(group) for _key, group in groupby(sorted(rows, key=alike), key=alike)]
    groups.sort(key=lambda group: (*alike(group[0])[:2], -len(group)))
    return [{**{name: group[0][name] for name in ("stop", "in_place", "why")}, "rows": group} for group in groups]
