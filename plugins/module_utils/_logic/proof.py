# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a workload's pods look as the results of restarts say: two looks by pid1_info, held against them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

JsonObject = Mapping[str, Any]


#: What a fault says, and whether it lasts: waiting does not mend it.
_Fault = tuple[str, bool]


def proof_faults(
    before: JsonObject, after: JsonObject, results: Sequence[JsonObject], *, lasting: bool = False
) -> list[str]:
    """In what the pods do not look as the results say; nothing where they do.

    `before` and `after` are what pid1_info returned of the workload, `results` those of all runs in between. What a
    result calls unchanged or skipped is left alone. Everything else is to be new: in place the container, in the same
    pod on the same node with the same IP address, otherwise the pod. There are to be as many as the workload wants.

    Where it wants fewer than before, as an autoscaler may have it, so many of the pods may be gone; and those that it
    wants besides are nothing that the restart has to answer for until they are there.

    With `lasting` only what another look later on would say again.
    """
    return [text for text, lasts in _faults(before, after, results) if lasts or not lasting]


def _faults(before: JsonObject, after: JsonObject, results: Sequence[JsonObject]) -> Iterator[_Fault]:
    old, new = ({pod["uid"]: pod for pod in look["pods"]} for look in (before, after))
    replaced, stays = _meant(results)
    stays -= replaced
    gone = [uid for uid in old if uid in stays - new.keys()]
    fewer = max(0, _wanted(before) - _wanted(after))
    missing = list(_missing(before, after))
    if len(gone) > fewer:
        # Where pods are missing, too, it may be that fewer are wanted already: that is read before the pods are.
        yield from ((f"pod {old[uid]['name']} was to stay, and is gone", not missing) for uid in gone)
    yield from _moved(old, new, stays)
    for uid in old:
        if uid in replaced & new.keys():
            yield f"pod {old[uid]['name']} was to be replaced, and is still there", False
    yield from _same_containers(old, new, results, stays)
    for uid, pod in new.items():
        why = pod.get("not_ready", "")
        if not pod["ready"] and (uid not in old or old[uid]["ready"]):
            yield f"pod {pod['name']} is not Ready{why and ': '}{why}", False
    yield from ((text, False) for text in missing)


def _meant(results: Sequence[JsonObject]) -> tuple[set[str], set[str]]:
    """UIDs of the pods that were to be replaced, and of those that were to stay."""
    replaced, stays = set(), set()
    for result in results:
        for pod in result["pods"]:
            if result["strategy"] == "in_place":
                stays.add(pod["uid_before"])
            elif any(container["outcome"] not in ("unchanged", "skipped") for container in pod["containers"]):
                replaced.add(pod["uid_before"])
    return replaced, stays


def _moved(old: JsonObject, new: JsonObject, stays: set[str]) -> Iterator[_Fault]:
    """Pods that were to stay, and are the same ones with another address, or with none yet, or on another node."""
    for uid, pod in old.items():
        if uid in stays and uid in new:
            if pod["ip"] != new[uid]["ip"]:
                yield (
                    f"pod {pod['name']} had the IP address {pod['ip']}, and has {new[uid]['ip']}",
                    bool(new[uid]["ip"]),
                )
            if pod["node"] != new[uid]["node"]:
                yield f"pod {pod['name']} was on node {pod['node']}, and is on {new[uid]['node']}", True


def _same_containers(
    old: JsonObject, new: JsonObject, results: Sequence[JsonObject], stays: set[str]
) -> Iterator[_Fault]:
    """Containers that are still the same ones, and were not to be. They end with their pods where those do not stay.

    A rollout that an earlier run has begun has made pods already: they are new to the result, and were there before.
    """
    kept = {
        container["container_id_before"]
        for result in results
        for pod in result["pods"]
        for container in pod["containers"]
        if container["outcome"] in ("unchanged", "skipped")
    }
    made = {pod["uid_after"] for result in results for pod in result["pods"] if not pod["uid_before"]}
    now = {container["container_id"] for pod in new.values() for container in pod["containers"]}
    for uid, pod in old.items():
        for container in pod["containers"] if uid not in made else ():
            if container["container_id"] and container["container_id"] in now - kept:
                yield f"container {container['name']} of pod {pod['name']} is still the same", uid in stays


def _missing(before: JsonObject, after: JsonObject) -> Iterator[str]:
    """Pods that are not there, and were before: those that the workload wants now, and wanted then."""
    lacked = max(0, _wanted(before) - len(before["pods"]))
    wanted = min(_wanted(before), _wanted(after)) - lacked
    if len(after["pods"]) < wanted:
        yield f"{len(after['pods'])} pods are there, and {wanted} have to be"


def _wanted(look: JsonObject) -> int:
    """How many pods the workload wants."""
    return int(look["wanted"])
