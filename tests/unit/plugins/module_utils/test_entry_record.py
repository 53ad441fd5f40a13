# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.saferestart.k8s.plugins.module_utils import _entry
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, TargetError

OPTIONS: dict[str, dict[str, Any]] = {
    "env": {"type": "dict"},
    "name": {"type": "str"},
    "reason": {"type": "str"},
    "record": {"type": "path"},
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a module whose work is to return, or raise, this; returns what it prints."""

    def run_it(outcome: dict[str, Any] | Exception, **arguments: Any) -> dict[str, Any]:
        def work(*_arguments: object) -> dict[str, Any]:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with patch_module_args(arguments), pytest.raises(SystemExit):
            _entry.run_module(OPTIONS, work, lambda params: [str(value) for value in (params["env"] or {}).values()])
        printed: dict[str, Any] = json.loads(capsys.readouterr().out)
        return printed

    def connect(*_arguments: Any) -> None:
        """There is nothing to connect to."""

    monkeypatch.setattr(_entry, "KubernetesApi", connect)
    return run_it


def recorded(path: Path) -> Mapping[str, Any]:
    """What is in the file, which is its user's alone."""
    assert path.stat().st_mode & 0o777 == 0o600
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_a_success(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    run({"changed": True, "pods": []}, record=str(path), reason="renewed certificate", name="cart", env={"A": "b"})
    content = recorded(path)
    assert content["result"] == {"changed": True, "pods": []}
    assert content["error"] is None
    assert content["why"] == "renewed certificate"
    assert content["asked"] == {"name": "cart"}
    assert f"PID {os.getpid()}" in content["who"]
    assert content["began"] <= content["ended"]
    assert content["versions"].keys() == {"saferestart.k8s", "ansible-core", "kubernetes", "python"}


@pytest.mark.parametrize(
    ("error", "result"),
    [(RestartFailed("broken", {"changed": True}), {"changed": True}), (TargetError("no such thing"), {})],
)
def test_a_failure(run: Run, tmp_path: Path, error: Exception, result: dict[str, Any]) -> None:
    path = tmp_path / "record.json"
    assert run(error, record=str(path))["failed"]
    assert (recorded(path)["result"], recorded(path)["error"]) == (result, str(error))


def test_what_nobody_thought_of(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with pytest.raises(KeyError):
        run(KeyError("oops"), record=str(path))
    assert recorded(path)["error"] == "unexpected: KeyError: 'oops'"


def test_no_secret_is_in_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    run(
        {"diff": "PASSWORD=hunter2 TOKEN=t0ken-of-mine"},
        record=str(path),
        env={"p": "hunter2"},
        api_key="t0ken-of-mine",
    )
    assert "hunter2" not in path.read_text(encoding="utf-8")
    assert recorded(path)["result"] == {"diff": "PASSWORD=******** TOKEN=********"}


def test_where_no_file_can_be_nothing_is_begun(run: Run, tmp_path: Path) -> None:
    result = run(AssertionError("was begun"), record=str(tmp_path / "missing" / "record.json"))
    assert result["msg"] == f"record: there is no directory {tmp_path}/missing. Nothing was touched."


def test_a_run_that_is_over_does_not_fail(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))

    def full(_path: Path, _text: str) -> None:
        raise OSError("no space")

    monkeypatch.setattr(_entry, "write_whole", full)
    assert run({"changed": True}, record=str(tmp_path / "record.json"))["changed"]
    assert warned == [f"record: {tmp_path}/record.json could not be written: no space"]


def test_check_mode_writes_none(run: Run, tmp_path: Path) -> None:
    run({"changed": True}, record=str(tmp_path / "record.json"), _ansible_check_mode=True)
    assert not [*tmp_path.iterdir()]
