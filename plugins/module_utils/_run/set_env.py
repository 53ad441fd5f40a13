# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""set_env: change environment variables of a pod template, which makes the workload roll."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.env import checked, env_operations, missing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import CHANGE_CAUSE
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_patch import CONTENT_TYPES, whole_patch
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

STRATEGY = "set_env"
#: What is set when nothing else is asked for: it only makes the template another one.
DEFAULT = "DEPLOY_DATE"


def set_env(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    Raises TargetError, with nothing changed, for variables and containers that cannot be, and for a workload whose
    controller would restart nothing; RestartFailed when the rollout was started and its end was not proven.
    """
    began = clock.monotonic()
    given, remove, names = params["env"] or {}, params["remove"] or [], params["containers"]
    if not given and not remove:
        given = {DEFAULT: clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    env = checked(given, remove)
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    require_rollable(workload, obj, params)
    template = workload.type.template(obj)
    operations = env_operations(template, env, remove, names, overwrite=params["overwrite_value_from"])
    warnings = [
        f"{workload}: no container has {name}, which was to be removed." for name in missing(template, remove, names)
    ]
    if operations:
        warnings += require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    plan, more = rollout_plan(workload, obj, params, check_mode)
    cause = {CHANGE_CAUSE: params["reason"]} if params["reason"] else {}

    def send(dry_run: bool) -> JsonObject:
        if not operations:
            return obj
        body = whole_patch(operations, workload.type, obj, cause)
        resource = workload.type.resource
        return api.patch(resource, workload.namespace, workload.name, body, CONTENT_TYPES["json"], dry_run=dry_run)

    return roll(api, clock, params, check_mode, Change(STRATEGY, workload, obj, send, plan, warnings + more), began)
