# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How requests and sessions reach the server: the client library's connection pool, and what is tried again.

No typed API classes and no models: they take seconds to import and tens of MiB a task.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
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
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import (
    Again,
    Rights,
    by_right,
    passes,
)
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

_T = TypeVar("_T")
JSON = "application/json"
#: Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, PartialObjectMetadata (Kubernetes 1.15).
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
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
        self._rights = Rights()

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
        verb = "WATCH" if streamed else method

        def risky(error: BaseException | None) -> bool:
            """Whether it may have been carried out, and must not be twice."""
            unmade = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
            return once and not isinstance(error, unmade)

        def attempt() -> urllib3.BaseHTTPResponse:
            try:
                response = self.send(method, path, query, body, headers, seconds, streamed=streamed)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                unsure = words if self._answered and risky(error) else ""
                raise unreachable(self.configuration.host, error, unsure) from error
            if 200 <= response.status < 300:
                return response
            raise self._error(words, response)

        def repeated(error: ApiError | Unreachable) -> bool:
            if isinstance(error, Unreachable):
                return not streamed and not risky(error.__cause__)
            return not streamed and error.status not in told and not (once and error.status not in REFUSED_UNREAD)

        try:
            return self._try(verb, path, attempt, repeated)
        except ApiError as error:
            if streamed and passes(error, allowed=self._rights.had_alike(verb, path)):
                raise Unreachable(str(error)) from error
            raise

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
        error = api_error(words, response.status, data, credentials_hint(self.configuration, response.status))
        error.retry_after = response.headers.get("Retry-After", "")
        return error

    def session(
        self, path: str, container: str, command: Sequence[str], request: str, *, stdin: bool = True
    ) -> ExecSession:
        """A WebSocket to a container; `request` says in an error what was asked."""
        query = [("container", container), *([("stdin", "true")] if stdin else []), ("stdout", "true")]
        query += [("command", word) for word in command]
        url = f"{self.configuration.host}{path}?{urlencode(query)}"

        def attempt() -> ExecSession:
            self.count()
            # Made anew: a token may have run out since the last one.
            headers = [f"{name}: {value}" for name, value in self._all_headers()]
            return self.sessions.open(url, headers, request)

        def repeated(error: ApiError | Unreachable) -> bool:
            """Where it is certain that nothing was begun."""
            if isinstance(error, Unreachable):
                return isinstance(error.__cause__, ConnectionRefusedError)
            return error.status in REFUSED_UNREAD

        return self._try("exec", path, attempt, repeated)

    def _try(
        self, verb: str, path: str, attempt: Callable[[], _T], repeated: Callable[[ApiError | Unreachable], bool]
    ) -> _T:
        """What the attempt returns, made again after what passes, where it may be `repeated`."""
        again = Again()
        while True:
            try:
                done = attempt()
            except (ApiError, Unreachable) as error:
                pause = self._pause(again, verb, path, error) if repeated(error) else None
                if pause is None:
                    raise
                self._clock.sleep(pause)
            else:
                self._rights.note(verb, path)
                return done

    def _pause(self, again: Again, verb: str, path: str, error: ApiError | Unreachable) -> float | None:
        """Seconds until the next attempt; None where that would not help."""
        if isinstance(error, Unreachable):
            # A wrong host is an error at once; a server that answered before is restarting or was cut off.
            return again.pause(None) if self._answered else None
        allowed = self._rights.had_alike(verb, path)
        if allowed and by_right(error) and not again.settled and not self._rights.had(verb, path):
            again.settled = self._has_read_roles(path)
        pause = again.pause(error, allowed=allowed)
        return None if pause is None else retry_after(error.retry_after, pause)

    def _has_read_roles(self, path: str) -> bool:
        """Whether the server allows what it allowed before, in the same namespace: then it knows the roles already.

        Only the status counts, so that the metadata is enough: the object may be a Secret. A list has none, which is a
        406 once it is allowed (apiserver/pkg/endpoints/handlers/response.go, asPartialObjectMetadata).
        """
        known = self._rights.known_read(path)
        if not known:
            return False
        try:
            response = self.send("GET", known, {"limit": "1"}, None, {"Accept": METADATA}, READ_SECONDS, streamed=False)
        except (urllib3.exceptions.HTTPError, OSError):
            return False
        return response.status < 500 and response.status not in REFUSED_UNREAD

    def count(self) -> None:
        """One request more."""
        with self._lock:
            self.requests += 1
