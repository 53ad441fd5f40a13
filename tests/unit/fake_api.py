# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for tests: scripted, with no network.

A call that was not expected fails the test at once; an expectation that nobody used fails it at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import (
    ClusterApi,
    Endpoint,
    ExecSession,
    Listing,
    WatchEvent,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec

STRATEGIC = "application/strategic-merge-patch+json"


@dataclass(slots=True)
class Expectation:
    """One call that has to come, and what it is answered with; an exception is raised instead."""

    method: str
    arguments: dict[str, Any]
    answer: Any
    cut: bool = False


class FakeApi(ClusterApi):
    """A ClusterApi that follows a script: `expect_*` in the order of the calls, or in any order with `ordered=False`.

    As a context manager, and as the fixture `fake_api`, it checks at the end that the whole script was used.
    """

    def __init__(self, clock: FakeClock | None = None, *, ordered: bool = True) -> None:
        self.clock = clock or FakeClock()
        self.ordered = ordered
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._script: list[Expectation] = []
        self._problems: list[str] = []
        self.sessions: list[FakeExec] = []
        self.kept: dict[str, FakeExec] = {}
        """What was released, by name."""
        self._requests = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self.assert_done()

    def assert_done(self) -> None:
        """Fail unless every expectation was used, every exec session was closed, and nothing unexpected was called."""
        problems = [*self._problems, *(f"expected, and never came: {_words(entry)}" for entry in self._script)]
        for session in self.sessions:
            problems += session.problems()
        assert not problems, "\n".join(problems)

    # What a test says.

    def expect_get(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        answer: JsonObject | Exception,
        *,
        metadata_only: bool = False,
    ) -> None:
        """A get of one object, or of its metadata alone."""
        more = {"metadata_only": True} if metadata_only else {}
        self._expect("get", answer, _one(resource, namespace, name) | more)

    def expect_list(
        self,
        resource: Resource,
        namespace: str,
        answer: Sequence[JsonObject] | Exception,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "100",
    ) -> None:
        """A list, answered with these items at that version.

        An API server leaves apiVersion and kind out of a list's items, and the client puts them in: so does this.
        """
        identity = {"apiVersion": resource.api_version, "kind": resource.kind}
        listing: Listing | Exception
        if isinstance(answer, Exception):
            listing = answer
        else:
            listing = Listing([{**item, **identity} for item in answer], resource_version)
        self._expect("list", listing, _many(resource, namespace, label_selector, field_selector))

    def expect_patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: JsonObject | Sequence[JsonObject],
        answer: JsonObject | Exception,
        *,
        content_type: str = STRATEGIC,
        dry_run: bool = False,
        subresource: str = "",
    ) -> None:
        """A patch with exactly this body."""
        options = {"body": body, "content_type": content_type, "dry_run": dry_run, "subresource": subresource}
        self._expect("patch", answer, _one(resource, namespace, name) | options)

    def expect_create(
        self,
        resource: Resource,
        namespace: str,
        body: JsonObject,
        answer: JsonObject | Exception,
        *,
        dry_run: bool = False,
    ) -> None:
        """A create with exactly this body."""
        options = {"resource": resource, "namespace": namespace, "body": body, "dry_run": dry_run}
        self._expect("create", answer, options)

    def expect_replace(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: JsonObject,
        answer: JsonObject | Exception,
        *,
        dry_run: bool = False,
    ) -> None:
        """A replace with exactly this body."""
        self._expect("replace", answer, _one(resource, namespace, name) | {"body": body, "dry_run": dry_run})

    def expect_delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        answer: Exception | None = None,
        *,
        uid: str,
        resource_version: str = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """A delete with exactly these options."""
        options = {
            "uid": uid,
            "resource_version": resource_version,
            "grace_seconds": grace_seconds,
            "dry_run": dry_run,
        }
        self._expect("delete", answer, _one(resource, namespace, name) | options)

    def expect_evict(
        self,
        namespace: str,
        pod: str,
        answer: Exception | None = None,
        *,
        uid: str,
        grace_seconds: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """An eviction with exactly these options."""
        options = {"uid": uid, "grace_seconds": grace_seconds, "dry_run": dry_run}
        self._expect("evict", answer, {"namespace": namespace, "pod": pod} | options)

    def expect_discover(self, api_version: str, kind: str, answer: Resource | Exception) -> None:
        """The question for a type."""
        self._expect("discover", answer, {"api_version": api_version, "kind": kind})

    def expect_watch(
        self,
        resource: Resource,
        namespace: str,
        events: Sequence[WatchEvent | float | Exception],
        *,
        resource_version: str,
        label_selector: str = "",
        field_selector: str = "",
        cut: bool = False,
    ) -> None:
        """A watch from that version on, with these events.

        A number lets so many seconds pass, an exception is raised. Afterwards the watch goes on, silent, for as long as
        was asked for; with `cut` it ends at once, as when the connection broke.
        """
        arguments = _many(resource, namespace, label_selector, field_selector) | {"resource_version": resource_version}
        self._expect("watch", [*events], arguments, cut=cut)

    def expect_log(
        self,
        namespace: str,
        pod: str,
        container: str,
        answer: str | Exception,
        *,
        lines: int = 10,
        previous: bool = False,
    ) -> None:
        """A request for the end of a container's log."""
        options = {"lines": lines, "previous": previous}
        self._expect("log_tail", answer, _inside(namespace, pod, container) | options)

    def expect_namespace(self, namespace: str, answer: bool | None) -> None:
        """The question whether a namespace exists."""
        self._expect("namespace_exists", answer, {"namespace": namespace})

    def expect_attach(self, namespace: str, pod: str, container: str, answer: FakeExec | Exception) -> None:
        """An attach, answered with a scripted session."""
        self._expect("attach", answer, _inside(namespace, pod, container))

    def expect_exec(
        self,
        namespace: str,
        pod: str,
        container: str,
        answer: FakeExec | Exception,
        *,
        command: Sequence[str] | None = None,
        stdin: bool = True,
    ) -> None:
        """An exec, answered with a scripted session. The command is checked if given, and kept in the session."""
        options = {"command": None if command is None else [*command], "stdin": stdin}
        self._expect("exec", answer, _inside(namespace, pod, container) | options)

    def expect_ask_pod(
        self, namespace: str, pod: str, request: HttpGet, answer: int | Exception | None, *, seconds: float
    ) -> None:
        """A request to a pod through the API server."""
        self._expect("ask_pod", answer, {"namespace": namespace, "pod": pod, "request": request, "seconds": seconds})

    # What the code under test calls.

    @property
    def requests(self) -> int:
        """As ClusterApi: the watches are not counted."""
        return self._requests

    @property
    def endpoint(self) -> Endpoint:
        """See ClusterApi."""
        return Endpoint("https://cluster.test:6443", "-----BEGIN CERTIFICATE-----\n", verified=True)

    def get(self, resource: Resource, namespace: str, name: str, *, metadata_only: bool = False) -> JsonObject:
        """See ClusterApi."""
        more = {"metadata_only": True} if metadata_only else {}
        answer: JsonObject = self._take("get", _one(resource, namespace, name) | more).answer
        return answer

    def list(self, resource: Resource, namespace: str, label_selector: str = "", field_selector: str = "") -> Listing:
        """See ClusterApi."""
        answer: Listing = self._take("list", _many(resource, namespace, label_selector, field_selector)).answer
        return answer

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
        options = {"body": body, "content_type": content_type, "dry_run": dry_run, "subresource": subresource}
        answer: JsonObject = self._take("patch", _one(resource, namespace, name) | options).answer
        return answer

    def create(self, resource: Resource, namespace: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """See ClusterApi."""
        options = {"resource": resource, "namespace": namespace, "body": body, "dry_run": dry_run}
        answer: JsonObject = self._take("create", options).answer
        return answer

    def replace(self, resource: Resource, namespace: str, name: str, body: JsonObject, *, dry_run: bool) -> JsonObject:
        """See ClusterApi."""
        options = {"body": body, "dry_run": dry_run}
        answer: JsonObject = self._take("replace", _one(resource, namespace, name) | options).answer
        return answer

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
        options = {
            "uid": uid,
            "resource_version": resource_version,
            "grace_seconds": grace_seconds,
            "dry_run": dry_run,
        }
        self._take("delete", _one(resource, namespace, name) | options)

    def evict(
        self, namespace: str, pod: str, *, uid: str, grace_seconds: int | None = None, dry_run: bool = False
    ) -> None:
        """See ClusterApi."""
        options = {"uid": uid, "grace_seconds": grace_seconds, "dry_run": dry_run}
        self._take("evict", {"namespace": namespace, "pod": pod} | options)

    def discover(self, api_version: str, kind: str) -> Resource:
        """See ClusterApi."""
        answer: Resource = self._take("discover", {"api_version": api_version, "kind": kind}).answer
        return answer

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
        arguments = _many(resource, namespace, label_selector, field_selector) | {"resource_version": resource_version}
        taken = self._take("watch", arguments, counted=False)
        end = self.clock.monotonic() + seconds
        for event in taken.answer:
            if isinstance(event, Exception):
                raise event
            if isinstance(event, WatchEvent):
                yield event
            else:
                self.clock.advance(event)
            if self.clock.monotonic() >= end:
                return
        if not taken.cut:
            self.clock.advance(end - self.clock.monotonic())

    def log_tail(self, namespace: str, pod: str, container: str, lines: int, *, previous: bool) -> str:
        """See ClusterApi."""
        options = {"lines": lines, "previous": previous}
        answer: str = self._take("log_tail", _inside(namespace, pod, container) | options).answer
        return answer

    def namespace_exists(self, namespace: str) -> bool | None:
        """See ClusterApi."""
        answer: bool | None = self._take("namespace_exists", {"namespace": namespace}).answer
        return answer

    def attach(self, namespace: str, pod: str, container: str) -> ExecSession:
        """See ClusterApi."""
        session: FakeExec = self._take("attach", _inside(namespace, pod, container)).answer
        self.sessions.append(session)
        return session

    def exec(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool = True
    ) -> ExecSession:
        """See ClusterApi."""
        options = {"command": [*command], "stdin": stdin}
        session: FakeExec = self._take("exec", _inside(namespace, pod, container) | options).answer
        session.command = [*command]
        self.sessions.append(session)
        return session

    def take_up(self, name: str) -> ExecSession | None:
        """See ClusterApi. Only what a test has put there."""
        session = self.kept.pop(name, None)
        self.sessions += [session] if session else []
        return session

    def ask_pod(self, namespace: str, pod: str, request: HttpGet, seconds: float) -> int | None:
        """See ClusterApi."""
        arguments = {"namespace": namespace, "pod": pod, "request": request, "seconds": seconds}
        answer: int | None = self._take("ask_pod", arguments).answer
        return answer

    def _expect(self, method: str, answer: object, arguments: dict[str, Any], *, cut: bool = False) -> None:
        self._script.append(Expectation(method, arguments, answer, cut))

    def _take(self, method: str, arguments: dict[str, Any], *, counted: bool = True) -> Expectation:
        """The expectation that this call fulfils; fails, or raises what was scripted."""
        with self._lock:
            self._requests += counted
            self.calls.append((method, arguments))
            candidates = self._script[:1] if self.ordered else self._script
            taken = next((entry for entry in candidates if _fits(entry, method, arguments)), None)
            if taken is None:
                problem = f"came unexpected: {_words(Expectation(method, arguments, None))}"
                if candidates:
                    problem += f"\nexpected next:   {_words(candidates[0])}"
                self._problems.append(problem)
                raise AssertionError(problem)
            self._script.remove(taken)
        if isinstance(taken.answer, Exception):
            raise taken.answer
        return taken


def _one(resource: Resource, namespace: str, name: str) -> dict[str, Any]:
    return {"resource": resource, "namespace": namespace, "name": name}


def _many(resource: Resource, namespace: str, label_selector: str, field_selector: str) -> dict[str, Any]:
    selectors = {"label_selector": label_selector, "field_selector": field_selector}
    return {"resource": resource, "namespace": namespace} | selectors


def _inside(namespace: str, pod: str, container: str) -> dict[str, Any]:
    return {"namespace": namespace, "pod": pod, "container": container}


def _fits(entry: Expectation, method: str, arguments: dict[str, Any]) -> bool:
    """Whether the call is the one that was expected. A command of None stands for any."""
    if entry.method != method or entry.arguments.keys() != arguments.keys():
        return False
    return all(
        wanted == arguments[name] or (name == "command" and wanted is None) for name, wanted in entry.arguments.items()
    )


def _words(entry: Expectation) -> str:
    """A call, as it would be written."""
    return f"{entry.method}({', '.join(f'{name}={value!r}' for name, value in entry.arguments.items())})"
