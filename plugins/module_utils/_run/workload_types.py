# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From a kind, an API version and a path to a type of workload: known by name, or asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import TEMPLATES, WorkloadType

#: Nothing else gets into a request's path.
_API_VERSION = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?v[0-9][a-z0-9]*")
_PATH = re.compile(r"spec(\.[A-Za-z0-9_-]+)+")
#: Of the server's own types, those that have a template or are made from one, and are not replaced when it changes.
_NEVER_REPLACED = frozenset({"ReplicaSet", "ReplicationController", "Job", "Pod"})


def find_type(api: ClusterApi, kind: str, api_version: str | None, template_path: str | None) -> WorkloadType:
    """The type. One request at most, and none for those that are known by name.

    Raises TargetError for a kind that is not known and comes without an API version, and for one that does not exist.
    """
    if template_path is not None and not _PATH.fullmatch(template_path):
        raise TargetError(f"template_path: {template_path!r} is no path in the object's spec, such as spec.template.")
    found = _find(api, kind, api_version)
    return found if template_path is None else replace(found, template_path=tuple(template_path.split(".")))


def _find(api: ClusterApi, kind: str, api_version: str | None) -> WorkloadType:
    known = TEMPLATES.get(kind)
    if kind in _NEVER_REPLACED and "." not in (api_version or ""):
        raise TargetError(f"kind {kind}: no controller replaces its pods because its template was changed.")
    if api_version is None:
        if known is None:
            raise TargetError(
                f"kind {kind} is not known by name, as {', '.join(TEMPLATES)} are: api_version is needed."
            )
        return known
    if not _API_VERSION.fullmatch(api_version):
        raise TargetError(f"api_version: {api_version!r} is no API version, such as apps/v1.")
    if known and known.resource.api_version == api_version:
        return known
    try:
        resource = api.discover(api_version, kind)
    except NotFound as error:
        raise TargetError(f"The API server has no namespaced kind {kind} in {api_version}.") from error
    if known and known.resource.api_version.partition("/")[0] == api_version.partition("/")[0]:
        return replace(known, resource=resource)
    return WorkloadType(resource, built_in=False)
