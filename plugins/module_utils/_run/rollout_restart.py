# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""rollout_restart: have the controller replace all pods of a workload, as kubectl does, and prove that it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import (
    Change,
    require_rollable,
    roll,
    rollout_plan,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

#: kubectl's own, so that `kubectl rollout history` and everyone else sees the same thing (objectrestarter.go).
ANNOTATION = "kubectl.kubernetes.io/restartedAt"
CONTENT_TYPE = "application/strategic-merge-patch+json"


def rollout_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the annotation before and after.

    Raises TargetError, with nothing changed, for a workload whose controller would restart nothing, and RestartFailed
    when the rollout was started and its end cannot come or was not proven within `wait_timeout` seconds.
    """
    began = clock.monotonic()
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    require_rollable(workload, obj, params)
    old_value = _annotation(obj)
    new_value = next_value(clock.now(), old_value)
    plan, warnings = rollout_plan(workload, obj, params, check_mode)

    def send(dry_run: bool) -> JsonObject:
        body = _template_annotations({ANNOTATION: new_value})
        return api.patch(workload.type.resource, workload.namespace, workload.name, body, CONTENT_TYPE, dry_run=dry_run)

    def undone(seen: JsonObject) -> str:
        if _annotation(seen) not in (None, old_value):
            return ""
        return f"its template lost {ANNOTATION} meanwhile, by a rollout undo or by a tool that keeps its own copy"

    change = Change(
        "rollout_restart",
        workload,
        obj,
        send,
        plan,
        warnings,
        undone,
        diff=lambda _patched: _diff(workload, old_value, new_value),
    )
    return roll(api, clock, params, check_mode, change, began)


def next_value(now: datetime, current: str | None) -> str:
    """The annotation's new value: RFC 3339, UTC, whole seconds, and later than the one that is there.

    An equal value would be an empty patch; one used shortly before would bring back the pods of that earlier rollout.
    """
    value = now.astimezone(UTC).replace(microsecond=0)
    try:
        last = parse_time(current)
    except ValueError:  # written by somebody else, in another form
        last = None
    if last is not None and last.tzinfo is not None:
        value = max(value, last.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1))
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _annotation(obj: JsonObject) -> str | None:
    """The time of the last rollout restart, as it is written on the template."""
    annotations = (obj["spec"]["template"].get("metadata") or {}).get("annotations") or {}
    value: str | None = annotations.get(ANNOTATION)
    return value


def _diff(workload: Workload, old: str | None, new: str) -> JsonObject:
    """The change, as --diff shows it."""
    before = _template_annotations({} if old is None else {ANNOTATION: old})
    header = str(workload)
    return {
        "before_header": header,
        "after_header": header,
        "before": before,
        "after": _template_annotations({ANNOTATION: new}),
    }


def _template_annotations(annotations: dict[str, str]) -> JsonObject:
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}
