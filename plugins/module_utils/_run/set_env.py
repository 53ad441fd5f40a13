# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""set_env: set or remove environment variables of a workload's containers, and prove that its pods were replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import names_a_secret
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.container_env import (
    ContainerChange,
    EnvRequest,
    chosen_containers,
    env_changes,
    spec_patch,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import STRATEGIC_MERGE_PATCH, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout import Change, roll
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import (
    not_selected,
    require_rollable,
    rollout_plan,
    with_reason,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import next_value
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload

STRATEGY = "set_env"
#: Set where nothing was asked for.
DEFAULT_VARIABLE = "DEPLOY_DATE"


def set_env(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module; `diff` has the pod template before and after.

    Raises TargetError, with nothing changed, for what cannot be set, and RestartFailed as roll() does. Variables that
    are as asked for already cost no request that writes.
    """
    began = clock.monotonic()
    _require_request(params)
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    if not is_selected(obj, params["select"]):
        return not_selected(api, clock, STRATEGY, workload, params["select"], began)
    containers = chosen_containers(workload.type.template(obj), params["containers"], str(workload))
    request = _request(clock, params, containers)

    def lacking(seen: JsonObject) -> list[ContainerChange]:
        chosen = chosen_containers(workload.type.template(seen), params["containers"], str(workload))
        return [entry for entry in env_changes(chosen, request, str(workload)) if entry.changed]

    changes = lacking(obj)
    require_rollable(workload, obj, params)
    warnings = require_unmanaged(obj, str(workload), allow=params["allow_managed"])
    plan, more = rollout_plan(workload, obj, params, check_mode)
    plan += [{"workload": str(workload), "action": "set_env", "reason": entry.words()} for entry in changes]
    patch = workload.type.at_template({"spec": spec_patch(workload.type.template(obj), changes)})
    body = with_reason(patch, params["reason"])

    def send(dry_run: bool) -> JsonObject:
        if not changes:
            return obj
        return api.patch(
            workload.type.resource, workload.namespace, workload.name, body, STRATEGIC_MERGE_PATCH, dry_run=dry_run
        )

    def undone(seen: JsonObject) -> str:
        try:
            missing = [entry.words() for entry in lacking(seen)]
        except TargetError as error:
            missing = [str(error).rstrip(".")]
        return f"somebody has changed its variables since; it still lacks: {'; '.join(missing)}" if missing else ""

    change = Change(STRATEGY, workload, obj, send, plan, [*warnings, *more], undone)
    return roll(api, clock, params, check_mode, change, began)


def env_secrets(params: Mapping[str, Any]) -> list[str]:
    """What must not be shown of the module's options: values of variables that are named like a secret."""
    env = params.get("env")
    if not isinstance(env, Mapping):
        return []
    return [str(value) for name, value in env.items() if names_a_secret(str(name)) and value is not None]


def _require_request(params: Mapping[str, Any]) -> None:
    """Raises TargetError for a request that is malformed, or given and empty: that must not mean the default."""
    env, remove = params["env"], params["remove"]
    if not env and not remove and not (env is None and remove is None):
        raise TargetError(f"env and remove are empty. Leave both out to set {DEFAULT_VARIABLE} to the present time.")
    EnvRequest(env or {}, tuple(remove or ()))


def _request(clock: Clock, params: Mapping[str, Any], containers: Sequence[JsonObject]) -> EnvRequest:
    """What was asked for, or the time: RFC 3339, UTC, whole seconds, and later than those that are there."""
    env, remove = params["env"], params["remove"]
    if env is None and remove is None:
        variables = [entry for container in containers for entry in container.get("env") or []]
        there = [entry.get("value") for entry in variables if entry["name"] == DEFAULT_VARIABLE]
        env = {DEFAULT_VARIABLE: max(next_value(clock.now(), value) for value in [None, *there])}
    return EnvRequest(env or {}, tuple(dict.fromkeys(remove or ())), params["overwrite_value_from"])
