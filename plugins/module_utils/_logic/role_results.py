# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What results of restart modules mean together: what is left to do, counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_decision import NOTHING

JsonObject = Mapping[str, Any]

_COUNTS = ("pods", "restarted", "unchanged", "skipped", "failed")
#: A summary is handed from job to job, and shown: so many workloads are told one by one.
MOST_WORKLOADS = 100


def pods_left(result: JsonObject) -> list[str]:
    """The pods that a restart in place has left as they were because a container did not end in time.

    Those are the pods of such containers, and those whose turn had not come. None where the run ended well, or where
    anything else went wrong: a container that did not come back may be the same in every other pod.
    """
    entries = [(pod["name"], container) for pod in result.get("pods") or [] for container in pod["containers"]]
    if any(container["outcome"] == "failed" for _name, container in entries):
        return []
    stuck = [name for name, container in entries if container["outcome"] == "unchanged" and container.get("via")]
    waiting = [
        name for name, container in entries if container["outcome"] == "skipped" and container["reason"] == "not tried"
    ]
    return list(dict.fromkeys([*stuck, *waiting])) if stuck else []


def entries_of(results: Sequence[JsonObject], decision: JsonObject) -> list[dict[str, Any]]:
    """What modules returned for one workload, each with the workload and the way that it was.

    A module that could not even begin returns no strategy: then it is what was decided. That nothing was to be done is
    an entry too.
    """
    if decision["strategy"] == NOTHING:
        results = [{"changed": False, "strategy": NOTHING, "reason": decision["reason"], "pods": [], "plan": []}]
    named = "image_alias" if decision["strategy"] == "image_alias" else "in_place"
    entries = []
    for result in results:
        strategy = result.get("strategy") or decision["strategy"]
        strategy = named if strategy == "in_place" else strategy
        entries.append({"workload": decision["workload"], "strategy": strategy, "result": dict(result)})
    return entries


def joined(results: Sequence[JsonObject]) -> dict[str, Any]:
    """Several results for one workload as one: `changed`, `pods` and `summary`."""
    return {
        "changed": any(result.get("changed", False) for result in results),
        "pods": [pod for result in results for pod in result.get("pods") or []],
        "summary": _total([result.get("summary") or {} for result in results]),
    }


def run_summary(
    entries: Sequence[JsonObject], decisions: Sequence[JsonObject], proven: Sequence[str], namespace: str
) -> dict[str, Any]:
    """What the next node of a workflow has to know of a run; of no more than MOST_WORKLOADS workloads one by one.

    `entries` have `workload`, `strategy` and `result`, of what was done; `decisions` tell of all workloads that were
    meant, and `proven` are those of which it was seen that all is well. All others make the run a failed one.
    """
    workloads = []
    for decision in decisions:
        mine = [entry for entry in entries if entry["workload"] == decision["workload"]]
        outcome = "passed" if decision["workload"] in proven else "failed" if mine else "not tried"
        workloads.append(
            {
                "workload": decision["workload"],
                "strategy": "+".join(dict.fromkeys(entry["strategy"] for entry in mine)) or decision["strategy"],
                "outcome": outcome,
                **_total([entry["result"].get("summary") or {} for entry in mine]),
            }
        )
    workloads.sort(key=lambda entry: ("failed", "not tried", "passed").index(entry["outcome"]))
    total = _total([entry["result"].get("summary") or {} for entry in entries])
    passed = bool(workloads) and all(entry["outcome"] == "passed" for entry in workloads)
    return {
        "namespace": namespace,
        "outcome": "passed" if passed else "failed",
        "changed": any(entry["result"].get("changed", False) for entry in entries),
        **total,
        "workloads": workloads[:MOST_WORKLOADS],
        "more_workloads": max(0, len(workloads) - MOST_WORKLOADS),
    }


def _total(summaries: Sequence[JsonObject]) -> dict[str, Any]:
    """Their sums."""
    counts: Counter[str] = Counter()
    for summary in summaries:
        counts.update({name: summary.get(name, 0) for name in (*_COUNTS, "seconds", "api_requests")})
    sums = {name: counts[name] for name in (*_COUNTS, "api_requests")}
    return {**sums, "seconds": round(float(counts["seconds"]), 2)}
