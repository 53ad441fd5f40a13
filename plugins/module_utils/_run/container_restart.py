# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""container_restart: restart containers in place where that works, and prove that they came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.back_off import foretold
from ansible_collections.saferestart.k8s.plugins.module_utils._run.background import Background, Threads
from ansible_collections.saferestart.k8s.plugins.module_utils._run.canary import Canary
from ansible_collections.saferestart.k8s.plugins.module_utils._run.debug_container import DebugContainers
from ansible_collections.saferestart.k8s.plugins.module_utils._run.disruption_budget import BudgetGate
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import remember
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_decision import (
    decide_in_place,
    require_sense,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_timeout import has_timed_out, roll_instead
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import all_pods, group_of, read_groups
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import PARALLEL
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import Reporter, asked_for
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rolling_in_place import RollingInPlace
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve


def container_restart(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    check_mode: bool,
    background: Callable[[], Background] = lambda: Threads(PARALLEL),
    reporter: Callable[[], Reporter] = asked_for,
) -> dict[str, Any]:
    """The result of the module.

    First it is decided for every container, see Decision. Then they are restarted, see RollingInPlace. Raises
    RestartFailed with all done so far, and TargetError for options that contradict each other.
    """
    began = clock.monotonic()
    require_sense(params, clock.now())
    target = resolve(api, params)
    canary = Canary(api, clock, target, params["canary"])
    gate = BudgetGate(api, clock, target.namespace, params["disruption_budget"])
    with DebugContainers(api, clock) as helpers:
        decision = decide_in_place(api, clock, params, target, helpers, check_mode=check_mode)
        steps, todo, failure, learnt = decision.steps, decision.todo, decision.failure, []
        going = [step for step in todo if not step.underway]
        if check_mode:
            _ask_budgets(gate, going)
        elif todo:
            try:
                groups = _groups(api, params, target, [step.pod for step in todo])
                parts = (params, _whole(api, target, groups), groups, canary, gate, signal_number(params["signal"]))
                failure = RollingInPlace(api, clock, background(), *parts, reporter()).run(todo)
            except SafeRestartError as error:
                if not helpers.added:
                    raise
                failure = str(error)
            learnt = remember(api, clock, params, target, todo)
    result = restart_result(
        "in_place",
        target.workload,
        [*(step.to_plan() for step in steps), *decision.later],
        _pods(steps),
        changed=bool(going if check_mode else helpers.added or any(step.changed for step in steps)),
        seconds=clock.monotonic() - began,
        requests=api.requests,
        warnings=[
            *decision.warnings,
            *helpers.warnings,
            *gate.warnings,
            *foretold(going, params),
            *(f"{step}: {step.hook}." for step in steps if step.hook and step.hook.failure),
            *learnt,
        ],
    )
    if params["on_timeout"] == "rollout" and has_timed_out(todo):
        return roll_instead(api, clock, params, result, began)
    if failure:
        raise RestartFailed(failure, result)
    return result


def _ask_budgets(gate: BudgetGate, steps: Sequence[Step]) -> None:
    """Write into the plan who judged whether each pod may be down now, and what it would have to wait for."""
    for _uid, group in groupby(steps, key=lambda step: step.pod.uid):
        mine = list(group)
        room = gate.room(mine[0].pod)
        for step in mine:
            step.budget = room.source
            step.reason += "" if room.allowed else f"; it has to wait: {room.words}"


def _groups(api: ClusterApi, params: Mapping[str, Any], target: Target, pods: Sequence[Pod]) -> list[Group]:
    """The owners of the pods, each with how many of its pods may be away."""
    if target.workload and target.obj:
        return [group_of(target.workload, target.obj, params["max_unavailable"])]
    return read_groups(api, target.namespace, pods, params["max_unavailable"])


def _whole(api: ClusterApi, target: Target, groups: Sequence[Group]) -> Target:
    """The target, listed with all pods of its owners: those that are not meant may be down too."""
    if not any(group.uid for group in groups):
        return target
    selector, listing = all_pods(api, target, groups)
    return replace(target, listing=listing, selector=selector)


def _pods(steps: Sequence[Step]) -> list[PodOutcome]:
    """The outcomes, pod by pod."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.pod.uid):
        mine = list(group)
        after = next((step.pod_after for step in reversed(mine) if step.pod_after), mine[0].pod)
        pods.append(PodOutcome(mine[0].pod, after, tuple(step.to_outcome() for step in mine)))
    return pods
