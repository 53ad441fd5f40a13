# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.saferestart.k8s.plugins.module_utils import _entry
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import ACCOUNT
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.packed_result import unpacked
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed

POD = {"name": "cart-1", "containers": [{"name": "app", "outcome": "restarted", "reason": "hunter2 is new"}]}
RESULT: dict[str, Any] = {"changed": True, "plan": [], "pods": [POD, POD], "summary": {"pods": 2}}
OPTIONS: dict[str, dict[str, Any]] = {"result": ACCOUNT["result"]}


def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: dict[str, Any] | Exception,
    **arguments: Any,
) -> dict[str, Any]:
    """What a module prints whose work is to return, or raise, this."""

    def work(*_arguments: object) -> dict[str, Any]:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(_entry, "KubernetesApi", lambda *_arguments: None)
    with patch_module_args({"api_key": "hunter2"} | arguments), pytest.raises(SystemExit):
        _entry.run_module(OPTIONS, work)
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


def test_a_result_is_whole_by_default(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(monkeypatch, capsys, RESULT)
    assert len(found["pods"]) == 2
    assert "packed" not in found


def test_what_is_packed_is_masked_before(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(monkeypatch, capsys, RESULT, result="packed")
    assert (found["pods"], found["summary"], found["changed"]) == ([], {"pods": 2}, True)
    whole = unpacked(found)
    assert [pod["name"] for pod in whole["pods"]] == ["cart-1", "cart-1"]
    assert "hunter2" not in json.dumps(whole)


def test_a_failure_is_packed_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(monkeypatch, capsys, RestartFailed("It did not come back.", RESULT), result="packed")
    assert (found["failed"], found["msg"]) == (True, "It did not come back.")
    assert len(unpacked(found)["pods"]) == 2
