# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Objects as they change: a list, then a watch, resumed for as long as the deadline allows."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing, WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import WatchExpired
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource

#: Between two watches that ended at once, so that a server that keeps hanging up is not flooded.
PAUSE_SECONDS = 1.0
#: One watch request lasts at most this long; client-go's reflector uses 5 to 10 minutes.
WATCH_SECONDS = 300.0


def observe(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    resource: Resource,
    namespace: str,
    *,
    label_selector: str = "",
    field_selector: str = "",
    start: Listing | None = None,
) -> Iterator[dict[str, JsonObject]]:
    """The matching objects by UID, first as they are and then after each change, until the deadline passes.

    `start` is a listing that the caller already has. A watch that ends is resumed from the last version seen; one that
    has expired (410) is started over with a new list, so nothing that still holds is missed. The yielded dict is
    the same one each time. Ends silently at the deadline: the caller knows what it was waiting for.
    """
    listing = start
    while True:
        if listing is None:
            listing = api.list(resource, namespace, label_selector, field_selector)
        objects = {obj["metadata"]["uid"]: obj for obj in listing.items}
        yield objects
        version = listing.resource_version
        try:
            while not deadline.passed():
                began = clock.monotonic()
                seconds = min(deadline.remaining(), WATCH_SECONDS)
                for event in api.watch(resource, namespace, version, seconds, label_selector, field_selector):
                    version = event.object["metadata"].get("resourceVersion", version)
                    if _apply(objects, event):
                        yield objects
                if clock.monotonic() - began < PAUSE_SECONDS:
                    clock.sleep(min(PAUSE_SECONDS, deadline.remaining()))
        except WatchExpired:
            listing = None
        if deadline.passed():
            return


def _apply(objects: dict[str, JsonObject], event: WatchEvent) -> bool:
    """Bring the event into `objects`; True if that changed anything."""
    if event.type == "BOOKMARK":
        return False
    uid = event.object["metadata"]["uid"]
    if event.type == "DELETED":
        return objects.pop(uid, None) is not None
    objects[uid] = event.object
    return True
