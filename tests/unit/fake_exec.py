# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exec session for tests: scripted. What was not expected, or never came, fails the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ExecEnd, ExecSession

#: An exec script's output, or what makes it from the marker that the code under test waits for.
Output = str | Callable[[str], str]


class FakeExec(ExecSession):
    """A scripted exec session: `expect_*` in the order of the calls. It has to be closed, with `with` or by hand."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.lines: list[str] = []
        self.closed = False
        self.was_released = False
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

    def expect_finish(self, stdout: str = "", stderr: str = "", message: str = "", code: int | None = None) -> FakeExec:
        """A finish, and how the session ended."""
        self._script.append(("finish", None, ExecEnd(stdout, stderr, message, code)))
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

    def finish(self, seconds: float, last: str = "") -> ExecEnd:  # noqa: ARG002
        """See ExecSession."""
        _wanted, end = self._take("finish", "")
        assert isinstance(end, ExecEnd)
        return end

    def release(self, name: str) -> None:
        """See ExecSession. It is never taken up: each session has a script of its own."""
        self.was_released = bool(name)

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
