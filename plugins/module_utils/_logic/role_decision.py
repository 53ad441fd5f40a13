# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How the role safe_restart restarts each workload, from one look at all its containers. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

#: Ways to have single pods replaced, each by the module pod_delete.
POD_WAYS = ("pod_evict", "pod_delete")
#: What may be done with a workload whose containers cannot all be signalled.
FALLBACKS = ("image_alias", *POD_WAYS, "rollout_restart", "fail")

#: The way of a workload that is scaled to 0: whatever is started later on is new anyway.
NOTHING = "nothing"

#: So many reasons are told of one workload; a thousand pods may have as many.
_MOST_REASONS = 10

JsonObject = Mapping[str, Any]


def decide_workload(
    look: JsonObject, alias: JsonObject, plan: JsonObject, fallbacks: Sequence[str], signal: str, *, kill: bool
) -> dict[str, Any]:
    """What is done with one workload, and why.

    `look` is what pid1_info returned of the item (`kind` and `name`), `alias` what a check run of container_restart
    with `via: image_alias` did, and `plan` one with `older_than`, each empty where there was none. What that plan
    leaves alone was restarted already, or is about to be: that it is down just now is no reason for another way. With
    `kill` no PID 1 counts as one that acts on the signal: what does not end is to be killed, and the kernel drops
    SIGKILL for it (kernel/signal.c, SIGNAL_UNKILLABLE).

    `strategy` is in_place, one of `fallbacks`, or fail; or NOTHING where no pods are there and none are wanted, but for
    what an interrupted scale_cycle has left so. With a way for pods, `replace` has the names of those pods that have a
    container that must not be signalled, and `select` chooses the others. `pod_way` is how pods are replaced that have
    to be later on. `text` says all of it in one line.
    """
    left = {(entry["pod"], entry["container"]) for entry in plan.get("plan") or [] if entry["action"] == "leave"}
    refused = [(pod["name"], entry) for pod in look["pods"] for entry in _refusals(pod, left, kill=kill)]
    names = list(dict.fromkeys(name for name, _reason in refused))
    reasons = list(dict.fromkeys(reason for _name, reason in refused))
    possible = {"rollout_restart", "fail"} | (set(POD_WAYS) if names else set())
    if "plan" in alias and "msg" not in alias:
        possible.add("image_alias")
    if look["pods"] and not refused:
        strategy, reason = "in_place", f"PID 1 of every container acts on {signal}"
        if left:
            reason = f"PID 1 of every container acts on {signal}, but of {len(left)} that the time given leaves alone"
    elif look.get("left_at_zero"):
        strategy, reason = "fail", look["left_at_zero"]
    elif not look["pods"] and look.get("wanted") == 0:
        strategy, reason = NOTHING, "it has no pods and wants none, and those that come later are new"
    else:
        strategy = next((way for way in fallbacks if way in possible), "fail")
        reason = _told(reasons) or "it has no pods"
        reason += f"; image_alias: {alias['msg']}" if "msg" in alias else ""
    replaced = names if strategy in POD_WAYS else []
    stays = len(look["pods"]) - len(replaced)
    workload = f"{look['item']['kind']}/{look['item']['name']}"
    way = strategy
    if replaced and stays:
        way += f" of {len(replaced)} of {len(look['pods'])} pods, and the others in place"
    return {
        "kind": look["item"]["kind"],
        "name": look["item"]["name"],
        "workload": workload,
        "strategy": strategy,
        "reason": reason,
        "text": f"{workload}: {way}, because {reason}",
        "in_place": strategy in ("in_place", "image_alias") or (strategy in POD_WAYS and stays > 0),
        "replace": replaced,
        "pod_way": next((way for way in fallbacks if way in POD_WAYS), POD_WAYS[0]),
        "select": f"!contains(`{json.dumps(replaced)}`, metadata.name)" if replaced else "",
        "pods": len(look["pods"]),
        "containers": sum(len(pod["containers"]) for pod in look["pods"]),
    }


def _refusals(pod: JsonObject, left: Collection[tuple[str, str]], *, kill: bool) -> list[str]:
    """Why containers of the pod must not be signalled, of those that are not `left` alone anyway."""
    found = []
    for container in pod["containers"]:
        if (pod["name"], container["name"]) in left:
            continue
        process = container.get("process") or {}
        if not container["in_place"]:
            found.append(f"container {container['name']}: {container['refusal']}")
        elif kill and process.get("pid") == 1:
            found.append(f"container {container['name']}: SIGKILL does not end PID 1")
    return found


def _told(reasons: Sequence[str]) -> str:
    more = len(reasons) - _MOST_REASONS
    return "; ".join([*reasons[:_MOST_REASONS], *([f"and {more} more reasons"] if more > 0 else [])])
