# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""resource_replace: put a whole definition in a workload's place, or delete a pod of nobody's and make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.definition import (
    carried_over,
    differs,
    object_of,
    require_kind,
    with_template,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import shown
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.replace_pod import STRATEGY, replace_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
    with_reason,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload


def resource_replace(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError with nothing changed, and RestartFailed when the restart was begun and did not end well.
    """
    began = clock.monotonic()
    if (name := params.get("pod")) is not None:
        if not params["force"]:
            raise TargetError("pod needs force: true, since the pod is deleted and made again. Nothing was touched.")
        if not params.get("namespace"):
            raise TargetError("pod needs namespace. Nothing was touched.")
        return replace_pod(api, clock, params, check_mode, params["namespace"], name, None, began)
    definition = object_of(params["definition"], params.get("namespace"))
    require_kind(definition, force=params["force"])
    if definition["kind"] == "Pod":
        meta = definition["metadata"]
        return replace_pod(api, clock, params, check_mode, meta["namespace"], meta["name"], definition, began)
    return _replace_workload(api, clock, params, check_mode, definition, began)


def definition_secrets(params: Mapping[str, Any]) -> list[str]:
    """What must not be shown of the module's options: values of variables that are named like a secret."""
    return list(secret_values(params.get("definition")))


def _replace_workload(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    check_mode: bool,
    definition: JsonObject,
    began: float,
) -> dict[str, Any]:
    """PUT the definition, and wait for the rollout if the template changes.

    The server is asked first what the object would be: only then is it known whether anything restarts.
    """
    meta = definition["metadata"]
    workload, live = get_workload(api, definition["kind"], meta["namespace"], meta["name"])
    if not is_selected(live, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    warnings = require_unmanaged(live, str(workload), allow=params["allow_managed"])
    body = carried_over(definition, live, same_revision=True)
    judged = _put(api, workload, body, dry_run=True)
    template = workload.type.template
    same = template(judged) == template(live)
    becomes = Workload.from_object(judged)
    plan: list[JsonObject] = []
    if not same:
        require_rollable(becomes, judged, params)
        plan, more = rollout_plan(becomes, judged, params, check_mode)
        warnings += more
        body = with_reason(carried_over(definition, live, same_revision=False), params["reason"])
    warnings += _scaled(workload, live, judged, definition)

    def send(dry_run: bool) -> JsonObject:
        if dry_run or not differs(live, judged):
            return judged
        return _put(api, workload, body, dry_run=False)

    # The pods are judged by what the object becomes, its template is compared with what it was.
    obj = live if same else with_template(judged, workload.type, template(live))
    change = Change(STRATEGY, becomes, obj, send, plan, warnings, diff=lambda new: _diff(workload, live, new))
    return roll(api, clock, params, check_mode, change, began)


def _put(api: ClusterApi, workload: Workload, body: JsonObject, *, dry_run: bool) -> JsonObject:
    """The object as the server has it then. Raises TargetError, with nothing changed, for a conflict."""
    try:
        return api.replace(workload.type.resource, workload.namespace, workload.name, body, dry_run=dry_run)
    except ApiError as error:
        if error.status != 409:
            raise
        raise TargetError(
            f"{workload} is not, or no longer, the object that the definition was made from: {error} Nothing was "
            "changed. Read it again and make the change there, or leave metadata.resourceVersion and metadata.uid out "
            "of the definition to replace whatever is there."
        ) from error


def _scaled(workload: Workload, live: JsonObject, judged: JsonObject, definition: JsonObject) -> list[str]:
    """A warning where a definition that leaves out the count scales, as the server's default is 1."""
    if workload.kind == "DaemonSet" or definition["spec"].get("replicas") is not None:
        return []
    before, after = replicas(live), replicas(judged)
    if before == after:
        return []
    words = f"the definition has no spec.replicas, which means {after}: it is scaled from {before}"
    return [f"{workload}: {words}. Put spec.replicas into the definition to keep the count."]


def _diff(workload: Workload, before: JsonObject, after: JsonObject) -> JsonObject:
    """The whole object, as --diff shows it."""
    header = str(workload)
    return {"before_header": header, "after_header": header, "before": shown(before), "after": shown(after)}
