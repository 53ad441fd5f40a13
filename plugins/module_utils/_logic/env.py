# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Environment variables of a pod template: what a change of them is, as operations of a JSON patch. Pure.

Which containers are meant, and where a new variable goes, is as kubectl has it: pkg/cmd/set/env in
staging/src/k8s.io/kubectl (init containers too; an existing variable keeps its place, a new one comes last).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: What the API server takes since 1.30: printable ASCII without '=' (validation.go, IsRelaxedEnvVarName).
_NAME = re.compile(r"[ -<>-~]+")


def checked(env: Mapping[str, Any], remove: Collection[str]) -> dict[str, str]:
    """The variables to set as texts. Raises TargetError for what is no name or no text, and for contradictions."""
    for name in [*env, *remove]:
        if not _NAME.fullmatch(name):
            raise TargetError(f"{name!r} is no name of an environment variable.")
    if both := sorted(env.keys() & set(remove)):
        raise TargetError(f"Both to be set and removed: {', '.join(both)}.")
    for name, value in env.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise TargetError(f"env: the value of {name} is no text but {type(value).__name__}: put it in quotes.")
    return {name: str(value) for name, value in env.items()}


def env_operations(
    template: JsonObject,
    env: Mapping[str, str],
    remove: Collection[str],
    names: Collection[str] | None,
    *,
    overwrite: bool,
) -> list[JsonObject]:
    """Operations on the pod template; none if nothing would change. Each one tests that it meets what was read.

    `names` are the containers that are meant, None for all of them. Raises TargetError for a container that is not
    there, for a variable to remove that none of them has, and, unless `overwrite`, for one to set that has its value
    from elsewhere (valueFrom).
    """
    containers = _containers(template, names)
    made: list[JsonObject] = []
    for path, container in containers.items():
        old: list[JsonObject] = container.get("env") or []
        new = _changed(container["name"], old, env, remove, overwrite=overwrite)
        if new == old:
            continue
        made.append({"op": "test", "path": f"{path}/name", "value": container["name"]})
        if "env" in container:
            made.append({"op": "test", "path": f"{path}/env", "value": container["env"]})
        made.append(
            {"op": "add", "path": f"{path}/env", "value": new} if new else {"op": "remove", "path": f"{path}/env"}
        )
    return made


def missing(template: JsonObject, remove: Collection[str], names: Collection[str] | None) -> list[str]:
    """Variables to remove that none of the containers has."""
    there = {entry["name"] for inside in _containers(template, names).values() for entry in inside.get("env") or []}
    return sorted(set(remove) - there)


def _containers(template: JsonObject, names: Collection[str] | None) -> dict[str, JsonObject]:
    """The containers that are meant, by their paths in the template. Raises TargetError for unknown names."""
    found = {
        f"/spec/{key}/{number}": entry
        for key in ("initContainers", "containers")
        for number, entry in enumerate(template["spec"].get(key) or [])
    }
    there = [entry["name"] for entry in found.values()]
    if names is None:
        return found
    if not names:
        raise TargetError("containers is an empty list: leave it out to take all containers.")
    if strange := [name for name in names if name not in there]:
        raise TargetError(f"The pod template has no container {', '.join(strange)}; it has {', '.join(there)}.")
    return {path: entry for path, entry in found.items() if entry["name"] in names}


def _changed(
    container: str, old: list[JsonObject], env: Mapping[str, str], remove: Collection[str], *, overwrite: bool
) -> list[JsonObject]:
    """The variables of one container as they are to be."""
    new: list[JsonObject] = []
    done: set[str] = set()
    for entry in old:
        name = entry["name"]
        if name in remove or name in done:
            continue
        if name not in env:
            new.append(entry)
            continue
        if "valueFrom" in entry and not overwrite:
            source = next(iter(entry["valueFrom"]), "valueFrom")
            raise TargetError(
                f"{name} of container {container} has its value from elsewhere ({source}). Change it there, "
                "or say overwrite_value_from to put a plain value in its place."
            )
        done.add(name)
        # A value that is empty is left out by the API server.
        new.append(entry if "valueFrom" not in entry and entry.get("value", "") == env[name] else _entry(name, env))
    return new + [_entry(name, env) for name in env if name not in done]


def _entry(name: str, env: Mapping[str, str]) -> JsonObject:
    return {"name": name, "value": env[name]}
