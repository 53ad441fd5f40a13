# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The report as a value: the machine-readable record, and all that the page and the text are made from. Pure.

Its shape is documented with the filter restart_report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.version import VERSION
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.advice import next_steps
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import (
    SCHEMA,
    SCHEMA_VERSION,
    Json,
    Source,
    from_records,
    is_number,
    mappings,
    numbers,
    sources,
    texts,
)
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import (
    MOMENTS,
    away_seconds,
    how_many_away,
    moment,
    seconds_between,
    times_of,
)
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.words import failures

#: Outcomes, the ones that somebody has to look at first.
OUTCOMES = ("failed", "unchanged", "skipped", "restarted", "reloaded", "deleted")
#: What the page shows: null in a record of an earlier version, which did not have it yet.
_POD = ("namespace", "name", "node", "uid_before", "uid_after", "ip_before", "ip_after", "created_at")
_WORDS = ("name", "outcome", "reason", "verdict", "confidence", "basis", "via", "exit_reason")
_CONTAINER = (
    *_WORDS,
    "exit_code",
    *("container_id_before", "container_id_after", "restart_count_before", "restart_count_after"),
    *("sent_at", "ended_at", "started_at", "ready_at"),
)
STATUSES = ("failed", "planned", "restarted", "unchanged")


def make_report(
    results: object, records: Json, *, title: str, who: str, why: str, check_mode: bool, made_at: datetime
) -> dict[str, Any]:
    """The report of these results, and of what is in record files, by their paths: see sources() and from_records().

    `check_mode`: the results tell what would be done. Raises ReportError.
    """
    entries = [
        _workload(number, source, check_mode=check_mode)
        for number, source in enumerate([*sources(results), *from_records(records)], 1)
    ]
    times = [entry[name] for entry in entries for name in ("began", "ended") if entry[name]]
    totals: Counter[str] = Counter()
    for entry in entries:
        totals.update(entry["counts"])
        totals["pods"] += int(entry["summary"].get("pods", 0))
    failed = [entry for entry in entries if entry["status"] == "failed"]
    longest = [entry["away"]["longest_seconds"] for entry in entries if entry["away"]]
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "made_by": f"saferestart.k8s {VERSION}",
        "made_at": time_text(made_at),
        "title": title,
        "who": who or _one_of(entries, "who"),
        "why": why or _one_of(entries, "why"),
        "check_mode": check_mode,
        "status": next((name for name in STATUSES if name in [entry["status"] for entry in entries]), "unchanged"),
        "began": min(times, default=None),
        "ended": max(times, default=None),
        "totals": {
            "workloads": len(entries),
            "workloads_failed": len(failed),
            "pods": totals["pods"],
            **{name: totals[name] for name in OUTCOMES},
            "longest_away_seconds": max(longest, default=None),
        },
        "workloads": sorted(entries, key=lambda entry: entry["status"] != "failed"),
    }


def _workload(number: int, source: Source, *, check_mode: bool) -> dict[str, Any]:
    """One run of one module."""
    result = source.result
    name, namespace = _named(source)
    plan = [_decision(entry, name) for entry in mappings(result.get("plan"), f"{name}: plan")]
    summary = numbers(result.get("summary"))
    pods = [_pod(entry, name) for entry in mappings(result.get("pods"), f"{name}: pods")]
    counts = _counts(pods, summary)
    failed = bool(source.error) or counts["failed"] > 0
    planned = check_mode or "possible" in result
    status = "failed" if failed else "planned" if planned else "restarted" if result.get("changed") else "unchanged"
    moments = [[times_of(pod, entry) for entry in pod["containers"]] for pod in pods]
    times = sorted(at for known in moments for each in known for at in each.values() if at)
    began = source.began or next(iter(times), None)
    strategy = source.strategy or str(result.get("strategy") or "")
    problems = [found[0] for _reason, found in failures(pods)]
    away = how_many_away(moments)
    return {
        "id": f"workload-{number}",
        "workload": name,
        "namespace": namespace,
        "strategy": strategy,
        "status": status,
        "error": source.error,
        "next_steps": next_steps(strategy, began, namespace, problems) if failed and not planned else [],
        "decision": source.decision or str(result.get("reason") or ""),
        "module": source.module,
        "who": source.who,
        "why": source.why,
        "began": began,
        "ended": source.ended or _ended(began, times, summary.get("seconds", 0) if failed else 0),
        "asked": dict(source.asked),
        "plan": plan,
        "warnings": texts(result.get("warnings")),
        "summary": summary,
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "away": {
            "pods": away.pods,
            "most": away.most,
            "longest_seconds": away.longest,
            "all_at_once_seconds": away.all_at_once,
            "steps": [list(step) for step in away.steps],
        }
        if away
        else None,
        "verdicts": _verdicts(pods),
        "pods": sorted(pods, key=_urgency),
        "signalled": [_pod(entry, name) for entry in mappings(result.get("signalled"), f"{name}: signalled")],
    }


def _ended(began: str | None, times: Sequence[str], seconds: float) -> str | None:
    """The last time that is known. A run that failed went on waiting after that, and took `seconds`."""
    last, begin = times[-1] if times else None, moment(began)
    return max(last or "", time_text(begin + timedelta(seconds=seconds)) or "") if begin and seconds else last


def _named(source: Source) -> tuple[str, str]:
    """What a run was about, in words, and its namespace."""
    workload, asked = source.result.get("workload"), source.asked
    pods = source.result.get("pods")
    first: Json = pods[0] if isinstance(pods, Sequence) and pods and isinstance(pods[0], Mapping) else {}
    if isinstance(workload, Mapping):
        namespace = str(workload.get("namespace") or "")
        return f"{workload.get('kind')} {namespace}/{workload.get('name')}", namespace
    namespace = str(asked.get("namespace") or first.get("namespace") or "")
    if source.workload:
        kind, _space, name = source.workload.partition(" ")
        return (f"{kind} {namespace}/{name}" if namespace and name else source.workload), namespace
    if asked.get("kind") and asked.get("name"):
        return f"{asked['kind']} {namespace}/{asked['name']}", namespace
    chosen = asked.get("label_selectors") or asked.get("pods") or asked.get("pod")
    words = ", ".join(map(str, chosen)) if isinstance(chosen, Sequence) and not isinstance(chosen, str) else chosen
    return f"Pods {namespace}{f' ({words})' if words else ''}".replace("Pods  ", "Pods "), namespace


def _pod(pod: Json, where: str) -> dict[str, Any]:
    """A pod of a result, with its moments."""
    found = mappings(pod.get("containers"), f"{where}: containers of a pod")
    containers = [_container(entry) for entry in found]
    containers.sort(key=lambda entry: _rank(entry.get("outcome")))
    times = [times_of(pod, entry) for entry in containers]
    events = [
        {"at": known[name], "event": name, "container": entry.get("name")}
        for number, (entry, known) in enumerate(zip(containers, times, strict=True))
        for name in MOMENTS
        if known[name] and (number == 0 or name != "created")  # a pod is made once
    ]
    events.sort(key=lambda event: (moment(event["at"]), MOMENTS.index(str(event["event"]))))
    for entry, known in zip(containers, times, strict=True):
        entry["away_seconds"] = away_seconds(known)
    before, after = pod.get("uid_before"), pod.get("uid_after")
    return {
        **dict.fromkeys(_POD),
        **pod,
        "containers": containers,
        "outcome": containers[0].get("outcome") if containers else None,
        "same_pod": before == after if before and after else None,
        "seconds_to_ready": seconds_between(times[0]["created"], times[-1]["ready"]) if times else None,
        "timeline": events,
    }


def _container(entry: Json) -> dict[str, Any]:
    """A container of a result, with all that is looked at in it."""
    found = dict.fromkeys(_CONTAINER) | dict(entry)
    words = {name: str(found[name]) for name in _WORDS if found[name] is not None}
    return found | words | {"evidence": texts(found.get("evidence"))}


def _decision(entry: Json, where: str) -> dict[str, Any]:
    """An entry of a plan."""
    found = dict(entry)
    if "gates" in found:
        found["gates"] = mappings(found["gates"], f"{where}: gates of its plan")
    if not is_number(found.get("back_off_seconds", 0)):
        found["back_off_seconds"] = None
    return found


def _counts(pods: Sequence[Mapping[str, Any]], counted: Mapping[str, float]) -> Counter[str]:
    """How many containers have which outcome: as the module counts them, where it does."""
    seen = Counter(str(entry.get("outcome")) for pod in pods for entry in pod["containers"])
    return Counter({name: int(counted[name]) if name in counted else seen[name] for name in OUTCOMES})


def _verdicts(pods: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The verdicts with their evidence, and the containers that each one is about: many pods have the same."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for pod in pods:
        for entry in pod["containers"]:
            if entry.get("verdict"):
                evidence = tuple(entry["evidence"])
                key = (entry["verdict"], entry.get("confidence"), entry.get("basis"), entry.get("name"), evidence)
                found.setdefault(key, []).append(str(pod.get("name")))
    keys = ("verdict", "confidence", "basis", "container", "evidence")
    return [
        {**dict(zip(keys, key, strict=True)), "evidence": list(key[-1]), "pods": names} for key, names in found.items()
    ]


def _urgency(pod: Mapping[str, Any]) -> tuple[int, str]:
    """What somebody has to look at comes first, then in the order in which it was done."""
    return _rank(pod["outcome"]), min((event["at"] for event in pod["timeline"]), default="")


def _rank(outcome: object) -> int:
    return OUTCOMES.index(str(outcome)) if outcome in OUTCOMES else 0


def _one_of(entries: Sequence[Mapping[str, Any]], key: str) -> str:
    """What all say that say anything; nothing where they differ."""
    said = {entry[key] for entry in entries if entry[key]}
    return str(said.pop()) if len(said) == 1 else ""
