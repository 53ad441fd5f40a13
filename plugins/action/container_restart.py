# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module that restarts, and prints how far it is. Which modules, besides its own, is in meta/runtime.yml."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as AnyModule
from ansible.utils.display import Display
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import VARIABLE, Lines, printable

POLL_SECONDS = 0.1

display = Display()


class ActionModule(AnyModule):
    def run(self, tmp: Any = None, task_vars: Any = None) -> Any:
        before = self._task.environment
        with ExitStack() as stack:
            if self._heard():
                host = printable(str((task_vars or {}).get("inventory_hostname", "")))
                try:
                    path = stack.enter_context(_followed(lambda line: _say(f"  [{host}] {line}")))
                except OSError:  # no place for the file: then without
                    path = None
                self._task.environment = [*(before or []), *([{VARIABLE: path}] if path else [])]
            try:
                return super().run(tmp, task_vars)  # type: ignore[no-untyped-call]
            finally:
                self._task.environment = before

    def _heard(self) -> bool:
        """Whether anything is to be told: the file of the module has to be one of this machine."""
        quiet = self._task.no_log or self._task.check_mode or self._task.async_val
        return not quiet and self._connection.transport == "local"


@contextmanager
def _followed(say: Callable[[str], None]) -> Iterator[str]:
    """The path of a file that only this user can read; whatever is written to it is told, until it is removed.

    Ansible's own folder, which it removes at its end, is where it is: a worker that is interrupted cannot do it.
    """
    ours: str = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined]
    with TemporaryDirectory(prefix="progress-", dir=ours) as folder:
        path = Path(folder, "reports")
        path.touch(0o600)
        ended = threading.Event()
        thread = threading.Thread(target=_follow, args=(path, ended, say), daemon=True)
        thread.start()
        try:
            yield str(path)
        finally:
            ended.set()
            thread.join()


def _follow(path: Path, ended: threading.Event, say: Callable[[str], None]) -> None:
    lines = Lines(time.monotonic())
    with path.open(encoding="ascii", errors="replace") as file:
        while not ended.wait(POLL_SECONDS):
            for line in lines.read(file.read(), time.monotonic()):
                say(line)
        for line in lines.end(file.read(), time.monotonic()):
            say(line)


def _say(line: str) -> None:
    """Print it; not into an output that is read by a program."""
    callback: str = constants.DEFAULT_STDOUT_CALLBACK  # type: ignore[attr-defined]
    display.display(line, stderr="json" in callback)
