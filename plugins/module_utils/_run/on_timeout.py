# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What to do with a container that has not ended in time: nothing, SIGKILL, or a rollout of its whole workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from signal import SIGKILL
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import decide
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.on_timeout import cannot_be_killed
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import RESTART_ALL
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step, why_unchanged
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import (
    Gone,
    NothingSent,
    OutOfReach,
    Signalled,
    signal_pid1,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import require_rollable, rollout_plan
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import rollout_restart
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: Of a rollout restart, what container_restart has no options for.
_ROLLOUT = {
    "wait": True,
    "select": None,
    "reason": None,
    "older_than": None,
    "on_failure": "leave",
    "below_partition": "leave",
}
_ROLLED = "A container has not ended in time: the workload was rolled instead, and its pods are new ones (on_timeout)."


def require_possible_on_timeout(params: Mapping[str, Any]) -> None:
    """Raises TargetError where the options leave nothing for on_timeout to be done to."""
    if params["on_timeout"] == "rollout" and params.get("name") is None:
        raise TargetError("on_timeout: rollout needs kind and name, a workload is rolled. Nothing was sent.")
    if params["on_timeout"] == "kill" and params["via"] == RESTART_ALL:
        raise TargetError(
            f"on_timeout: kill ends a container with another exit code than its own, and via: {RESTART_ALL} goes by "
            "that code. Nothing was sent."
        )
    if params["on_timeout"] == "kill" and params["via"] == "image_alias":
        raise TargetError(
            "on_timeout: kill needs a via that sends a signal, and via is image_alias: the kubelet itself kills what "
            "has not ended within the pod's grace period. Nothing was sent."
        )


def plan_on_timeout(params: Mapping[str, Any], target: Target, steps: Sequence[Step]) -> list[JsonObject]:
    """Refuse what SIGKILL could not end; and return what is planned besides, for the case that one does not end.

    Raises TargetError for a workload that a rollout could not be started of.
    """
    if params["on_timeout"] == "kill":
        for step in steps:
            if not step.refused and step.look and step.look.facts and not step.image:
                step.refused = cannot_be_killed(step.look.facts)
                step.basis = "forecast" if step.refused else step.basis
    if params["on_timeout"] != "rollout" or target.workload is None or target.obj is None:
        return []
    refused = [step for step in steps if step.refused]
    if len(refused) == len(steps) or (refused and params["on_refused"] == "fail"):
        return []
    require_rollable(target.workload, target.obj, _ROLLOUT)
    (entry, *_more), _warnings = rollout_plan(target.workload, target.obj, _ROLLOUT, check_mode=True)
    reason = f"if a container has not ended in time (on_timeout): {entry['reason']}"
    return [{**entry, "action": "rollout_on_timeout", "reason": reason}]


def after_timeout(
    api: ClusterApi, params: Mapping[str, Any], step: Step, sent: Signalled | None, signal: int, reason: str
) -> str | Signalled:
    """Why the same instance still runs, or the SIGKILL that was sent to it instead. See why_unchanged()."""
    if step.killed:
        return f"neither the signal nor SIGKILL ended it, {reason}"
    why = why_unchanged(api, params, step, sent, signal, reason)
    unsent = step.hook is not None and step.hook.unsent
    if params["on_timeout"] != "kill" or sent is None or step.look is None or unsent:
        return why
    pod, container, own = step.pod, step.container, step.look.own

    def refuse(facts: ProcessFacts, verdict: Verdict) -> str | None:
        return decide(pod, container, facts, verdict, skip_prestop=True, own=own)

    try:
        killed = signal_pid1(api, step.look, SIGKILL, params["shell"], force=True, refuse=refuse)
    except (Gone, OutOfReach):
        raise
    except NothingSent as error:
        return f"{why}; SIGKILL was not sent: {error}"
    step.killed = f"{reason}, and was killed then (SIGKILL)"
    return replace(killed, verdict=sent.verdict)


def has_timed_out(steps: Sequence[Step]) -> bool:
    """Whether one of them was signalled, or given another name, and has not ended."""
    return any(step.outcome and step.outcome.via and step.outcome.outcome == "unchanged" for step in steps)


def roll_instead(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], result: dict[str, Any], began: float
) -> dict[str, Any]:
    """Roll the workload whose containers have not all ended. `result` is that of the restart in place so far.

    It becomes the rollout's, with the pods so far as `signalled`. Raises RestartFailed where the rollout fails.
    """
    options = {**_ROLLOUT, **{name: params[name] for name in ("kind", "namespace", "name", "wait_timeout")}}
    words = "A container has not ended in time, and the rollout restart of the workload (on_timeout)"
    try:
        rolled = rollout_restart(api, clock, options, check_mode=False)
    except RestartFailed as error:
        seconds = clock.monotonic() - began
        raise RestartFailed(f"{words} failed: {error}", _joined(result, error.result, seconds)) from error
    except SafeRestartError as error:
        raise RestartFailed(f"{words} was not begun: {error}", result) from error
    joined = _joined(result, rolled, clock.monotonic() - began)
    stuck = {pod["uid_before"] for pod in result["pods"] if any(map(_is_stuck, pod["containers"]))}
    if left := [pod["name"] for pod in rolled["pods"] if pod["uid_after"] in stuck]:
        raise RestartFailed(f"{words} has left {', '.join(left)} as it was, see plan.", joined)
    return joined


def _is_stuck(container: Mapping[str, Any]) -> bool:
    """Of the outcome of a container."""
    return container["outcome"] == "unchanged" and container["via"] is not None


def _joined(before: dict[str, Any], rolled: dict[str, Any], seconds: float) -> dict[str, Any]:
    """One result: what was signalled, and what the rollout did since."""
    signalled = [entry for entry in before["plan"] if entry["action"] != "rollout_on_timeout"]
    return rolled | {
        "plan": [*signalled, *rolled["plan"]],
        "signalled": before["pods"],
        "summary": rolled["summary"] | {"seconds": round(seconds, 2)},
        "warnings": [*before["warnings"], _ROLLED, *rolled["warnings"]],
    }
