# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a signal did is kept on the workload, and found there by later runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import (
    PREFIX,
    Measured,
    key_of,
    read_measured,
    with_new,
    write_measured,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import RESTART_ALL
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import MERGE_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Confidence
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

if TYPE_CHECKING:  # who only looks does not wait until all that restarts is read
    from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step

#: A process that the kernel has killed, which no signal of ours does: a liveness probe, or too little memory.
KILLED = 137


def require_workload_to_remember(params: Mapping[str, Any]) -> None:
    """Raises TargetError where `remember` is asked for, and nothing could be remembered, or nowhere."""
    if not params["remember"]:
        return
    if params.get("name") is None:
        raise TargetError("remember needs kind and name: what was measured is kept on the workload. Nothing was sent.")
    if params["via"] == "image_alias":
        raise TargetError("remember needs a via that sends a signal, and via is image_alias. Nothing was sent.")
    if params["via"] == RESTART_ALL:
        raise TargetError(f"remember needs the exit code, which is not kept with via: {RESTART_ALL}. Nothing was sent.")


def known(target: Target, look: Look) -> Measured | None:
    """What the signal did to this program in an earlier run, if that decides instead of the forecast."""
    if target.obj is None or look.facts is None:
        return None
    found = _kept(target.obj, look.container.name).get(look.verdict.signal)
    return found if found and found.decides(look.container, look.facts, look.verdict) else None


def remember(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, steps: Sequence[Step]
) -> list[str]:
    """Keep what was learnt, if that is asked for, in one request at most. Returns warnings: it is no failed restart."""
    workload, obj = target.workload, target.obj
    if not params["remember"] or workload is None or obj is None:
        return []
    annotations = {}
    for name, measured in _learnt(steps, clock.now()).items():
        if entries := with_new(_kept(obj, name), measured):
            annotations[PREFIX + name] = write_measured(entries)
    if not annotations:
        return []
    # With its UID it is refused for another workload that has the name by now.
    body = {"metadata": {"uid": workload.uid, "annotations": annotations}}
    try:
        api.patch(workload.type.resource, workload.namespace, workload.name, body, MERGE_PATCH, dry_run=False)
    except SafeRestartError as error:
        return [f"What was measured could not be kept on {workload}: {str(error).rstrip('.')}."]
    return []


def _kept(obj: JsonObject, container: str) -> dict[str, Measured]:
    """What the workload's annotation has about a container."""
    return read_measured((obj["metadata"].get("annotations") or {}).get(PREFIX + container))


def _learnt(steps: Sequence[Step], now: datetime) -> dict[str, Measured]:
    """By container. Of two programs the newer pod's counts, and of one that did both, that it lived."""
    found: dict[str, Measured] = {}
    when = time_text(now)
    for step in sorted(steps, key=lambda step: step.pod.created_at.timestamp() if step.pod.created_at else 0.0):
        measured, name = _measured(step, when), step.container.name
        if measured and not (name in found and found[name].key == measured.key and not found[name].ended):
            found[name] = measured
    return found


def _measured(step: Step, when: str) -> Measured | None:
    """What it did to one container; None where that is not known for sure, or where the kernel alone decided it."""
    outcome, look = step.outcome, step.look
    if outcome is None or outcome.via is None or look is None or look.facts is None or step.image:
        return None
    if step.hook:  # it may have been the hook that ended it
        return None
    key = key_of(look.container, look.facts)
    if key is None or look.verdict.confidence is Confidence.CERTAIN:
        return None
    if step.settled:
        return Measured(look.verdict.signal, "lived", when, round(step.lived_for, 1), key)
    ended = outcome.after.termination if outcome.after else None
    if step.killed or step.ended_after is None or (ended and ended.exit_code == KILLED):
        return None
    return Measured(look.verdict.signal, "ended", when, round(step.ended_after, 1), key)
