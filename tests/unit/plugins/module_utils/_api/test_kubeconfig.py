# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.kubeconfig import (
    default_kubeconfig,
    files_in,
    may_exist,
    read_kubeconfigs,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError

SECRET = "sesame-open-1234"


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({}, "~/.kube/config"),
        ({"KUBECONFIG": "/b:/c"}, "/b:/c"),
        ({"KUBECONFIG": "/b", "K8S_AUTH_KUBECONFIG": "/a"}, "/a"),
        ({"KUBECONFIG": "/b", "K8S_AUTH_KUBECONFIG": ""}, "/b"),
    ],
)
def test_the_default(environment: dict[str, str], path: str) -> None:
    assert default_kubeconfig(environment) == path


def test_files_of_a_directory(tmp_path: Path) -> None:
    for name in ("b.yml", "a", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "cache").mkdir()
    assert [path.name for path in files_in(tmp_path)] == ["a", "b.yml"]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SafeRestartError, match="gone cannot be read: No such file"):
        files_in(tmp_path / "gone")


def test_of_several_files_those_count_that_exist(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("contexts: []")
    (tmp_path / "b").write_text("contexts: [1]")
    assert read_kubeconfigs(f"{tmp_path}/gone:{tmp_path}/a::{tmp_path}/b") == [{"contexts": []}, {"contexts": [1]}]


def test_none_of_them_exists(tmp_path: Path) -> None:
    with pytest.raises(SafeRestartError, match="There is no kubeconfig /gone"):
        read_kubeconfigs("/gone")
    with pytest.raises(SafeRestartError, match=f"kubeconfig {tmp_path} cannot be read: Is a directory"):
        read_kubeconfigs(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (f"token: {SECRET}\nfoo: [", r"it is no YAML \(line 2, column 7\)"),
        (f"{SECRET}", "it has no list of contexts"),
        ("", "it has no list of contexts"),
        ("contexts: none", "it has no list of contexts"),
        ("\udcff", r"it is no YAML\."),
    ],
)
def test_what_is_no_kubeconfig_is_not_quoted(tmp_path: Path, content: str, found: str) -> None:
    path = tmp_path / "kube"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(SafeRestartError, match=f"{path} is no kubeconfig: {found}") as error:
        read_kubeconfigs(str(path))
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


def test_what_may_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert may_exist("~/config")
    assert may_exist(tmp_path / "config")
    assert not may_exist(tmp_path / "none")
    assert not may_exist(tmp_path / "config" / "below")
    assert not may_exist("~nobody-of-that-name/config")


def test_what_is_in_a_folder_that_may_not_be_read_may_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "stat", refuse)
    assert may_exist("/root/.kube/config")
