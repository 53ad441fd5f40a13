# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Events are written at the end of a run: side by side, for a bounded time, and no restart fails because of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import FORBIDDEN, ApiError, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, JsonObject

AT_ONCE = 8
#: No event is begun later. That is hundreds of them, where the server answers as usual.
MOST_SECONDS = 10.0


def write_events(api: ClusterApi, clock: Clock, events: Sequence[JsonObject]) -> list[str]:
    """Write them. Returns a warning where that did not work; not having the right to is no reason for one."""
    deadline, broken = Deadline(clock, MOST_SECONDS), threading.Event()

    def write(event: JsonObject) -> SafeRestartError | None:
        if broken.is_set() or deadline.passed():
            return None
        try:
            api.create(EVENT, event["metadata"]["namespace"], event, dry_run=False)
        except SafeRestartError as error:
            broken.set()
            return error
        return None

    if not events:
        return []
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(events))) as pool:
        errors = [error for error in pool.map(write, events) if error]
    told = [error for error in errors if not (isinstance(error, ApiError) and error.status == FORBIDDEN)]
    return [f"Not all events were written: {told[0]}"] if told else []
