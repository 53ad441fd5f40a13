# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What results of restart modules mean together: what is left to do, whether the pods look like it, counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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


def proof_faults(before: Sequence[JsonObject], after: Sequence[JsonObject], results: Sequence[JsonObject]) -> list[str]:
    """In what the pods do not look as the results say; nothing where they do.

    `before` and `after` are pods as pid1_info returns them, `results` those of all runs in between. What a result calls
    unchanged or skipped is left alone. Everything else is to be new: in place the container, in the same pod with the
    same IP address, otherwise the pod.
    """
    old, new = {pod["uid"]: pod for pod in before}, {pod["uid"]: pod for pod in after}
    replaced, stays = set(), set()
    kept = {
        container["container_id_before"]
        for result in results
        for pod in result["pods"]
        for container in pod["containers"]
        if container["outcome"] in ("unchanged", "skipped")
    }
    for result in results:
        for pod in result["pods"]:
            done = any(container["outcome"] not in ("unchanged", "skipped") for container in pod["containers"])
            if result["strategy"] == "in_place":
                stays.add(pod["uid_before"])
            elif done:
                replaced.add(pod["uid_before"])
    return [
        *(f"pod {old[uid]['name']} was to stay, and is gone" for uid in old if uid in stays - replaced - new.keys()),
        *(
            f"pod {pod['name']} had the IP address {pod['ip']}, and has {new[uid]['ip']}"
            for uid, pod in old.items()
            if uid in stays - replaced and uid in new and pod["ip"] != new[uid]["ip"]
        ),
        *(
            f"pod {old[uid]['name']} was to be replaced, and is still there"
            for uid in old
            if uid in replaced & new.keys()
        ),
        *_same_containers(before, after, kept),
        *(
            f"pod {pod['name']} is not Ready"
            for uid, pod in new.items()
            if not pod["ready"] and (uid not in old or old[uid]["ready"])
        ),
    ]


def entries_of(results: Sequence[JsonObject], decision: JsonObject) -> list[dict[str, Any]]:
    """What modules returned for one workload, each with the workload and the way that it was.

    A module that could not even begin returns no strategy: then it is what was decided.
    """
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


def _same_containers(before: Sequence[JsonObject], after: Sequence[JsonObject], kept: set[str]) -> Iterator[str]:
    """Containers that are still the same ones, and were not to be."""
    now = {container["container_id"] for pod in after for container in pod["containers"]}
    for pod in before:
        for container in pod["containers"]:
            same = container["container_id"] and container["container_id"] in now - kept
            if same:
                yield f"container {container['name']} of pod {pod['name']} is still the same"
