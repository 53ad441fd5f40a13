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
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.saferestart.k8s.plugins.module_utils._model.config_use import ConfigUse
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: How long a change may take to be in the volume of a pod that has it already: the kubelet looks every 60 to 90 s
#: (pkg/kubelet/pod_workers.go, workerResyncIntervalJitterFactor, and syncFrequency of its configuration).
COPIED = timedelta(seconds=120)
_FILES = frozenset({"sub_path", "volume"})
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


@dataclass(frozen=True, slots=True)
class Stale:
    """A use of something that has changed."""

    use: ConfigUse
    changed_at: datetime
    settled_at: datetime
    """Containers of that pod that are started from then on have it as it is now."""


def stale(uses: Iterable[ConfigUse], changes: Mapping[tuple[str, str], datetime]) -> list[Stale]:
    """The uses by containers that were started before the change of the object, known by kind and name, had settled."""
    found = []
    for use in uses:
        if moment := changes.get((use.kind, use.name)):
            settled = moment + COPIED if use.use in _FILES and use.pod_started_at < moment else moment
            if use.started_at < settled:
                found.append(Stale(use, moment, settled))
    return found
