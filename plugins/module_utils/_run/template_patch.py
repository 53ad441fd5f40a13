# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""template_patch: change the pod template of a workload of any type, and prove that its pods were replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import CHANGE_CAUSE
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import live_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import replicas
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_patch import TemplatePatch
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.workload_types import find_type

STRATEGY = "template_patch"


def template_patch(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the pod template before and after.

    Raises TargetError, with nothing changed, for what cannot be patched, would restart nothing, or could not be waited
    for, and RestartFailed as roll() does.
    """
    began = clock.monotonic()
    kind = find_type(api, params["kind"], params["api_version"], params["template_path"])
    patch = TemplatePatch.from_options(kind, params["patch_type"], params["patch"])
    workload, obj = get_workload_of(api, kind, params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    patch.require_applicable(kind.template(obj))
    _require_rollable(workload, obj, params)
    warnings = require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    if kind.has_pods:
        if params["wait"]:
            _require_provable(api, workload, obj)
        plan, more = rollout_plan(workload, obj, params, check_mode)
    else:
        words = f"a {workload.kind} has no pods of its own: those made from now on are new, and none is restarted"
        plan, more = [{"workload": str(workload), "action": "patch", "reason": words}], [f"{workload}: {words}."]
        params = {**params, "wait": False}

    def send(dry_run: bool) -> JsonObject:
        return _send(api, workload, obj, patch, params["reason"], dry_run=dry_run)

    return roll(api, clock, params, check_mode, Change(STRATEGY, workload, obj, send, plan, [*warnings, *more]), began)


def patch_secrets(params: Mapping[str, Any]) -> list[str]:
    """What must not be shown of the module's options: values of variables that are named like a secret."""
    return list(secret_values(params.get("patch")))


def _send(
    api: ClusterApi, workload: Workload, obj: JsonObject, patch: TemplatePatch, reason: str | None, *, dry_run: bool
) -> JsonObject:
    """Make the change, or have it judged. A reason is written only where the server says that the template changes."""

    def ask(annotations: Mapping[str, str], *, judge: bool) -> JsonObject:
        body = patch.body(obj, annotations)
        resource = workload.type.resource
        return api.patch(resource, workload.namespace, workload.name, body, patch.content_type, dry_run=judge)

    if not reason:
        return ask({}, judge=dry_run)
    judged = ask({}, judge=True)
    if dry_run or workload.type.template(judged) == workload.type.template(obj):
        return judged
    return ask({CHANGE_CAUSE: reason}, judge=False)


def _require_rollable(workload: Workload, obj: JsonObject, params: Mapping[str, Any]) -> None:
    """Raises TargetError where a change of the template restarts nothing."""
    if workload.paused and not workload.type.built_in:
        raise TargetError(f"{workload} is paused in its spec: its controller would not replace pods. Resume it first.")
    require_rollable(workload, obj, params)


def _require_provable(api: ClusterApi, workload: Workload, obj: JsonObject) -> None:
    """Raises TargetError where waiting could not end with a proof."""
    advice = "Set wait to false to change the template only."
    strategy = obj["spec"].get("updateStrategy")
    if workload.kind == "CloneSet" and has_rules(obj) and isinstance(strategy, dict):
        if str(strategy.get("type", "")).startswith("InPlace"):
            raise TargetError(f"{workload} may be updated in place, which new pods cannot prove. {advice}")
        if strategy.get("partition") not in (None, 0, "0", "0%"):
            raise TargetError(f"{workload} has a partition, and which pods that keeps is not known. {advice}")
    if has_rules(obj) or replicas(obj) == 0:
        return
    pods = api.list(POD, workload.namespace, workload.selector).items if workload.selector else []
    if not live_pods(workload, pods):
        labels = (
            f"none with the labels {workload.selector} belongs to it" if workload.selector else "it has no selector"
        )
        raise TargetError(
            f"The pods of {workload} cannot be found: {labels}. They may belong to an object in between. {advice}"
        )
