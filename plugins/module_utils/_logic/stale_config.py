# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""When the content of a ConfigMap or Secret changed, by its metadata alone, and which containers have an older one.

Its managedFields say who set which fields, and when each of them last set or removed one of theirs (apimachinery's
pkg/apis/meta/v1/types.go, ManagedFieldsEntry.Time). One entry is about all fields of one manager, so that a change of
a label by the manager of the data counts as one of the data too. What is removed by another than had set it is not
seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._model.config_use import ConfigUse
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

_DATA = frozenset({"f:data", "f:binaryData", "f:stringData"})


def changed_at(obj: JsonObject) -> datetime | None:
    """When its content was last changed, or it was made; None where it has no managedFields to tell that by."""
    meta = obj["metadata"]
    managed = meta.get("managedFields") or []
    if not managed:
        return None
    times = [meta.get("creationTimestamp")]
    times += [entry.get("time") for entry in managed if _DATA & (entry.get("fieldsV1") or {}).keys()]
    return max((moment for text in times if (moment := parse_time(text))), default=None)


def stale(uses: Iterable[ConfigUse], changes: Mapping[tuple[str, str], datetime]) -> list[tuple[ConfigUse, datetime]]:
    """The uses whose container was started before the object, known by kind and name, changed; and when that was."""
    found = [(use, changes.get((use.kind, use.name))) for use in uses]
    return [(use, moment) for use, moment in found if moment and use.started_at < moment]
