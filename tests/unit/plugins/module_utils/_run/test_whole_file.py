# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._run.whole_file import require_writable, write_whole


def test_it_is_the_users_alone_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    for text in ("first", "second"):
        write_whole(path, text)
        assert path.read_text(encoding="utf-8") == text
        assert path.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [path]


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    write_whole(path, "first")

    def full(_handle: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "second")
    assert path.read_text(encoding="utf-8") == "first"
    assert [*tmp_path.iterdir()] == [path]


def test_where_no_file_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_writable("record", tmp_path / "record.json")
    with pytest.raises(OSError, match=r"record: there is no directory .*/missing"):
        require_writable("record", tmp_path / "missing" / "record.json")
    with pytest.raises(OSError, match=r"record: .* is a directory"):
        require_writable("record", tmp_path)
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(OSError, match="cannot be written to"):
        require_writable("record", tmp_path / "record.json")
