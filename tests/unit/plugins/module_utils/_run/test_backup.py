# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    NotFound,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.backup import (
    ConfigMapBackup,
    FileBackup,
    Kept,
    backup_name,
    backup_of,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE

MANIFEST: JsonObject = {
    "kind": "Pod",
    "metadata": {"namespace": NAMESPACE, "name": "toolbox"},
    "spec": {"containers": [{"name": "app"}]},
}
NAME = "saferestart-backup-toolbox"
LABELS = {"labels": {"saferestart.k8s/backup": "pod"}}
DATA = {"pod": "toolbox", "uid": "old", "manifest.json": json.dumps(MANIFEST)}
OTHER: JsonObject = MANIFEST | {"spec": {"containers": [{"name": "app", "image": "new"}]}}


def config_map(data: JsonObject | None = None, **meta: object) -> JsonObject:
    own = {"namespace": NAMESPACE, "name": NAME, "uid": "cm", "resourceVersion": "7"}
    return {"metadata": own | LABELS | meta, "data": DATA if data is None else data}


def body(**meta: object) -> JsonObject:
    own = {"namespace": NAMESPACE, "name": NAME}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": own | LABELS | meta, "data": DATA}


def test_a_config_map_from_first_to_last(fake_api: FakeApi) -> None:
    backup = ConfigMapBackup(fake_api, NAMESPACE, "toolbox")
    assert str(backup) == f"ConfigMap shop/{NAME}"
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, NAME, NotFound("no", 404))
    assert backup.read() is None
    fake_api.expect_create(CONFIG_MAP, NAMESPACE, body(), config_map())
    backup.write("old", MANIFEST, MANIFEST)
    fake_api.expect_delete(CONFIG_MAP, NAMESPACE, NAME, NotFound("no", 404), uid="cm")
    backup.remove()
    backup.remove()


def test_one_that_is_there_is_written_anew(fake_api: FakeApi) -> None:
    backup = ConfigMapBackup(fake_api, NAMESPACE, "toolbox")
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, NAME, config_map())
    assert backup.read() == Kept("old", MANIFEST)
    fake_api.expect_replace(CONFIG_MAP, NAMESPACE, NAME, body(resourceVersion="7"), config_map())
    backup.write("old", MANIFEST, MANIFEST)


def test_the_old_manifest_is_kept_too_where_it_is_another(fake_api: FakeApi) -> None:
    backup = ConfigMapBackup(fake_api, NAMESPACE, "toolbox")
    data = DATA | {"manifest.json": json.dumps(OTHER), "previous.json": json.dumps(MANIFEST)}
    fake_api.expect_create(CONFIG_MAP, NAMESPACE, body() | {"data": data}, config_map(data))
    backup.write("old", OTHER, MANIFEST)


@pytest.mark.parametrize(
    "found",
    [
        config_map(labels={}),
        config_map({}),
        config_map() | {"data": None},
        config_map(DATA | {"manifest.json": "{"}),
        config_map(DATA | {"manifest.json": "[]"}),
        config_map(DATA | {"manifest.json": json.dumps(MANIFEST | {"kind": "Job"})}),
        config_map(DATA | {"manifest.json": json.dumps(MANIFEST | {"spec": {"containers": []}})}),
        config_map(DATA | {"manifest.json": json.dumps(MANIFEST | {"metadata": {"namespace": "x", "name": "y"}})}),
        config_map({key: text for key, text in DATA.items() if key != "uid"}),
    ],
)
def test_what_cannot_be_used_is_left_alone(fake_api: FakeApi, found: JsonObject) -> None:
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, NAME, found)
    with pytest.raises(TargetError, match=f"ConfigMap shop/{NAME} is in the place .* Nothing was touched"):
        ConfigMapBackup(fake_api, NAMESPACE, "toolbox").read()


def test_a_file_from_first_to_last(tmp_path: Path) -> None:
    path = tmp_path / "toolbox.json"
    backup = FileBackup(path, NAMESPACE, "toolbox")
    assert backup.read() is None
    for uid in ("first", "old"):
        backup.write(uid, MANIFEST, MANIFEST)
    assert backup.read() == Kept("old", MANIFEST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [path]
    backup.remove()
    backup.remove()
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "[1]", '"x"', json.dumps(DATA | {"uid": 1})])
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    path = tmp_path / "toolbox.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match=r"toolbox.json is in the place"):
        FileBackup(path, NAMESPACE, "toolbox").read()
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SafeRestartError, match=r"backup_path: .* cannot be written: .* Nothing was touched"):
        FileBackup(tmp_path / "no" / "toolbox.json", NAMESPACE, "toolbox").write("old", MANIFEST, MANIFEST)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(SafeRestartError, match="cannot be written"):
        FileBackup(folder, NAMESPACE, "toolbox").write("old", MANIFEST, MANIFEST)
    assert [*tmp_path.iterdir()] == [folder]


def test_where(fake_api: FakeApi) -> None:
    assert isinstance(backup_of(fake_api, {"backup": "configmap"}, NAMESPACE, "a"), ConfigMapBackup)
    assert isinstance(backup_of(fake_api, {"backup": "file", "backup_path": "/a"}, NAMESPACE, "a"), FileBackup)
    with pytest.raises(TargetError, match="no backup_path"):
        backup_of(fake_api, {"backup": "file", "backup_path": ""}, NAMESPACE, "a")


def test_names_stay_within_their_limit() -> None:
    assert backup_name("toolbox") == NAME
    long = [backup_name("x" * 252 + end) for end in "ab"]
    assert {len(name) for name in long} == {253}
    assert long[0] != long[1]
