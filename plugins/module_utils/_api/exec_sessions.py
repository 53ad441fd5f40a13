# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The exec sessions of one cluster, some of them kept open for a moment, to be gone on with.

A session costs the node a process and several round trips. What looks at a container and then signals it needs one.
"""

from __future__ import annotations

import contextlib
import threading
from functools import cached_property
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_session import (
    WebSocketExec,
    open_exec,
    tls_options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock

with contextlib.suppress(ImportError):  # the entry reports it before anything here is called
    from kubernetes.client import Configuration

#: A shell does not wait for longer.
KEPT_SECONDS = 300.0
#: Proxies and load balancers commonly cut what is silent for a minute, some of them without a word to anybody.
SILENT_SECONDS = 45.0
#: How long the other end may take to say that it is still there.
ANSWER_SECONDS = 5.0
#: Each is an open file here, and a shell in a container there.
MOST_KEPT = 250


class ExecSessions:
    """Opens sessions, and keeps those that are released. Safe to use from several threads."""

    def __init__(self, configuration: Configuration, clock: Clock) -> None:
        self._configuration, self._clock = configuration, clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, WebSocketExec]] = {}
        """Since when, and what, by name; the oldest first."""
        self._sweep: threading.Timer | None = None

    def open(self, url: str, headers: list[str], request: str) -> WebSocketExec:
        """Open a session. Raises ApiError or Unreachable; `request` says in its error what was asked."""
        return open_exec(self._configuration, self._tls, url, headers, request, self._keep)

    def take_up(self, name: str) -> WebSocketExec | None:
        """See ClusterApi."""
        with self._lock:
            since, session = self._kept.pop(name, (0.0, None))
        if session is None:
            return None
        kept = self._clock.monotonic() - since
        unsure = kept > SILENT_SECONDS
        if kept >= KEPT_SECONDS or not session.is_silent() or (unsure and not session.answers(ANSWER_SECONDS)):
            session.drop()
            return None
        session.resume()
        return session

    @cached_property
    def _tls(self) -> dict[str, Any]:
        """The same for all: it takes some milliseconds to read the certificates, and memory to keep them."""
        return tls_options(self._configuration)

    def _keep(self, name: str, session: WebSocketExec) -> None:
        """Until it is taken up; it is dropped where it waits for too long, or there are many already."""
        with self._lock:
            over = self._outdated()
            if len(self._kept) < MOST_KEPT:
                self._kept[name] = (self._clock.monotonic(), session)
                self._see_to_it()
            else:  # those that were looked at first go first
                over.append(session)
        for old in over:
            old.drop()

    def _see_to_it(self) -> None:
        """Have those that wait for too long dropped, also where nobody asks for one meanwhile."""
        if self._sweep is None:
            self._sweep = threading.Timer(SILENT_SECONDS, self._drop_outdated)
            self._sweep.daemon = True
            self._sweep.start()

    def _drop_outdated(self) -> None:
        """Drop them, and look again later if there are others."""
        with self._lock:
            over, self._sweep = self._outdated(), None
            if self._kept:
                self._see_to_it()
        for old in over:
            old.drop()

    def _outdated(self) -> list[WebSocketExec]:
        """Take out what has waited for too long."""
        end = self._clock.monotonic() - KEPT_SECONDS
        return [self._kept.pop(name)[1] for name, (since, _session) in list(self._kept.items()) if since <= end]
