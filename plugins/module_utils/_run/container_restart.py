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
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import chosen
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group, allowed, in_order
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.back_off import foresee, foretold
from ansible_collections.saferestart.k8s.plugins.module_utils._run.background import Background, Threads
from ansible_collections.saferestart.k8s.plugins.module_utils._run.canary import Canary
from ansible_collections.saferestart.k8s.plugins.module_utils._run.come_back import Gates
from ansible_collections.saferestart.k8s.plugins.module_utils._run.debug_container import DebugContainers
from ansible_collections.saferestart.k8s.plugins.module_utils._run.disruption_budget import BudgetGate
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import (
    remember,
    require_workload_to_remember,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import require_time
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_plan import plan
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.nodes import Nodes
from ansible_collections.saferestart.k8s.plugins.module_utils._run.older_than import AgeLimit, in_order_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_timeout import (
    has_timed_out,
    plan_on_timeout,
    require_possible_on_timeout,
    roll_instead,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import group_of, read_groups
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import PARALLEL
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import Reporter, asked_for
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rolling_in_place import RollingInPlace
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: Containers of one reason that a message names.
MOST_NAMED = 10


def container_restart(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    check_mode: bool,
    background: Callable[[], Background] = lambda: Threads(PARALLEL),
    reporter: Callable[[], Reporter] = asked_for,
) -> dict[str, Any]:
    """The result of the module.

    First it is decided for every container. If any is refused nothing is sent at all, unless `on_refused` is `skip`.
    Then the others are restarted, see RollingInPlace. Raises RestartFailed with all done so far, and TargetError for
    options that contradict each other.
    """
    began = clock.monotonic()
    _require_fitting_options(params)
    require_workload_to_remember(params)
    require_possible_on_timeout(params)
    require_time(params)
    allowed(params["max_unavailable"] or "1", 1)
    signal = signal_number(params["signal"])
    limit = AgeLimit.of(params["older_than"], clock.now())
    target = resolve(api, params)
    canary = Canary(api, clock, target, params["canary"])
    pairs = [(pod, container) for pod in in_order(target.pods) for container in chosen(pod, params["containers"])]
    gate = BudgetGate(api, clock, target.namespace, params["disruption_budget"])
    due, young = limit.divide(pairs)
    gates, warnings = Gates(api, Nodes(api), params["gates"]), []
    with DebugContainers(api, clock) as helpers:
        later, learnt = [], []
        try:
            steps = plan(api, params, target, due, signal, helpers, gates, check_mode=check_mode)
            later = plan_on_timeout(params, target, steps)
            warnings = gates.apply(steps)
            failure = _refusals(steps) if params["on_refused"] == "fail" else ""
            failure = failure or foresee(steps, params, clock.now())
        except SafeRestartError as error:
            if not helpers.added:
                raise
            failure = str(error)
            steps = [Step(pod, container, params["via"], "", failure.rstrip(".")) for pod, container in due]
        todo = [] if failure else [step for step in steps if not step.refused]
        if check_mode:
            _ask_budgets(gate, todo)
        elif todo:
            groups = _groups(api, params, target, [step.pod for step in todo])
            whole = _whole(api, target, groups)
            parts = (params, whole, groups, canary, gate, signal, reporter())
            failure = RollingInPlace(api, clock, background(), *parts).run(todo)
            learnt = remember(api, clock, params, target, todo)
    steps = in_order_of(pairs, [*steps, *young])
    result = restart_result(
        "in_place",
        target.workload,
        [*(step.to_plan() for step in steps), *later],
        _pods(steps),
        changed=bool(todo if check_mode else helpers.added or any(step.changed for step in steps)),
        seconds=clock.monotonic() - began,
        requests=api.requests,
        warnings=[
            *warnings,
            *helpers.warnings,
            *gate.warnings,
            *foretold(todo, params),
            *(f"{step}: {step.hook}." for step in steps if step.hook and step.hook.failure),
            *learnt,
        ],
    )
    if params["on_timeout"] == "rollout" and has_timed_out(todo):
        return roll_instead(api, clock, params, result, began)
    if failure:
        raise RestartFailed(failure, result)
    return result


def _require_fitting_options(params: Mapping[str, Any]) -> None:
    """Raises TargetError for an option that the way of restarting (via) has no use for."""
    via = params["via"]
    misplaced = (
        (params["image_alias"] is not None and via != "image_alias", "image_alias", "via: image_alias"),
        (params["ephemeral_image"] is not None and via != "ephemeral", "ephemeral_image", "via: ephemeral"),
        (params["unknown"] == "try" and via == "image_alias", "unknown: try", "a via that sends a signal"),
    )
    for applies, option, needed in misplaced:
        if applies:
            raise TargetError(f"{option} needs {needed}, and via is {via}. Nothing was sent.")


def _refusals(steps: Sequence[Step]) -> str:
    """The message where some are refused; empty if none is."""
    refused: dict[str, list[Step]] = {}
    for step in steps:
        if step.refused:
            refused.setdefault(step.refused, []).append(step)
    if not refused:
        return ""
    count = sum(map(len, refused.values()))
    reasons = "; ".join(f"{some_of(group, MOST_NAMED)}: {reason}" for reason, group in refused.items())
    return f"Nothing was sent, {count} of {len(steps)} containers cannot be restarted in place: {reasons}."


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
    if target.selector or len(target.listing.items) > 1 or not any(group.uid for group in groups):
        return target
    workload = groups[0].workload
    selector = workload.selector if workload else ""
    return replace(target, listing=api.list(POD, target.namespace, selector), selector=selector)


def _pods(steps: Sequence[Step]) -> list[PodOutcome]:
    """The outcomes, pod by pod."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.pod.uid):
        mine = list(group)
        after = next((step.pod_after for step in reversed(mine) if step.pod_after), mine[0].pod)
        pods.append(PodOutcome(mine[0].pod, after, tuple(step.to_outcome() for step in mine)))
    return pods
