# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""template_patch: change the pod template of a workload of any type, and wait until its pods are new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import CHANGE_CAUSE
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_patch import (
    CONTENT_TYPES,
    patch_type,
    whole_patch,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import KNOWN, WORKLOADS, WorkloadType
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

STRATEGY = "template_patch"


def template_patch(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError, with nothing changed, for a type or patch that cannot be, and for a workload whose controller
    would restart nothing; RestartFailed when the rollout was started and its end cannot come or was not proven.
    """
    began = clock.monotonic()
    kind = _type(api, params)
    found = patch_type(params["patch_type"], kind, params["patch"])
    workload, obj = get_workload(api, kind, params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    require_rollable(workload, obj, params)
    if params["wait"] and not has_rules(workload.kind) and params["on_failure"] != "leave":
        raise TargetError(f"on_failure: whether {workload} has failed cannot be told, only whether its pods are new.")
    warnings = require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    plan, more = rollout_plan(workload, obj, params, check_mode)

    def ask(annotations: Mapping[str, str], dry_run: bool) -> JsonObject:
        body = whole_patch(params["patch"], kind, obj, annotations)
        return api.patch(kind.resource, workload.namespace, workload.name, body, CONTENT_TYPES[found], dry_run=dry_run)

    def send(dry_run: bool) -> JsonObject:
        if not params["reason"]:
            return ask({}, dry_run)
        # A patch that changes nothing must not leave a reason behind, so that the server is asked first.
        judged = ask({}, True)
        if kind.template(judged) == kind.template(obj):
            return judged
        return ask({CHANGE_CAUSE: params["reason"]}, dry_run)

    change = Change(STRATEGY, workload, obj, send, plan, [*warnings, *more])
    return roll(api, clock, params, check_mode, change, began)


def _type(api: ClusterApi, params: Mapping[str, Any]) -> WorkloadType:
    """The type of the workload. Raises TargetError for one that the cluster does not have."""
    kind, version, path = params["kind"], params["api_version"], params["template_path"]
    known = {**WORKLOADS, **KNOWN}.get(kind)
    if known and version in (None, known.resource.api_version):
        found = known
    elif version is None:
        names = ", ".join([*WORKLOADS, *KNOWN])
        raise TargetError(f"kind: {kind} is not one of {names}: say its api_version too, such as example.com/v1.")
    else:
        try:
            found = WorkloadType(api.discover(version, kind), built_in=False)
        except NotFound as error:
            raise TargetError(f"The cluster has no {kind} in {version} (api_version): {error}") from error
    if path is None:
        return found
    parts = tuple(path.split("."))
    if not all(parts):
        raise TargetError(f"template_path: {path!r} is no path; that has names with dots between them: spec.template.")
    return replace(found, template_path=parts)
