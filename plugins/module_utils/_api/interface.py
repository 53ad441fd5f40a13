# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the rest of the collection may ask of a cluster. Everything above this floor is tested against a fake of it."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource


@dataclass(frozen=True, slots=True)
class Listing:
    """The items of a list request and the version to start a watch from."""

    items: list[JsonObject]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API server is, the certificates (PEM) that its own is checked with, and whether it is checked."""

    url: str
    ca_cert: str
    verified: bool


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One line of a watch: `ADDED`, `MODIFIED`, `DELETED` or `BOOKMARK`, and the object."""

    type: str
    object: JsonObject


@dataclass(frozen=True, slots=True)
class ExecEnd:
    """How an exec session ended: what was still printed, and the runtime's own words if it gave any.

    `code` is the command's exit code; None where nothing was said of it: the session was cut, or nothing was started.
    """

    stdout: str
    stderr: str
    message: str
    code: int | None = None


class ExecSession(abc.ABC):
    """A command running in a container, with its standard input open.

    It ends at the latest with the `with` block, unless it is released in it.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.released:
            self.close()

    @abc.abstractmethod
    def read_until(self, marker: str, seconds: float) -> str:
        """All standard output up to and with the line that is `marker`.

        Raises ExecFailed when the command could not be started, and ExecCut when the session ends or `seconds` pass
        before the marker came.
        """

    @abc.abstractmethod
    def send_line(self, text: str) -> None:
        """Write one line to standard input. Raises ExecCut if the session is gone."""

    @abc.abstractmethod
    def finish(self, seconds: float, last: str = "") -> ExecEnd:
        """Wait at most `seconds` for the session to end, and tell how. Never raises: a cut is an end like any other.

        A line of standard output that begins with `last`, where given, is the end as well.
        """

    @property
    def released(self) -> bool:
        """Whether it was released, and not taken up again."""
        return False

    @abc.abstractmethod
    def release(self, name: str) -> None:
        """The command goes on, waiting for input; ClusterApi.take_up gives the session to whoever knows that name."""

    @abc.abstractmethod
    def close(self) -> None:
        """Drop the connection. The command's standard input then reads end-of-file."""


class ClusterApi(abc.ABC):
    """A connection to one cluster. Methods raise ApiError (NotFound, WatchExpired ...) or Unreachable.

    Before they become errors 429 and 5xx answers are tried again as the server's Retry-After says, a server that has
    answered before and is away is waited for, and so are rights that it has granted before: see starting_again.py. What
    must not happen twice (create, replace, a JSON patch, an exec) is sent again only where nothing can have been begun.
    """

    @property
    @abc.abstractmethod
    def requests(self) -> int:
        """Requests sent so far, the watches aside; an exec session counts as one."""

    @property
    def restoring(self) -> ClusterApi:
        """The same cluster for requests that put back what this run has taken away: nothing may hold them up."""
        return self

    @property
    @abc.abstractmethod
    def endpoint(self) -> Endpoint:
        """How others can reach the same cluster; no certificates where those of the machine are trusted."""

    @abc.abstractmethod
    def get(self, resource: Resource, namespace: str, name: str, *, metadata_only: bool = False) -> JsonObject:
        """One object, or its metadata alone: then the server sends nothing else of it. Raises NotFound."""

    @abc.abstractmethod
    def list(self, resource: Resource, namespace: str, label_selector: str = "", field_selector: str = "") -> Listing:
        """The objects of that kind in the namespace that both selectors match; none where there is no namespace."""

    @abc.abstractmethod
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
        """Patch an object and return it as the server then has it; with `dry_run`, as it would have it (dryRun=All)."""

    @abc.abstractmethod
    def create(self, resource: Resource, namespace: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """Create an object and return it. Raises ApiError with the reason `AlreadyExists`."""

    @abc.abstractmethod
    def replace(self, resource: Resource, namespace: str, name: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """Put `body` in the object's place. With a resourceVersion in it, another version there is an ApiError 409."""

    @abc.abstractmethod
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
        """Ask for the object's end if it still has that UID, otherwise ApiError 409; that version too, where given.

        None: its own grace period.
        """

    @abc.abstractmethod
    def evict(
        self, namespace: str, pod: str, *, uid: str, grace_seconds: int | None = None, dry_run: bool = False
    ) -> None:
        """Delete a pod if its disruption budget has room: the server's own judgement, also in a dry run.

        Raises ApiError at once: 429 while there is no room, 500 where more than one budget covers the pod.
        """

    @abc.abstractmethod
    def discover(self, api_version: str, kind: str) -> Resource:
        """The type of that name. Raises NotFound where the server has no such API version, or no such kind in it."""

    @abc.abstractmethod
    def watch(
        self,
        resource: Resource,
        namespace: str,
        resource_version: str,
        seconds: float,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Iterator[WatchEvent]:
        """Events since `resource_version`, for at most `seconds`. Ends early if the server or the connection does.

        Raises WatchExpired when that version is no longer there to start from, and Unreachable when no connection
        can be made: the caller knows for how long to go on trying.
        """

    @abc.abstractmethod
    def log_tail(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> str:
        """The last lines of a container's log, or of its previous instance's."""

    @abc.abstractmethod
    def namespace_exists(self, namespace: str) -> bool | None:
        """Whether the namespace is there; None when the credentials are not allowed to ask."""

    @abc.abstractmethod
    def attach(self, namespace: str, pod: str, container: str) -> ExecSession:
        """Take hold of a running container's own standard input and output."""

    @abc.abstractmethod
    def exec(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool = True
    ) -> ExecSession:
        """Start a command in a running container, no terminal, standard input open unless `stdin` is false."""

    @abc.abstractmethod
    def take_up(self, name: str) -> ExecSession | None:
        """A session that was released by that name, at no request; None where it has ended, or waited for too long.

        It may have been cut off without a sign.
        """

    @abc.abstractmethod
    def ask_pod(self, namespace: str, pod: str, request: HttpGet, seconds: float) -> int | None:
        """Have the API server make the request to the pod, once: the HTTP status of the pod's answer.

        None where it is silent for so many seconds. Raises ApiError for what the API server itself answers: no right to
        pods/proxy (403), or no way to the pod (502, 503).
        """
