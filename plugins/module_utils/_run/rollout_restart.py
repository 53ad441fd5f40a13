# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""rollout_restart: have the controller replace all pods of a workload, as kubectl does, and prove that it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.age import cutoff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_status
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import left_at_zero
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time, time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import STRATEGIC_MERGE_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
    with_reason,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

#: kubectl's own, so that `kubectl rollout history` and everyone else sees the same thing (objectrestarter.go).
ANNOTATION = "kubectl.kubernetes.io/restartedAt"
STRATEGY = "rollout_restart"


def rollout_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the annotation before and after.

    Raises TargetError, with nothing changed, for a workload whose controller would restart nothing, and RestartFailed
    when the rollout was started and its end cannot come or was not proven within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    moment = None if params["older_than"] is None else cutoff(params["older_than"], clock.now())
    if words := left_at_zero(obj):
        raise TargetError(f"{workload} has no pods to restart: {words}.")
    require_rollable(workload, obj, params)
    old_value = _annotation(obj)
    new_value = next_value(clock.now(), old_value)
    plan, warnings = rollout_plan(workload, obj, params, check_mode)
    begun_at = _time(old_value)
    # One that is over has been carried out; if pods are still too old then, it was by another clock.
    begun = moment is not None and begun_at is not None and begun_at >= moment
    under_way = begun and not rollout_status(obj).done
    if under_way:
        words = f"an earlier run began it at {old_value}: what is left of it is waited for"
        plan = [{"workload": str(workload), "action": "go_on", "reason": words}]

    def send(dry_run: bool) -> JsonObject:
        body = with_reason(_template_annotations({ANNOTATION: new_value}), params["reason"])
        return api.patch(
            workload.type.resource, workload.namespace, workload.name, body, STRATEGIC_MERGE_PATCH, dry_run=dry_run
        )

    def undone(seen: JsonObject) -> str:
        if _annotation(seen) not in (None, None if under_way else old_value):
            return ""
        return f"its template lost {ANNOTATION} meanwhile, by a rollout undo or by a tool that keeps its own copy"

    change = Change(
        STRATEGY,
        workload,
        obj,
        send,
        plan,
        warnings,
        undone,
        diff=lambda _patched: _diff(workload, old_value, old_value if under_way else new_value),
        older_than=moment,
        under_way=under_way,
        held_back=params["below_partition"] == "delete",
    )
    return roll(api, clock, params, check_mode, change, began)


def next_value(now: datetime, current: str | None) -> str:
    """The annotation's new value: RFC 3339, UTC, whole seconds, and later than the one that is there.

    An equal value would be an empty patch; one used shortly before would bring back the pods of that earlier rollout.
    """
    value = now.astimezone(UTC).replace(microsecond=0)
    if last := _time(current):
        value = max(value, last.replace(microsecond=0) + timedelta(seconds=1))
    return time_text(value)


def _time(value: str | None) -> datetime | None:
    """The annotation's time in UTC; None where there is none, or it was written by somebody else in another form."""
    try:
        moment = parse_time(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _annotation(obj: JsonObject) -> str | None:
    """The time of the last rollout restart, as it is written on the template."""
    annotations = (obj["spec"]["template"].get("metadata") or {}).get("annotations") or {}
    value: str | None = annotations.get(ANNOTATION)
    return value


def _diff(workload: Workload, old: str | None, new: str | None) -> JsonObject:
    """The change, as --diff shows it."""
    before = _template_annotations({} if old is None else {ANNOTATION: old})
    header = str(workload)
    return {
        "before_header": header,
        "after_header": header,
        "before": before,
        "after": _template_annotations({} if new is None else {ANNOTATION: new}),
    }


def _template_annotations(annotations: dict[str, str]) -> JsonObject:
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}
