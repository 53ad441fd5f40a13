# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The pods of a workload whose controller is done, watched until the new ones have lasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import live_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.steadiness import Steadiness
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe


def await_steady(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    workload: Workload,
    listing: Listing,
    left_alone: Callable[[Pod], bool],
    tell: Callable[[str], None],
    unfinished: Callable[[Sequence[JsonObject]], str] = lambda _pods: "",
) -> tuple[str | None, list[JsonObject]]:
    """Wait until nothing is `unfinished` by the pods, and those that are not `left_alone` last, see Steadiness.

    `listing` has the pods; where they are well already, no request is sent. `tell` is told what is waited for. Returns
    what went wrong, None if nothing did, and the workload's pods at that time.
    """
    steadiness = Steadiness(workload.min_ready_seconds, left_alone)
    pods: list[JsonObject] = []
    seen = observe(
        api,
        clock,
        deadline,
        POD,
        workload.namespace,
        label_selector=workload.selector,
        start=listing,
        wake=lambda: steadiness.pause,
    )
    for objects in seen:
        pods = live_pods(workload, objects.values())
        if not (words := unfinished(pods) or steadiness.see(pods, clock.monotonic())):
            return None, pods
        if steadiness.given_up:
            break
        tell(f"{workload}: {words}")
    return unfinished(pods) or steadiness.problem, steadiness.at_worst(pods)
