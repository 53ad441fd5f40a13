# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a webhook is told of a run: one flat document, the same keys for every event and every role. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of

JsonObject = Mapping[str, Any]

SCHEMA = "saferestart.k8s.notification"
SCHEMA_VERSION = 1
#: Chats cut long texts off, and a rollout's error holds log lines.
MOST_CHARACTERS = 1000
_NAMED = 5

_CONTAINERS = ("pods", "restarted", "unchanged", "skipped", "failed")
_CLUSTERS = ("restarted", "unchanged", "failed", "not_tried")
_ABOUT = ("namespace", "cluster", "host", "reason", "job", "user")


def notification(summary: JsonObject, role: str, event: str, about: JsonObject, now: str) -> dict[str, Any]:
    """What to tell of `event`, which is `started`, `finished` or `failed`; of none, all keys with nothing in them.

    `summary` is that of the role: of safe_restart what run_summary() returns, of staged_restart what staged_summary()
    returns, of fleet_restart its lists of clusters. `about` says what else is known: `error`, and namespace, cluster,
    host, reason, job and user, all of them texts. `now` is the time, as Kubernetes writes it.
    """
    is_fleet = role == "fleet_restart"
    stages = list(summary.get("stages") or [])
    clusters = {name: list(summary.get(name) or []) for name in _CLUSTERS} if is_fleet else {}
    counts = {name: len(names) for name, names in clusters.items()} if is_fleet else _counts([summary, *stages])
    error = str(about.get("error") or "").strip() if event == "failed" else ""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "event": event,
        "role": role,
        "text": "",
        "outcome": {"finished": "passed", "failed": "failed"}.get(event, ""),
        "error": _cut(error),
        **{name: str(about.get(name) or "") for name in _ABOUT},
        "time": now,
        "changed": event != "started" and _changed([summary, *stages], counts if is_fleet else {}),
        "counts": counts,
        "seconds": round(sum(float(entry.get("seconds", 0)) for entry in (summary, *stages)), 2),
        "workloads": _entries(summary.get("workloads"), ("workload", "strategy", "outcome", *_CONTAINERS)),
        "more_workloads": int(summary.get("more_workloads") or 0),
        "stages": _entries(stages, ("stage", "namespace", "outcome", *_CONTAINERS)),
        "clusters": clusters,
    }
    if event == "started":
        # Nothing was tried yet, and that is no failure.
        told["workloads"] = [_without_outcome(entry) for entry in told["workloads"]]
        told["stages"] = [_without_outcome(entry) for entry in told["stages"]]
    return {**told, "text": _text(told) if event else ""}


def _counts(summaries: Sequence[JsonObject]) -> dict[str, int]:
    """Of containers; the pods are pods."""
    total: Counter[str] = Counter()
    for summary in summaries:
        total.update({name: int(summary.get(name) or 0) for name in _CONTAINERS})
    return {name: total[name] for name in _CONTAINERS}


def _changed(summaries: Sequence[JsonObject], clusters: Mapping[str, int]) -> bool:
    return any(summary.get("changed", False) for summary in summaries) or clusters.get("restarted", 0) > 0


def _entries(entries: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: entry[name] for name in names if name in entry} for entry in entries or []]


def _without_outcome(entry: JsonObject) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in ("workload", "strategy", "stage", "namespace")}


def _text(told: JsonObject) -> str:
    """One sentence for people."""
    where = "".join(f" in {told[name]}" for name in ("namespace", "cluster") if told[name])
    what = f"{_names(told)}{where}"
    because = f" ({told['reason']})" if told["reason"] else ""
    if told["event"] == "started":
        return f"Restart of {what} has begun{because}."
    counts = told["counts"]
    if told["role"] == "fleet_restart":
        how = ", ".join(f"{name.replace('_', ' ')}: {counts[name]}" for name in _CLUSTERS)
    else:
        how = f"containers restarted: {counts['restarted']}, unchanged: {counts['unchanged']}, {told['seconds']} s"
    if told["event"] == "failed":
        return f"Restart of {what} FAILED{because}: {told['error'] or 'see the output of the run'} ({how})"
    return f"Restart of {what} is done{because}; {how}."


def _names(told: JsonObject) -> str:
    """What it is about, in a few words."""
    if told["role"] == "fleet_restart":
        return f"the fleet of {sum(told['counts'].values())} clusters"
    if told["stages"]:
        return f"the stages {some_of((entry['stage'] for entry in told['stages']), _NAMED)}"
    return some_of((entry["workload"] for entry in told["workloads"]), _NAMED) or "workloads"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 3]}..."
