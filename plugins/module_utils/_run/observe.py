# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Objects as they change: a list, then a watch, resumed for as long as the deadline allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing, WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import is_away
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable, WatchExpired
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
    wake: Callable[[], float | None] = lambda: None,
) -> Iterator[dict[str, JsonObject]]:
    """The matching objects by UID, first as they are and then after each change, until the deadline passes.

    `start` is a listing that the caller already has. A watch that ends is resumed from the last version seen; one that
    has expired (410) is started over with a new list, so nothing that still holds is missed. A server that is away is
    waited for, and is an error only if it still is at the end. The yielded dict is the same one each time. Ends
    silently at the deadline, which the caller may move meanwhile: the caller knows what it was waiting for. `wake` is
    asked before each watch in how many seconds the caller wants to go on even if nothing changes; they are rounded up.
    """
    listing = start

    def watch(version: str, seconds: float) -> Iterator[WatchEvent]:
        return api.watch(resource, namespace, version, seconds, label_selector, field_selector)

    while True:
        began = clock.monotonic()
        try:
            if listing is None:
                listing = api.list(resource, namespace, label_selector, field_selector)
            objects = {obj["metadata"]["uid"]: obj for obj in listing.items}
            yield objects
            for _change in _changes(clock, deadline, watch, objects, listing.resource_version, wake):
                yield objects
        except WatchExpired:
            listing = None
        except (Unreachable, ApiError) as error:
            if not is_away(error):
                raise
            _pause(clock, deadline, began)
            if deadline.passed():
                raise Unreachable(str(error)) from error
        if deadline.passed():
            return


def _changes(
    clock: Clock,
    deadline: Deadline,
    watch: Callable[[str, float], Iterator[WatchEvent]],
    objects: dict[str, JsonObject],
    version: str,
    wake: Callable[[], float | None],
) -> Iterator[None]:
    """Bring watch after watch into `objects`, stopping at each change. Raises WatchExpired; Unreachable at the end."""
    away: Unreachable | None = None

    def patience() -> float:
        nap = wake()
        return min(deadline.remaining(), WATCH_SECONDS if nap is None else max(PAUSE_SECONDS, math.ceil(nap)))

    while not deadline.passed():
        began, seconds, woken = clock.monotonic(), patience(), wake() is not None
        try:
            for event in watch(version, seconds):
                version = event.object["metadata"].get("resourceVersion", version)
                if _apply(objects, event):
                    yield
                    if patience() < began + seconds - clock.monotonic() - PAUSE_SECONDS:
                        break  # it was brought forward: this watch would last too long
            else:
                if woken:
                    yield
            away = None
        except Unreachable as error:
            away = error
        except WatchExpired:
            _pause(clock, deadline, began)
            raise
        _pause(clock, deadline, began)
    if away:
        raise away


def _pause(clock: Clock, deadline: Deadline, began: float) -> None:
    """Wait a little after a watch that ended as soon as it began."""
    if clock.monotonic() - began < PAUSE_SECONDS:
        clock.sleep(min(PAUSE_SECONDS, deadline.remaining()))


def _apply(objects: dict[str, JsonObject], event: WatchEvent) -> bool:
    """Bring the event into `objects`; True if that changed anything."""
    if event.type == "BOOKMARK":
        return False
    uid = event.object["metadata"]["uid"]
    if event.type == "DELETED":
        return objects.pop(uid, None) is not None
    objects[uid] = event.object
    return True
