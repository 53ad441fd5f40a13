# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Environment variables of a pod template's containers: what would change, and the patch for just that. Pure.

Sources: kubectl's pkg/cmd/set/set_env.go (all containers, init containers too) and helper.go
(updateEnv: known variables keep their place, new ones come last); apimachinery's pkg/util/validation (IsEnvVarName).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: As every version of Kubernetes takes them; newer ones take more.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: Where a pod's containers are. A name is in one of them only (pkg/apis/core/validation).
_LISTS = ("containers", "initContainers")


@dataclass(frozen=True, slots=True)
class EnvRequest:
    """What was asked for: values by name, and names that have to go."""

    env: Mapping[str, Any]
    """Strings, or it is an error."""
    remove: tuple[str, ...] = ()
    overwrite_value_from: bool = False

    def __post_init__(self) -> None:
        """Raises TargetError for what cannot be asked for. The messages have no value: it may be a secret."""
        for name in [*self.env, *self.remove]:
            if not _NAME.fullmatch(str(name)):
                raise TargetError(
                    f"{name!r} is no name of an environment variable; those have letters, digits, '_', '-' and '.' "
                    "only, and begin with a letter or '_'."
                )
        if wrong := [name for name, value in self.env.items() if not isinstance(value, str)]:
            raise TargetError(f"env: the value of {', '.join(wrong)} is no string. Put it in quotes.")
        if both := sorted(set(self.env) & set(self.remove)):
            raise TargetError(f"{', '.join(both)}: in env and in remove; a variable can only be in one of them.")


@dataclass(frozen=True, slots=True)
class ContainerChange:
    """What changes in one container: entries of a strategic merge patch, and what goes."""

    container: str
    values: tuple[JsonObject, ...]
    removed: tuple[str, ...]
    order: tuple[str, ...]
    """The names of all its variables afterwards."""

    @property
    def changed(self) -> bool:
        """Whether anything does."""
        return bool(self.values or self.removed)

    def words(self) -> str:
        """The change, without values."""
        names = [str(entry["name"]) for entry in self.values]
        parts = [f"{verb} {', '.join(of)}" for verb, of in (("sets", names), ("removes", self.removed)) if of]
        return f"container {self.container}: {' and '.join(parts)}"

    def patch(self) -> JsonObject:
        """Its entry in the patch's list of containers."""
        gone = [{"name": name, "$patch": "delete"} for name in self.removed]
        # Without the order new entries come first (apimachinery's strategicpatch/patch.go, normalizeElementOrder).
        order = [{"name": name} for name in self.order]
        return {"name": self.container, "env": [*self.values, *gone], "$setElementOrder/env": order}


def chosen_containers(template: JsonObject, names: Sequence[str] | None, what: str) -> list[JsonObject]:
    """The containers that are meant; for None all, the init containers too. Raises TargetError for one not there."""
    there = {entry["name"]: entry for key in _LISTS for entry in template["spec"].get(key) or []}
    if names is None:
        return list(there.values())
    if not names:
        raise TargetError("containers is an empty list: leave it out for all containers.")
    for name in names:
        if name not in there:
            raise TargetError(f"{what} has no container {name}. It has {', '.join(there)}.")
    return [entry for name, entry in there.items() if name in names]


def spec_patch(template: JsonObject, changes: Sequence[ContainerChange]) -> JsonObject:
    """The strategic merge patch of the template's spec: only what changes, so that nobody else's change is undone."""
    patches = {entry.container: entry.patch() for entry in changes}
    names = {key: [entry["name"] for entry in template["spec"].get(key) or []] for key in _LISTS}
    found = {key: [patches[name] for name in names[key] if name in patches] for key in _LISTS}
    return {key: entries for key, entries in found.items() if entries}


def env_changes(containers: Sequence[JsonObject], request: EnvRequest, what: str) -> list[ContainerChange]:
    """What changes, container by container. Raises TargetError where a reference would be overwritten unasked."""
    changes, references = [], []
    for container in containers:
        name = str(container["name"])
        existing: list[JsonObject] = container.get("env") or []
        names = [str(entry["name"]) for entry in existing]
        if twice := sorted({entry for entry in names if names.count(entry) > 1 and _touched(entry, request)}):
            raise TargetError(
                f"Container {name} of {what} has {', '.join(twice)} more than once, and a patch cannot tell them "
                "apart. Leave one of them first."
            )
        known = {str(entry["name"]): entry for entry in existing}
        references += [f"{entry} of container {name}" for entry in request.env if known.get(entry, {}).get("valueFrom")]
        changes.append(_change(name, known, request))
    if references and not request.overwrite_value_from:
        raise TargetError(
            f"{what} takes {', '.join(references)} from elsewhere (valueFrom), such as a Secret. Change it there, or "
            "set overwrite_value_from to put a plain value in its place."
        )
    return changes


def _touched(name: str, request: EnvRequest) -> bool:
    return name in request.env or name in request.remove


def _change(container: str, known: Mapping[str, JsonObject], request: EnvRequest) -> ContainerChange:
    """The change of one container. `known` are its variables by name, in their order."""
    values: list[JsonObject] = []
    for name in [
        *(name for name in known if name in request.env),
        *(name for name in request.env if name not in known),
    ]:
        old, value = known.get(name), request.env[name]
        if old and old.get("valueFrom"):
            values.append({"name": name, "value": value, "valueFrom": None})
        elif old is None or (old.get("value") or "") != value:
            values.append({"name": name, "value": value})
    removed = tuple(name for name in known if name in request.remove)
    order = tuple(name for name in {**known, **request.env} if name not in removed)
    return ContainerChange(container, tuple(values), removed, order)
