# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How requests and sessions reach the server: the client library's connection pool, and what is tried again.

No typed API classes and no models: they take seconds to import and tens of MiB a task.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import (
    authorization,
    credentials_hint,
    load_configuration,
    request_headers,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_sessions import ExecSessions
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import api_error, retry_after, unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import Again, right_to
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)

try:
    import urllib3
    from kubernetes.client.rest import RESTClientObject
except ImportError:  # the entry reports it before anything here is called
    pass

JSON = "application/json"
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
#: Answers that say that nothing was done. A proxy says 503 also of what it had passed on.
REFUSED_UNREAD = frozenset({401, 403, 429})


class Transport:
    """To one cluster, by the authentication options of a module. Safe to use from several threads."""

    def __init__(self, auth: Mapping[str, Any], clock: Clock) -> None:
        self.configuration = load_configuration(auth)
        try:
            self._pool = RESTClientObject(self.configuration).pool_manager
        except (urllib3.exceptions.HTTPError, ImportError) as error:
            raise SafeRestartError(f"proxy cannot be used: {error}.") from error
        self._headers = request_headers(auth)
        self._clock = clock
        self._lock = threading.Lock()
        self.requests = 0
        """Sent so far, the watches aside."""
        self._answered = False
        self.sessions = ExecSessions(self.configuration, clock)
        self._allowed: set[tuple[str, str]] = set()

    def ask(
        self,
        method: str,
        path: str,
        words: str,
        query: Mapping[str, str],
        body: bytes | None = None,
        content_type: str = "",
        seconds: float = READ_SECONDS,
        *,
        streamed: bool = False,
        told: frozenset[int] = frozenset(),
        once: bool = False,
        accept: str = JSON,
    ) -> urllib3.BaseHTTPResponse:
        """The successful answer, tried for again while the server says that it will pass; not for codes in `told`.

        A stream (a watch) that cannot be had is Unreachable at once: whoever watches knows how long to wait for it.
        """
        headers = {"Accept": accept} | ({"Content-Type": content_type} if content_type else {})
        again, right = Again(), right_to("WATCH" if streamed else method, path)
        while True:
            try:
                response = self.send(method, path, query, body, headers, seconds, streamed=streamed)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                # A wrong host is an error at once; a server that answered before is restarting or was cut off.
                unmade = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
                risky = once and not isinstance(error, unmade)
                pause = again.pause(None)
                if pause is None or streamed or risky or not self._answered:
                    unsure = words if risky and self._answered else ""
                    raise unreachable(self.configuration.host, error, unsure) from error
                self._clock.sleep(pause)
                continue
            if 200 <= response.status < 300:
                self._allowed.add(right)
                return response
            refusal = self._error(words, response)
            pause = again.pause(refusal, allowed=right in self._allowed)
            if pause is None or refusal.status in told or (once and refusal.status not in REFUSED_UNREAD):
                raise refusal
            if streamed:
                raise Unreachable(str(refusal))
            self._clock.sleep(retry_after(response.headers.get("Retry-After", ""), pause))

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
        *,
        streamed: bool,
    ) -> urllib3.BaseHTTPResponse:
        """Send one request. The body of a stream is left to be read, and it is not counted."""
        if not streamed:
            self.count()
        proof = self._all_headers()
        response = self._pool.request(
            method,
            self.configuration.host + path + (f"?{urlencode(query)}" if query else ""),
            body=body,
            headers=urllib3.HTTPHeaderDict([*proof, *headers.items()]),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            retries=False,
            preload_content=not streamed,
        )
        self._answered = True
        return response

    def _all_headers(self) -> Sequence[tuple[str, str]]:
        """Headers that prove who is asking. The lock: a kubeconfig may run a program to refresh its token."""
        with self._lock:
            value = authorization(self.configuration)
        return [*self._headers, ("Authorization", value)] if value else self._headers

    def _error(self, words: str, response: urllib3.BaseHTTPResponse) -> ApiError:
        """The error for an answer that is not a success."""
        try:
            data = response.data
        except (urllib3.exceptions.HTTPError, OSError):
            data = b""
        return api_error(words, response.status, data, credentials_hint(self.configuration, response.status))

    def session(
        self, path: str, container: str, command: Sequence[str], request: str, *, stdin: bool = True
    ) -> ExecSession:
        """A WebSocket to a container; `request` says in an error what was asked."""
        query = [("container", container), *([("stdin", "true")] if stdin else []), ("stdout", "true")]
        query += [("command", word) for word in command]
        url = f"{self.configuration.host}{path}?{urlencode(query)}"
        headers = [f"{name}: {value}" for name, value in self._all_headers()]
        again, right = Again(), right_to("exec", path)
        while True:
            self.count()
            try:
                session = self.sessions.open(url, headers, request)
            except (ApiError, Unreachable) as error:
                pause = self._pause_unread(again, error, right)
                if pause is None:
                    raise
                self._clock.sleep(pause)
            else:
                self._allowed.add(right)
                return session

    def count(self) -> None:
        """One request more."""
        with self._lock:
            self.requests += 1

    def _pause_unread(self, again: Again, error: ApiError | Unreachable, right: tuple[str, str]) -> float | None:
        """Before another try, where it is certain that nothing was begun; None otherwise."""
        if isinstance(error, ApiError):
            unread = error.status in REFUSED_UNREAD
            return again.pause(error, allowed=right in self._allowed) if unread else None
        refused = isinstance(error.__cause__, ConnectionRefusedError)
        return again.pause(None) if refused and self._answered else None
