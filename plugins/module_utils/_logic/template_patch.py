# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A patch of a pod template, as a user writes it and as it is sent. Pure.

Source: staging/src/k8s.io/apimachinery/pkg/types/patch.go for the content types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.json_patch import (
    below,
    escaped,
    patched,
    require_operations,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WorkloadType

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "strategic": STRATEGIC_MERGE_PATCH,
        "merge": MERGE_PATCH,
        "json": JSON_PATCH,
    }
)
_TEMPLATE_KEYS = frozenset({"metadata", "spec"})


@dataclass(frozen=True, slots=True)
class TemplatePatch:
    """A patch of the pod template of one type of workload."""

    kind: WorkloadType
    type: str
    """A key of CONTENT_TYPES."""
    patch: Any

    @classmethod
    def from_options(cls, kind: WorkloadType, patch_type: str | None, patch: object) -> TemplatePatch:
        """From the options. Raises TargetError for what is no patch of that type, or of a pod template."""
        chosen = patch_type or ("strategic" if kind.built_in else "merge")
        if chosen == "json":
            return cls(kind, chosen, require_operations(patch))
        if chosen == "strategic" and not kind.built_in:
            raise TargetError(
                f"patch_type strategic is not for a {kind.resource.kind} of {kind.resource.api_version}: an API server "
                "takes it for its own types only. Use merge, which replaces whole lists, or json."
            )
        if not isinstance(patch, dict) or not patch:
            raise TargetError(f"patch has to be a dictionary where patch_type is {chosen}, and not an empty one.")
        if unknown := [str(key) for key in patch if key not in _TEMPLATE_KEYS and not str(key).startswith("$")]:
            raise TargetError(
                f"patch has {', '.join(unknown)}, but it is a patch of a pod template, which has metadata and spec "
                "only: {spec: {containers: [...]}}."
            )
        if isinstance(spec := patch.get("spec"), dict) and "template" in spec:
            raise TargetError("patch has spec.template. It is a patch of the pod template itself: leave those two out.")
        return cls(kind, chosen, patch)

    @property
    def content_type(self) -> str:
        """The request's Content-Type."""
        return CONTENT_TYPES[self.type]

    def require_applicable(self, template: JsonObject) -> None:
        """Raises TargetError where a JSON patch does not fit the template. Of the others only the server can tell."""
        if self.type == "json":
            patched(template, self.patch)

    def body(self, obj: JsonObject, annotations: Mapping[str, str]) -> JsonObject | list[JsonObject]:
        """What is sent, together with annotations of the object itself."""
        if self.type == "json":
            return [*below(self.kind.template_path, self.patch), *_annotate(obj, annotations)]
        body = self.kind.at_template(self.patch)
        return body | {"metadata": {"annotations": dict(annotations)}} if annotations else body


def _annotate(obj: JsonObject, annotations: Mapping[str, str]) -> list[JsonObject]:
    """Operations that set annotations. Where there were none, only if the object is still the one that was read."""
    if not annotations:
        return []
    if not obj["metadata"].get("annotations"):
        version = obj["metadata"]["resourceVersion"]
        return [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/metadata/annotations", "value": dict(annotations)},
        ]
    return [
        {"op": "add", "path": f"/metadata/annotations/{escaped(key)}", "value": value}
        for key, value in annotations.items()
    ]
