# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Events that tell the users of a cluster what a run did, to which pods and workload, and who it was. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD, JsonObject

CONTROLLER = "saferestart.k8s"
FAILED = "RestartFailed"
#: What a strategy's success is called.
REASONS = {
    "in_place": "RestartedInPlace",
    "sandbox_restart": "SandboxRestarted",
    "rollout_restart": "RolloutRestarted",
    "rollout_undo": "RolloutUndone",
    "template_patch": "TemplatePatched",
    "set_env": "EnvironmentSet",
    "scale_cycle": "ScaledDownAndUp",
    "resource_replace": "Replaced",
    "pod_evict": "PodsEvicted",
    "pod_delete": "PodsDeleted",
}
#: In characters: staging/src/k8s.io/api/events/v1/types.go. The core API sets no bound, but nobody reads more.
_MOST_NOTE, _MOST_INSTANCE = 1024, 128
#: Characters of a container's ID that tell it from all others, as the runtimes' own tools show it.
_ID = 12


def restart_events(
    result: JsonObject, who: str, why: str | None, now: datetime, *, failed: bool = False
) -> list[JsonObject]:
    """One for the workload, and one for each pod that is still there; none where nothing was changed.

    A pod that was replaced is told of by its workload; where no workload was named, the new pod tells.
    """
    if not result["changed"]:
        return []
    by = f"by {who}{f': {why}' if why else ''}"
    workload, strategy = result["workload"], result["strategy"]
    events = []
    if workload:
        words = _summary(result, failed=failed)
        about = {"apiVersion": workload["api_version"], **{key: workload[key] for key in ("kind", "namespace", "name")}}
        events.append(_event(about | {"uid": workload["uid"]}, strategy, f"{words}, {by}", who, now, failed=failed))
    for pod in result["pods"]:
        told = [entry for entry in pod["containers"] if entry["outcome"] in ("restarted", "failed")]
        if told and pod["uid_after"] and (pod["uid_before"] == pod["uid_after"] or not workload):
            about = {"apiVersion": POD.api_version, "kind": POD.kind, "namespace": pod["namespace"]}
            about |= {"name": pod["name"], "uid": pod.get("static_uid") or pod["uid_after"]}
            broken = any(entry["outcome"] == "failed" for entry in told)
            note = f"{'; '.join(_containers(told))}, {by}"
            events.append(_event(about, strategy, note, who, now, failed=broken))
    return events


def _summary(result: JsonObject, *, failed: bool) -> str:
    """What became of the whole. Not the error's text, which may have an option's value in it."""
    counts = result["summary"]
    parts = [f"{kind} {counts[kind]}" for kind in ("restarted", "unchanged", "skipped", "failed") if counts[kind]]
    said = f"containers {', '.join(parts)}" if parts else "its pods were not waited for"
    return f"{result['strategy']}{' did not end well' if failed else ''}: {said}"


def _containers(entries: list[JsonObject]) -> Iterator[str]:
    """Each container before and after."""
    for entry in entries:
        before, after = _short(entry["container_id_before"]), _short(entry["container_id_after"])
        counts = f"restart count {entry['restart_count_before']} to {entry['restart_count_after']}"
        changed = f"was {before}, is {after}, {counts}" if before and after else entry["reason"]
        yield f"container {entry['name']} {entry['outcome']}: {changed}"


def _short(container_id: str | None) -> str:
    """Without the runtime's name, and no longer than needed."""
    return (container_id or "").rpartition("/")[2][:_ID]


def _event(about: JsonObject, strategy: str, note: str, who: str, now: datetime, *, failed: bool) -> JsonObject:
    """As kubectl describe shows it best: of the core API, with the times that `kubectl get events` sorts by."""
    time = time_text(now)
    return {
        "apiVersion": EVENT.api_version,
        "kind": EVENT.kind,
        "metadata": {"namespace": about["namespace"], "generateName": f"{about['name'][:200]}."},
        "involvedObject": about,
        "type": "Warning" if failed else "Normal",
        "reason": FAILED if failed else REASONS[strategy],
        "action": "Restarting",
        "message": note if len(note) <= _MOST_NOTE else f"{note[: _MOST_NOTE - 4]} ...",
        "source": {"component": CONTROLLER},
        "reportingComponent": CONTROLLER,
        "reportingInstance": who[:_MOST_INSTANCE],
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }
