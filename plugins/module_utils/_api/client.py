# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The real cluster: raw JSON over the client library's connection pool.

No typed API classes and no models: they take seconds to import and tens of MiB a task.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import (
    authorization,
    credentials_hint,
    endpoint_of,
    load_configuration,
    request_headers,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.delete_options import delete_options
from ansible_collections.saferestart.k8s.plugins.module_utils._api.exec_session import open_exec
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import (
    api_error,
    called,
    json_object,
    retry_after,
    unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import (
    ClusterApi,
    Endpoint,
    ExecSession,
    Listing,
    WatchEvent,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.pod_proxy import ask_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    SafeRestartError,
    Unreachable,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    JSON_PATCH,
    POD,
    JsonObject,
    Resource,
)

try:
    import urllib3
    from kubernetes.client.rest import RESTClientObject
except ImportError:  # the entry reports it before anything here is called
    pass

#: Owner of the fields that this collection writes (kubectl shows it with --show-managed-fields).
FIELD_MANAGER = "saferestart.k8s"
JSON = "application/json"
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
TRIES = 6
#: Answers that say "not now" (429, with a Retry-After) or come from a server or proxy that is restarting.
PASSING = frozenset({429, 500, 502, 503, 504})
#: Of these, the one that says that nothing was done. A proxy says 503 also of what it had passed on.
REFUSED_UNREAD = frozenset({429})


class KubernetesApi(ClusterApi):
    """One cluster, by the authentication options of a module. Safe to use from several threads."""

    def __init__(self, auth: Mapping[str, Any], clock: Clock) -> None:
        self._configuration = load_configuration(auth)
        try:
            self._pool = RESTClientObject(self._configuration).pool_manager
        except (urllib3.exceptions.HTTPError, ImportError) as error:
            raise SafeRestartError(f"proxy cannot be used: {error}.") from error
        self._headers = request_headers(auth)
        self._clock = clock
        self._lock = threading.Lock()
        self._requests = 0
        self._answered = False

    @property
    def requests(self) -> int:
        """See ClusterApi."""
        return self._requests

    @property
    def endpoint(self) -> Endpoint:
        """See ClusterApi."""
        return endpoint_of(self._configuration)

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject:
        """See ClusterApi."""
        return self._json("GET", resource.path(namespace, name), f"get {called(resource, namespace, name)}")

    def list(self, resource: Resource, namespace: str, label_selector: str = "", field_selector: str = "") -> Listing:
        """See ClusterApi. Read in pages, as kubectl does; in one piece when a page expired meanwhile."""
        items: list[JsonObject] = []
        selectors = _given(labelSelector=label_selector, fieldSelector=field_selector)
        query = {**selectors, "limit": "500"}
        words = f"list {resource.plural} in namespace {namespace}"
        while True:
            try:
                page = self._json("GET", resource.path(namespace), words, query)
            except WatchExpired:
                if "continue" not in query:
                    raise
                items, query = [], selectors
                continue
            # a list says once what its items are; a watch and a get say it in each object
            identity = {"apiVersion": resource.api_version, "kind": resource.kind}
            items += [{**identity, **item} for item in page.get("items") or []]
            if not page["metadata"].get("continue"):
                return Listing(items, page["metadata"]["resourceVersion"])
            query["continue"] = page["metadata"]["continue"]

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: JsonObject | Sequence[JsonObject],
        content_type: str,
        *,
        dry_run: bool,
        subresource: str = "",
    ) -> JsonObject:
        """See ClusterApi."""
        words = f"patch {subresource and f'{subresource} of '}{called(resource, namespace, name)}"
        path, once = resource.path(namespace, name, subresource), content_type == JSON_PATCH
        return self._write("PATCH", path, words, body, content_type, dry_run, once=once)

    def create(self, resource: Resource, namespace: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """See ClusterApi."""
        words = f"create {resource.kind} {namespace}/{body['metadata'].get('name', '')}"
        return self._write("POST", resource.path(namespace), words, body, JSON, dry_run, once=True)

    def replace(self, resource: Resource, namespace: str, name: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """See ClusterApi."""
        words = f"replace {resource.kind} {namespace}/{name}"
        return self._write("PUT", resource.path(namespace, name), words, body, JSON, dry_run, once=True)

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str,
        resource_version: str = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """See ClusterApi."""
        words = f"delete {called(resource, namespace, name)}"
        body = json.dumps(delete_options(uid, resource_version, grace_seconds, dry_run=dry_run)).encode()
        self._ask("DELETE", resource.path(namespace, name), words, {}, body, JSON)

    def evict(
        self, namespace: str, pod: str, *, uid: str, grace_seconds: int | None = None, dry_run: bool = False
    ) -> None:
        """See ClusterApi. Source: pkg/registry/core/pod/storage/eviction.go."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"namespace": namespace, "name": pod},
            "deleteOptions": delete_options(uid, "", grace_seconds, dry_run=dry_run),
        }
        path, data = POD.path(namespace, pod, "eviction"), json.dumps(body).encode()
        self._ask("POST", path, f"evict Pod {namespace}/{pod}", {}, data, JSON, passing=PASSING - {429, 500})

    def discover(self, api_version: str, kind: str) -> Resource:
        """See ClusterApi."""
        root = "/apis" if "/" in api_version else "/api"
        found = self._json("GET", f"{root}/{api_version}", f"look for {kind} in {api_version}")
        for entry in found["resources"]:
            if entry["kind"] == kind and entry["namespaced"] and "/" not in entry["name"]:
                return Resource(api_version, kind, entry["name"])
        raise NotFound(f"The API version {api_version} has no namespaced kind {kind}.", 404)

    def watch(
        self,
        resource: Resource,
        namespace: str,
        resource_version: str,
        seconds: float,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Iterator[WatchEvent]:
        """See ClusterApi."""
        whole = max(1, round(seconds))
        query = _given(
            watch="1",
            allowWatchBookmarks="true",
            resourceVersion=resource_version,
            timeoutSeconds=str(whole),
            labelSelector=label_selector,
            fieldSelector=field_selector,
        )
        words = f"watch {resource.plural} in namespace {namespace}"
        response = self._ask(
            "GET", resource.path(namespace), words, query, seconds=whole + CONNECT_SECONDS, streamed=True
        )
        try:
            for line in _lines(response):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    code = int(event["object"].get("code", 500))
                    if code in PASSING:
                        return
                    raise api_error(words, code, json.dumps(event["object"]).encode())
                yield WatchEvent(event["type"], event["object"])
        except (urllib3.exceptions.HTTPError, OSError):
            return  # cut off: the caller resumes from the last version it saw
        finally:
            response.close()

    def log_tail(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> str:
        """See ClusterApi."""
        query = _given(container=container, tailLines=str(lines), previous="true" if previous else "")
        text: bytes = self._ask(
            "GET", POD.path(namespace, pod, "log"), f"read the log of Pod {namespace}/{pod}", query
        ).data
        return text.decode("utf-8", "replace")

    def namespace_exists(self, namespace: str) -> bool | None:
        """See ClusterApi."""
        try:
            self._json("GET", f"/api/v1/namespaces/{namespace}", f"get Namespace {namespace}")
        except NotFound:
            return False
        except ApiError:
            return None
        return True

    def attach(self, namespace: str, pod: str, container: str) -> ExecSession:
        """See ClusterApi."""
        request = f"attach to container {container} of Pod {namespace}/{pod}"
        return self._session(POD.path(namespace, pod, "attach"), container, [], request)

    def exec(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool = True
    ) -> ExecSession:
        """See ClusterApi."""
        request = f"exec into container {container} of Pod {namespace}/{pod}"
        return self._session(POD.path(namespace, pod, "exec"), container, command, request, stdin=stdin)

    def ask_pod(self, namespace: str, pod: str, request: HttpGet, seconds: float) -> int | None:
        """See ClusterApi."""
        with self._lock:
            self._requests += 1
        return ask_pod(self._send, self._configuration.host, namespace, pod, request, seconds)

    def _session(
        self, path: str, container: str, command: Sequence[str], request: str, *, stdin: bool = True
    ) -> ExecSession:
        """A WebSocket to a container; `request` says in an error what was asked."""
        query = [("container", container), *([("stdin", "true")] if stdin else []), ("stdout", "true")]
        query += [("command", word) for word in command]
        url = f"{self._configuration.host}{path}?{urlencode(query)}"
        headers = [f"{name}: {value}" for name, value in self._all_headers()]
        with self._lock:
            self._requests += 1
        return open_exec(self._configuration, url, headers, request)

    def _write(
        self,
        method: str,
        path: str,
        words: str,
        body: JsonObject | Sequence[JsonObject],
        content_type: str,
        dry_run: bool,
        *,
        once: bool,
    ) -> JsonObject:
        """One request that changes an object, and the object as it is then; `once`: never sent twice."""
        # An unknown field is an error, where the server can tell (1.25): by default it would be dropped in silence.
        query = _given(fieldManager=FIELD_MANAGER, fieldValidation="Strict", dryRun="All" if dry_run else "")
        data: bytes = self._ask(method, path, words, query, json.dumps(body).encode(), content_type, once=once).data
        return json_object(words, data)

    def _json(
        self,
        method: str,
        path: str,
        words: str,
        query: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """One request, its answer as JSON."""
        data: bytes = self._ask(method, path, words, query or {}).data
        return json_object(words, data)

    def _ask(
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
        passing: frozenset[int] = PASSING,
        once: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """The successful answer, tried for again while the server says that it will pass.

        A stream (a watch) that cannot be had is Unreachable at once: whoever watches knows how long to wait for it.
        """
        headers = {"Content-Type": content_type} if content_type else {}
        for attempt in range(TRIES):
            last, pause = attempt == TRIES - 1, 2.0**attempt / 2
            try:
                response = self._send(method, path, query, body, headers, seconds, streamed=streamed)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                # A wrong host is an error at once; a server that answered before is restarting or was cut off.
                unmade = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
                risky = once and not isinstance(error, unmade)
                if last or streamed or risky or not self._answered:
                    unsure = words if risky and self._answered else ""
                    raise unreachable(self._configuration.host, error, unsure) from error
                self._clock.sleep(pause)
                continue
            if 200 <= response.status < 300:
                return response
            if streamed and response.status in PASSING:
                raise Unreachable(str(self._error(words, response)))
            if last or response.status not in passing or (once and response.status not in REFUSED_UNREAD):
                raise self._error(words, response)
            self._clock.sleep(retry_after(response.headers.get("Retry-After", ""), pause))
        raise AssertionError("the last try returns or raises")

    def _send(
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
        with self._lock:
            self._requests += not streamed
        proof = self._all_headers()
        response = self._pool.request(
            method,
            self._configuration.host + path + (f"?{urlencode(query)}" if query else ""),
            body=body,
            headers=urllib3.HTTPHeaderDict([*proof, ("Accept", "application/json"), *headers.items()]),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            retries=False,
            preload_content=not streamed,
        )
        self._answered = True
        return response

    def _all_headers(self) -> Sequence[tuple[str, str]]:
        """Headers that prove who is asking. The lock: a kubeconfig may run a program to refresh its token."""
        with self._lock:
            value = authorization(self._configuration)
        return [*self._headers, ("Authorization", value)] if value else self._headers

    def _error(self, words: str, response: urllib3.BaseHTTPResponse) -> ApiError:
        """The error for an answer that is not a success."""
        try:
            data = response.data
        except (urllib3.exceptions.HTTPError, OSError):
            data = b""
        return api_error(words, response.status, data, credentials_hint(self._configuration, response.status))


def _given(**query: str) -> dict[str, str]:
    """The parameters that have a value."""
    return {name: value for name, value in query.items() if value}


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The lines of a streamed answer as they arrive."""
    rest = b""
    for chunk in response.stream(1 << 16, decode_content=True):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
