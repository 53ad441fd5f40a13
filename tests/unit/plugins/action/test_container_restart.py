# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin around a module that is none: what runs it is Ansible's own, and molecule/rolling has it all."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.plugins.action.normal import ActionModule as AnyModule
from ansible_collections.saferestart.k8s.plugins.action import container_restart
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.progress import VARIABLE, Ended, Report

REPORT = Report(1, 0, 0, "", (Ended("cart-1", "app", "restarted", 1.0),)).to_line()
LINE = "  [host\\x1b] cart-1 app: restarted in 1.0 s; 0 of 1 to go, 0 pods away"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What was printed, and whether to standard error."""
    lines: list[tuple[str, bool]] = []
    shown = SimpleNamespace(display=lambda line, *, stderr: lines.append((line, stderr)))
    monkeypatch.setattr(container_restart, "display", shown)
    return lines


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that Ansible removes at its end."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def play(monkeypatch: pytest.MonkeyPatch, module: Callable[[str | None], object], **task: Any) -> Any:
    """Run a task whose module is called with the path that its environment has, and return that task."""

    def run(self: Any, _tmp: object, _task_vars: object) -> object:
        variables: dict[str, str] = {}
        for entry in self._task.environment or []:
            variables |= entry
        return module(variables.get(VARIABLE))

    monkeypatch.setattr(AnyModule, "run", run)
    plugin = object.__new__(container_restart.ActionModule)
    plugin._connection = SimpleNamespace(transport=task.pop("transport", "local"))
    options = {"no_log": False, "check_mode": False, "async_val": 0, "environment": [{"A": "b"}]}
    plugin._task = SimpleNamespace(**options | task)
    plugin.run(task_vars={"inventory_hostname": "host\x1b"})
    return plugin._task


def test_what_the_module_writes_is_printed_while_it_runs(
    monkeypatch: pytest.MonkeyPatch, heard: list[tuple[str, bool]], folder: Path
) -> None:
    def module(path: str | None) -> None:
        assert path
        assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        Path(path).write_text(REPORT, encoding="ascii")
        end = time.monotonic() + 180
        while not heard and time.monotonic() < end:
            time.sleep(0.01)
        assert heard == [(LINE, False)]

    task = play(monkeypatch, module)
    assert list(folder.iterdir()) == []
    assert heard == [(LINE, False)]
    assert task.environment == [{"A": "b"}]


def test_what_it_writes_last_is_printed_too(
    monkeypatch: pytest.MonkeyPatch, heard: list[tuple[str, bool]], folder: Path
) -> None:
    play(monkeypatch, lambda path: Path(path or "").write_text(REPORT, encoding="ascii"), environment=None)
    assert heard == [(LINE, False)]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("raised", [KeyboardInterrupt, OSError, RuntimeError])
def test_the_file_is_removed_whatever_ends_the_module(
    monkeypatch: pytest.MonkeyPatch, heard: list[tuple[str, bool]], folder: Path, raised: type[BaseException]
) -> None:
    def module(path: str | None) -> None:
        assert path
        raise raised

    with pytest.raises(raised):
        play(monkeypatch, module)
    assert list(folder.iterdir()) == []
    assert heard == []


@pytest.mark.parametrize(
    "task", [{"no_log": True}, {"check_mode": True}, {"async_val": 60}, {"transport": "ssh"}], ids=str
)
def test_these_tasks_are_quiet(monkeypatch: pytest.MonkeyPatch, folder: Path, task: dict[str, Any]) -> None:
    paths: list[str | None] = []
    play(monkeypatch, paths.append, **task)
    assert paths == [None]
    assert list(folder.iterdir()) == []


def test_without_a_place_for_the_file_the_module_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", "/nowhere/at/all")
    paths: list[str | None] = []
    play(monkeypatch, paths.append)
    assert paths == [None]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("callback", ["json", "ansible.posix.json", "ansible.posix.jsonl"])
def test_an_output_for_programs_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, heard: list[tuple[str, bool]], callback: str
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    play(monkeypatch, lambda path: Path(path or "").write_text(REPORT, encoding="ascii"))
    assert heard == [(LINE, True)]
