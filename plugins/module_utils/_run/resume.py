# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""An undo that has been made before: nothing is sent, and a rollout that is still under way is seen to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import Revision
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import expected, live_pods, untouched
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_status
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome, restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, Rollout, prove


def resume(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    check_mode: bool,
    change: Change,
    revision: Revision,
    began: float,
) -> dict[str, Any]:
    """The result for a workload whose template already is that of `revision`.

    A run that was interrupted may have put it back, and left pods of another revision and what is in their
    controller's way. Changed only if a pod had to be deleted. Raises RestartFailed as roll() does.
    """
    workload, obj = change.workload, change.obj
    reason = f"the pod template already is that of revision {revision.number}: nothing restarts"
    looks = params["wait"] or check_mode
    pods = live_pods(workload, api.list(POD, workload.namespace, workload.selector).items) if looks else []
    before = tuple(Pod.from_object(entry) for entry in pods)
    skip: JsonObject = {"workload": str(workload), "action": "skip", "reason": reason}
    diff = change.difference(obj)

    def result(outcomes: Sequence[PodOutcome]) -> dict[str, Any]:
        made = restart_result(
            change.strategy,
            workload,
            [skip, *change.plan],
            outcomes,
            changed=bool(change.plan) or any(change.by_hand(pod) for pod in before),
            seconds=clock.monotonic() - began,
            requests=api.requests,
            warnings=change.warnings,
        )
        return made | {"diff": diff}

    if not looks or _at_its_end(change, before):
        return result(untouched(before, reason))
    if check_mode:
        return result(expected(before, change.partition))

    def lost(seen: JsonObject) -> str:
        words = f"its template is no longer that of revision {revision.number}"
        return words if workload.type.template(seen) != change.template else ""

    # There is no template from before that could be put back.
    params = {**params, "on_failure": "leave"}
    return prove(api, clock, params, Rollout(replace(change, undone=lost, under_way=True), before), obj, result)


def _at_its_end(change: Change, pods: Sequence[Pod]) -> bool:
    """Whether nothing is left to wait for."""
    if change.workload.update_strategy == "OnDelete":
        return not any(change.by_hand(pod) for pod in pods)
    return rollout_status(change.obj).done
