# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Before a pod template is changed: what that would restart, what speaks against it, and how the change is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import without_secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import CHANGE_CAUSE
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import Partition
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import partition, replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import left_at_zero
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_failure import require_possible


def not_selected(
    api: ClusterApi, clock: Clock, strategy: str, meant: Workload | Pod, expression: str, began: float
) -> dict[str, Any]:
    """The result for a workload or pod of which the option `select` is not true: nothing is done."""
    words = f"select {expression!r} is not true of it"
    workload = meant if isinstance(meant, Workload) else None
    plan = [{"workload" if workload else "pod": str(meant), "action": "skip", "reason": words}]
    seconds = clock.monotonic() - began
    return restart_result(strategy, workload, plan, [], changed=False, seconds=seconds, requests=api.requests)


def with_reason(body: JsonObject, reason: str | None) -> JsonObject:
    """The body of a patch, with the reason as the object's change cause, if there is one."""
    if not reason:
        return body
    meta = body.get("metadata") or {}
    return body | {"metadata": meta | {"annotations": {**(meta.get("annotations") or {}), CHANGE_CAUSE: reason}}}


def require_rollable(workload: Workload, obj: JsonObject, params: Mapping[str, Any]) -> None:
    """Raises TargetError where a change of the template restarts nothing, or `on_failure` could not be done."""
    require_possible(workload, params)
    if workload.paused:
        raise TargetError(
            f"{workload} is paused: its controller would not start a rollout. Resume it first (kubectl rollout resume)."
        )
    below = params.get("below_partition") == "delete"
    if not params["wait"] and (below or workload.update_strategy == "OnDelete"):
        raise TargetError(
            f"{workload}: its controller replaces only what somebody has deleted, and wait is false. "
            "Its pods are deleted one after the other, which needs waiting."
        )
    if partition(obj) >= (count := replicas(obj)) > 0 and not below:
        raise TargetError(
            f"{workload} has a partition of {partition(obj)}, which holds back all {count} of its pods. "
            "Lower spec.updateStrategy.rollingUpdate.partition first, or say below_partition: delete."
        )


def rollout_plan(
    workload: Workload, obj: JsonObject, params: Mapping[str, Any], check_mode: bool
) -> tuple[list[JsonObject], list[str]]:
    """What a change of the template is going to do and why, and of that, as warnings, what a user may not expect."""
    kept = Partition.from_object(obj)
    words = f"its controller replaces all pods, update strategy {workload.update_strategy}"
    plan, warnings = [], []
    if workload.kind != "DaemonSet" and replicas(obj) == 0:
        words = "it is scaled to 0: the template changes, and no pod is restarted"
        if left := left_at_zero(obj):
            warnings.append(f"{workload}: {left}.")
    elif workload.update_strategy == "OnDelete":
        words = "its update strategy is OnDelete: its pods are deleted one after the other"
    elif kept.size and params.get("below_partition") == "delete":
        words = "its controller replaces the pods from the partition on, those below it are deleted one after the other"
    elif kept.size:
        below = f"ordinals below {kept.start + kept.size} (spec.updateStrategy.rollingUpdate.partition)"
        words = f"its controller replaces the pods from the highest ordinal down, but not those with {below}"
        warnings.append(f"{workload} is restarted in part: the pods with {below} stay as they are.")
    plan.append({"workload": str(workload), "action": "rollout", "reason": words})
    if not params["wait"] and not check_mode:
        words = "wait is false: no pod is looked at, nothing is proven"
        plan.append({"workload": str(workload), "action": "no_wait", "reason": words})
    return plan, warnings


def template_diff(workload: Workload, before: JsonObject, after: JsonObject) -> JsonObject:
    """Two templates, as --diff shows them, with the values of what is named like a secret hidden."""
    return {
        "before_header": str(workload),
        "after_header": str(workload),
        "before": without_secret_values(workload.type.at_template(before)),
        "after": without_secret_values(workload.type.at_template(after)),
    }
