# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The real cluster, in raw JSON: what is asked for each method of ClusterApi. How it gets there: see transport.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.auth import endpoint_of
from ansible_collections.saferestart.k8s.plugins.module_utils._api.body import as_go_writes
from ansible_collections.saferestart.k8s.plugins.module_utils._api.delete_options import delete_options
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import called, json_object
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import (
    ClusterApi,
    Endpoint,
    ExecSession,
    Listing,
    WatchEvent,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.pod_proxy import ask_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._api.transport import (
    CONNECT_SECONDS,
    JSON,
    METADATA,
    Transport,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.watch_stream import watch_events
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    JSON_PATCH,
    POD,
    JsonObject,
    Resource,
)

#: Owner of the fields that this collection writes (kubectl shows it with --show-managed-fields).
FIELD_MANAGER = "saferestart.k8s"


class KubernetesApi(ClusterApi):
    """One cluster, by the authentication options of a module. Safe to use from several threads."""

    def __init__(self, auth: Mapping[str, Any], clock: Clock) -> None:
        self._transport = Transport(auth, clock)

    @property
    def requests(self) -> int:
        """See ClusterApi."""
        return self._transport.requests

    @property
    def endpoint(self) -> Endpoint:
        """See ClusterApi."""
        return endpoint_of(self._transport.configuration)

    def get(self, resource: Resource, namespace: str, name: str, *, metadata_only: bool = False) -> JsonObject:
        """See ClusterApi."""
        path, words = resource.path(namespace, name), f"get {called(resource, namespace, name)}"
        return self._json("GET", path, words, accept=METADATA if metadata_only else JSON)

    def list(self, resource: Resource, namespace: str, label_selector: str = "", field_selector: str = "") -> Listing:
        """See ClusterApi. Read in pages, as kubectl does; in one piece when a page expired meanwhile."""
        items: list[JsonObject] = []
        selectors = _given(labelSelector=label_selector, fieldSelector=field_selector)
        query = {**selectors, "limit": "500"}
        words = f"list {resource.plural} in {f'namespace {namespace}' if namespace else 'all namespaces'}"
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
        self._transport.ask("DELETE", resource.path(namespace, name), words, {}, body, JSON)

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
        self._transport.ask("POST", path, f"evict Pod {namespace}/{pod}", {}, data, JSON, told=frozenset({429, 500}))

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
        response = self._transport.ask(
            "GET", resource.path(namespace), words, query, seconds=whole + CONNECT_SECONDS, streamed=True
        )
        yield from watch_events(response, words)

    def log_tail(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> str:
        """See ClusterApi."""
        query = _given(container=container, tailLines=str(lines), previous="true" if previous else "")
        text: bytes = self._transport.ask(
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
        return self._transport.session(POD.path(namespace, pod, "attach"), container, [], request)

    def exec(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool = True
    ) -> ExecSession:
        """See ClusterApi."""
        request = f"exec into container {container} of Pod {namespace}/{pod}"
        return self._transport.session(POD.path(namespace, pod, "exec"), container, command, request, stdin=stdin)

    def take_up(self, name: str) -> ExecSession | None:
        """See ClusterApi."""
        return self._transport.sessions.take_up(name)

    def ask_pod(self, namespace: str, pod: str, request: HttpGet, seconds: float) -> int | None:
        """See ClusterApi."""
        self._transport.count()
        return ask_pod(self._transport.send, self._transport.configuration.host, namespace, pod, request, seconds)

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
        data: bytes = self._transport.ask(method, path, words, query, as_go_writes(body), content_type, once=once).data
        return json_object(words, data)

    def _json(
        self,
        method: str,
        path: str,
        words: str,
        query: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> JsonObject:
        """One request, its answer as JSON."""
        data: bytes = self._transport.ask(method, path, words, query or {}, accept=accept).data
        return json_object(words, data)


def _given(**query: str) -> dict[str, str]:
    """The parameters that have a value."""
    return {name: value for name, value in query.items() if value}
