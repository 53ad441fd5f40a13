# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""container_restart: restart containers in place where that works, and prove that they came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import chosen
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import not_touched, some_of
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
from ansible_collections.saferestart.k8s.plugins.module_utils._run.debug_container import DebugContainers
from ansible_collections.saferestart.k8s.plugins.module_utils._run.disruption_budget import BudgetGate, wait_for_room
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import require_time
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_plan import plan
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step, carry_out
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: Containers of one reason that a message names.
MOST_NAMED = 10


def container_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    First it is decided for every container. If any is refused nothing is sent at all, unless `on_refused` is `skip`.
    Then the others are restarted one after the other; the first failure ends it. Raises RestartFailed with all done so
    far, and TargetError for options that contradict each other.
    """
    began = clock.monotonic()
    _require_fitting_options(params)
    require_time(params)
    signal = signal_number(params["signal"])
    target = resolve(api, params)
    # Pods that are not Ready first: nobody misses them.
    pods = sorted(target.pods, key=lambda pod: pod.ready)
    pairs = [(pod, container) for pod in pods for container in chosen(pod, params["containers"])]
    gate = BudgetGate(api, clock, target.namespace, params["disruption_budget"])
    with DebugContainers(api, clock) as helpers:
        try:
            steps = plan(api, params, target, pairs, signal, helpers, check_mode=check_mode)
            failure = _refusals(steps) if params["on_refused"] == "fail" else ""
        except SafeRestartError as error:
            if not helpers.added:
                raise
            failure = str(error)
            steps = [Step(pod, container, params["via"], "", failure.rstrip(".")) for pod, container in pairs]
        todo = [] if failure else [step for step in steps if not step.refused]
        if check_mode:
            _ask_budgets(gate, todo)
        else:
            failure = failure or _restart(api, clock, params, target, todo, signal, gate)
    result = restart_result(
        "in_place",
        target.workload,
        [step.to_plan() for step in steps],
        _pods(steps),
        changed=bool(todo if check_mode else helpers.added or any(step.changed for step in steps)),
        seconds=clock.monotonic() - began,
        requests=api.requests,
        warnings=[*helpers.warnings, *gate.warnings],
    )
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


def _restart(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    target: Target,
    steps: list[Step],
    signal: int,
    gate: BudgetGate,
) -> str:
    """Restart them one after the other; the message of the first failure, which ends it, or nothing.

    What has to be tried comes first, and what came of it then holds for all containers like it.
    """
    tried: dict[tuple[str, ...], Step] = {}
    for step in sorted(steps, key=lambda step: step.trial is None):
        first = tried.setdefault(step.trial, step) if step.trial else step
        if first is not step and first.to_outcome().outcome != "restarted":
            step.outcome = step.skipped(f"tried on {first}: {first.to_outcome().reason}", measured=True)
            continue
        room, no_room = wait_for_room(gate, clock, step.pod, params["wait_timeout"])
        step.budget = room.source
        if no_room:
            step.outcome = step.skipped(no_room)
        else:
            carry_out(api, clock, params, target, step, signal)
        outcome = step.to_outcome()
        settled = step.trial and outcome.outcome == "unchanged" and not step.may_still_end
        if outcome.outcome != "restarted" and not (settled and params["on_refused"] == "skip"):
            left = [entry for entry in steps if entry.outcome is None]
            return f"Not restarted, {step}: {outcome.reason}.{not_touched(left)}"
    if len(steps) > 1:
        try:
            _look_back(api, target, steps)
        except SafeRestartError as error:
            return f"Restarted, and whether all are still Ready could not be seen: {error}"
        if lost := [step for step in steps if step.to_outcome().outcome == "failed"]:
            words = "; ".join(f"{step}: {step.to_outcome().reason}" for step in lost)
            return f"Restarted, and not Ready any more, {words}."
    return ""


def _look_back(api: ClusterApi, target: Target, steps: Sequence[Step]) -> None:
    """Ask once more for those that were restarted first: a new instance may have ended while others were restarted."""
    names = {step.pod.name for step in steps}
    only = f"metadata.name={names.pop()}" if len(names) == 1 else ""
    listing = api.list(POD, target.namespace, target.selector, only)
    pods = {pod.uid: pod for pod in map(Pod.from_object, listing.items)}
    for step in steps:
        after, now = step.to_outcome().after, pods.get(step.pod.uid)
        container = now.container(step.container.name) if now else None
        if step.outcome is None or step.outcome.outcome != "restarted" or after is None or container is None:
            continue
        if container.container_id != after.container_id or not (container.running and container.ready):
            state = f"{container.state} {container.state_reason}".strip()
            reason = f"its new instance ended, or is not Ready, after all ({state})"
            step.pod_after = now
            step.outcome = replace(step.outcome, outcome="failed", reason=reason, after=container)


def _pods(steps: Sequence[Step]) -> list[PodOutcome]:
    """The outcomes, pod by pod."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.pod.uid):
        mine = list(group)
        after = next((step.pod_after for step in reversed(mine) if step.pod_after), mine[0].pod)
        pods.append(PodOutcome(mine[0].pod, after, tuple(step.to_outcome() for step in mine)))
    return pods
