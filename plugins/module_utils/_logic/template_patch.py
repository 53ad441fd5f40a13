# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A patch of a pod template as a patch of the workload that has it. Pure.

Sources: RFC 7386 (merge patch), RFC 6902 and 6901 (JSON patch, its paths), and for strategic merge patches
staging/src/k8s.io/apimachinery/pkg/util/strategicpatch.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WorkloadType

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "strategic": "application/strategic-merge-patch+json",
        "merge": "application/merge-patch+json",
        "json": "application/json-patch+json",
    }
)
_WITH_VALUE = frozenset({"add", "replace", "test"})
_WITH_FROM = frozenset({"move", "copy"})
_OPERATIONS = _WITH_VALUE | _WITH_FROM | {"remove"}


def patch_type(asked: str | None, kind: WorkloadType, patch: object) -> str:
    """The type of the patch: as asked for, or what fits the type of the workload, and of the patch.

    Raises TargetError for a type that the API server would not take, or that the patch cannot be.
    """
    found = asked or ("json" if isinstance(patch, list) else "strategic" if kind.built_in else "merge")
    if found == "strategic" and not kind.built_in:
        raise TargetError(
            f"patch_type: a {kind.resource.kind} is a custom resource, and the API server takes no strategic merge "
            "patch of it. Take merge or json; a merge patch replaces lists as a whole."
        )
    wanted = list if found == "json" else dict
    if not isinstance(patch, wanted):
        words = "a list of operations" if found == "json" else "a dictionary"
        raise TargetError(f"patch: for patch_type {found} it has to be {words}, not {_shown(patch)}.")
    if not patch:
        raise TargetError("patch is empty.")
    return found


def whole_patch(patch: Any, kind: WorkloadType, obj: JsonObject, annotations: Mapping[str, str]) -> Any:
    """The patch of the workload; `annotations` are set on the workload by the same request.

    A list is a JSON patch, whose paths begin at the template, with a slash. Raises TargetError for one that is none.
    """
    if isinstance(patch, list):
        base = "/" + "/".join(kind.template_path)
        made = [_operation(entry, number, base) for number, entry in enumerate(patch)]
        if annotations and not obj["metadata"].get("annotations"):
            made.append({"op": "add", "path": "/metadata/annotations", "value": {}})
        return made + [
            {"op": "add", "path": f"/metadata/annotations/{_escaped(key)}", "value": value}
            for key, value in annotations.items()
        ]
    return kind.at_template(patch) | ({"metadata": {"annotations": dict(annotations)}} if annotations else {})


def _operation(entry: object, number: int, base: str) -> JsonObject:
    """One operation, from the template's root to the workload's."""
    where = f"patch[{number}]"
    if not isinstance(entry, dict) or entry.get("op") not in _OPERATIONS:
        raise TargetError(f"{where}: an operation has one of {', '.join(sorted(_OPERATIONS))} as its op.")
    needed = ["path"] + ["value"] * (entry["op"] in _WITH_VALUE) + ["from"] * (entry["op"] in _WITH_FROM)
    if missing := [name for name in needed if name not in entry]:
        raise TargetError(f"{where}: {entry['op']} needs {' and '.join(missing)}.")
    paths = {name: entry[name] for name in ("path", "from") if name in needed}
    for name, path in paths.items():
        if not isinstance(path, str) or (path and not path.startswith("/")):
            raise TargetError(f"{where}: {name} {path!r} has to begin with a slash, and counts from the pod template.")
    return {**entry, **{name: base + path for name, path in paths.items()}}


def _escaped(key: str) -> str:
    """A key as a JSON pointer has it."""
    return key.replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
