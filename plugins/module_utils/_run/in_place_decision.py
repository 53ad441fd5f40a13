# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a restart in place is going to do, and why: one decision for a plan, for check mode and for a real run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.canary import require_canary
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import in_turn
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import allowed, in_order
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import RESTART_ALL
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.back_off import foresee
from ansible_collections.saferestart.k8s.plugins.module_utils._run.come_back import Gates
from ansible_collections.saferestart.k8s.plugins.module_utils._run.debug_container import DebugContainers
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import require_workload_to_remember
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import require_time
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_plan import plan
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.nodes import Nodes
from ansible_collections.saferestart.k8s.plugins.module_utils._run.older_than import AgeLimit, in_order_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_timeout import (
    plan_on_timeout,
    require_possible_on_timeout,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_all import bind, plan_whole_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: Containers of one reason that a message names.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Decision:
    """A step for each container that is meant, in the order of their turns."""

    steps: list[Step]
    todo: list[Step]
    """Those that are restarted, or are underway already: none where there is a `failure`."""
    failure: str
    """Why nothing is sent to any; empty if that is not so."""
    later: list[JsonObject]
    """What else the plan says: entries about what may follow."""
    warnings: list[str]


def require_sense(params: Mapping[str, Any], now: datetime) -> None:
    """Raises TargetError for options that contradict each other, or make no sense, before anything is asked."""
    _require_fitting_options(params)
    require_workload_to_remember(params)
    require_possible_on_timeout(params)
    require_time(params)
    allowed(params["max_unavailable"] or "1", 1)
    signal_number(params["signal"])
    AgeLimit.of(params["older_than"], now)
    require_canary(params["canary"] or {})
    for name in ("max_failures", "min_ready_seconds", "min_started_seconds"):
        if (params[name] or 0) < 0:
            raise TargetError(f"{name} is {params[name]}, and has to be 0 or more. Nothing was sent.")


def decide_in_place(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    target: Target,
    helpers: DebugContainers,
    *,
    check_mode: bool,
) -> Decision:
    """Decide for every container. If any is refused nothing is done at all, unless `on_refused` is `skip`.

    Raises what goes wrong on the way; but where an ephemeral container was added already, that is a failure.
    """
    pairs = [(pod, container) for pod in in_order(target.pods) for container in in_turn(pod, params["containers"])]
    whole_pods = params["via"] == RESTART_ALL
    limit = AgeLimit.of(params["older_than"], clock.now())
    due, others = limit.divide(pairs, params["wait_timeout"], whole_pods=whole_pods)
    gates, warnings, later = Gates(api, Nodes(api), params["gates"]), [], []
    try:
        signal = signal_number(params["signal"])
        if whole_pods:
            steps = plan_whole_pods(api, params, target, due, signal)
        else:
            steps = plan(api, params, target, due, signal, helpers, gates, check_mode=check_mode)
        limit.mark(steps)
        going = [step for step in steps if not step.underway]
        later = plan_on_timeout(params, target, going)
        warnings = gates.apply(going)
        bind(steps)
        failure = _refusals(going) if params["on_refused"] == "fail" else ""
        failure = failure or foresee(going, params, clock.now())
    except SafeRestartError as error:
        if not helpers.added:
            raise
        failure = str(error)
        steps = [Step(pod, container, params["via"], "", failure.rstrip(".")) for pod, container in due]
    steps = in_order_of(pairs, [*steps, *others])
    going = [step for step in steps if not step.leader and (step.underway or not (step.refused or step.young))]
    return Decision(steps, [] if failure else going, failure, later, warnings)


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
