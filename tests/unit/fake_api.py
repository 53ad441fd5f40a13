# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster and a clock for tests: scripted, with no network and no sleeping.

A call that was not expected fails the test at once; an expectation that nobody used fails it at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import (
    ClusterApi,
    ExecEnd,
    ExecSession,
    Listing,
    WatchEvent,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource

STRATEGIC = "application/strategic-merge-patch+json"

#: An exec script's output, or what makes it from the marker that the code under test waits for.
Output = str | Callable[[str], str]


class FakeClock:
    """A Clock that goes on only when told to, or when somebody sleeps. Starts at 2026-01-02 03:04:05 UTC."""

    def __init__(self) -> None:
        self._start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self._seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the test began, from 1000 on."""
        return 1000.0 + self._seconds

    def now(self) -> datetime:
        """The wall clock's time."""
        return self._start + timedelta(seconds=self._seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass, and note it in `slept`."""
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds


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
        self._sessions: list[FakeExec] = []
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
        for session in self._sessions:
            problems += session.problems()
        assert not problems, "\n".join(problems)

    # What a test says.

    def expect_get(self, resource: Resource, namespace: str, name: str, answer: JsonObject | Exception) -> None:
        """A get of one object."""
        self._expect("get", answer, _one(resource, namespace, name))

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
        body: JsonObject,
        answer: JsonObject | Exception,
        *,
        content_type: str = STRATEGIC,
        dry_run: bool = False,
    ) -> None:
        """A patch with exactly this body."""
        options = {"body": body, "content_type": content_type, "dry_run": dry_run}
        self._expect("patch", answer, _one(resource, namespace, name) | options)

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

    def expect_exec(
        self,
        namespace: str,
        pod: str,
        container: str,
        answer: FakeExec | Exception,
        *,
        command: Sequence[str] | None = None,
    ) -> None:
        """An exec, answered with a scripted session. The command is checked if given, and kept in the session."""
        options = {"command": None if command is None else [*command]}
        self._expect("exec", answer, _inside(namespace, pod, container) | options)

    # What the code under test calls.

    @property
    def requests(self) -> int:
        """As ClusterApi: the watches are not counted."""
        return self._requests

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject:
        """See ClusterApi."""
        answer: JsonObject = self._take("get", _one(resource, namespace, name)).answer
        return answer

    def list(self, resource: Resource, namespace: str, label_selector: str = "", field_selector: str = "") -> Listing:
        """See ClusterApi."""
        answer: Listing = self._take("list", _many(resource, namespace, label_selector, field_selector)).answer
        return answer

    def patch(
        self, resource: Resource, namespace: str, name: str, body: JsonObject, content_type: str, *, dry_run: bool
    ) -> JsonObject:
        """See ClusterApi."""
        options = {"body": body, "content_type": content_type, "dry_run": dry_run}
        answer: JsonObject = self._take("patch", _one(resource, namespace, name) | options).answer
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

    def exec(self, namespace: str, pod: str, container: str, command: Sequence[str]) -> ExecSession:
        """See ClusterApi."""
        options = {"command": [*command]}
        session: FakeExec = self._take("exec", _inside(namespace, pod, container) | options).answer
        session.command = [*command]
        self._sessions.append(session)
        return session

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


class FakeExec(ExecSession):
    """A scripted exec session: `expect_*` in the order of the calls. It has to be closed, with `with` or by hand."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.lines: list[str] = []
        self.closed = False
        self._script: list[tuple[str, Any, Any]] = []
        self._problems: list[str] = []

    def expect_read(self, answer: Output | Exception, *, marker: str | None = None) -> FakeExec:
        """A read_until. A function makes the output from the marker, for markers that a test cannot know."""
        self._script.append(("read_until", marker, answer))
        return self

    def expect_line(
        self, text: str | Callable[[str], bool] | None = None, *, error: Exception | None = None
    ) -> FakeExec:
        """A send_line: of this text, of one that the function says yes to, or of any; they are all kept in `lines`."""
        self._script.append(("send_line", text, error))
        return self

    def expect_finish(self, stdout: str = "", stderr: str = "", message: str = "") -> FakeExec:
        """A finish, and how the session ended."""
        self._script.append(("finish", None, ExecEnd(stdout, stderr, message)))
        return self

    def problems(self) -> list[str]:
        """What went otherwise than scripted."""
        left = [
            f"expected in exec, and never came: {method} {wanted or ''}" for method, wanted, _answer in self._script
        ]
        return [*self._problems, *left, *([] if self.closed else ["the exec session was not closed"])]

    def read_until(self, marker: str, seconds: float) -> str:  # noqa: ARG002
        """See ExecSession."""
        wanted, answer = self._take("read_until", marker)
        if wanted is not None and wanted != marker:
            self._fail(f"read_until waits for {marker!r}, expected was {wanted!r}")
        if isinstance(answer, Exception):
            raise answer
        output: str = answer(marker) if callable(answer) else answer
        return output

    def send_line(self, text: str) -> None:
        """See ExecSession."""
        wanted, error = self._take("send_line", text)
        if wanted is not None and not (wanted(text) if callable(wanted) else wanted == text):
            self._fail(f"send_line sends {text!r}, expected was {wanted!r}")
        if error is not None:
            raise error
        self.lines.append(text)

    def finish(self, seconds: float) -> ExecEnd:  # noqa: ARG002
        """See ExecSession."""
        _wanted, end = self._take("finish", "")
        assert isinstance(end, ExecEnd)
        return end

    def close(self) -> None:
        """See ExecSession."""
        self.closed = True

    def _take(self, method: str, detail: str) -> tuple[Any, Any]:
        if self.closed:
            self._fail(f"{method} {detail!r} after the exec session was closed")
        if not self._script or self._script[0][0] != method:
            expected = self._script[0][0] if self._script else "nothing more"
            self._fail(f"unexpected in the exec session: {method} {detail!r}; expected was {expected}")
        _method, wanted, answer = self._script.pop(0)
        return wanted, answer

    def _fail(self, problem: str) -> None:
        self._problems.append(problem)
        raise AssertionError(problem)


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
