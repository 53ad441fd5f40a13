# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which pods do their work: Ready, and for as long as that has to last. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import (
    Group,
    is_available,
    ready_for,
    steady_seconds,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


class Availability:
    """Since when each pod has been Ready, on a monotonic clock, in seconds."""

    def __init__(self, min_ready_seconds: int | None) -> None:
        """How long it has to last; None: as the owner says, and a moment where no probe speaks for a container."""
        self._wanted = min_ready_seconds
        self._since: dict[str, float] | None = None
        self._known: dict[str, tuple[JsonObject, Group, bool, float]] = {}

    def begin(self, objects: Mapping[str, JsonObject], now: float, wall: datetime) -> None:
        """Take what the pods say of themselves, by the cluster's clock, for the time before the first look."""
        if self._since is None:
            self._since = {uid: now - ready_for(obj, wall) for uid, obj in objects.items()}

    def available(self, group: Group, members: Sequence[JsonObject], now: float) -> set[str]:
        """The UIDs of those pods of one owner that do their work at this moment."""
        since, found = self._since or {}, set()
        for obj in members:
            uid = obj["metadata"]["uid"]
            works, steady = self._read(group, uid, obj)
            if not works:
                since.pop(uid, None)
            elif now - since.setdefault(uid, now) >= steady:
                found.add(uid)
        self._since = since
        return found

    def moments(self, group: Group, members: Sequence[JsonObject], now: float) -> Iterator[float]:
        """When those that are Ready, as available() has just seen, will have been for long enough."""
        since = self._since or {}
        for obj in members:
            uid = obj["metadata"]["uid"]
            if uid in since:
                lasts = since[uid] + self._read(group, uid, obj)[1]
                if lasts > now:
                    yield lasts

    def _read(self, group: Group, uid: str, obj: JsonObject) -> tuple[bool, float]:
        """Whether the pod does its work, and for how long it has to before it counts; read once of each version."""
        known = self._known.get(uid)
        if known is None or known[0] is not obj or known[1] is not group:
            known = (obj, group, is_available(group, obj), steady_seconds(group, obj, self._wanted))
            self._known[uid] = known
        return known[2:]
