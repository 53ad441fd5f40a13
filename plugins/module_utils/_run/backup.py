# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The manifest of a pod that is deleted and made again, kept until the new one is Ready: in a ConfigMap or a file."""

from __future__ import annotations

import abc
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.object_name import named_after
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    NotFound,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.whole_file import write_whole

LABEL = "saferestart.k8s/backup"
_PREFIX = "saferestart-backup-"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was found: the UID of the pod that it was made of, and the manifest for the new one."""

    uid: str
    manifest: JsonObject


class Backup(abc.ABC):
    """One pod's backup. `str()` says where it is, as in `ConfigMap shop/saferestart-backup-cart`."""

    def __init__(self, namespace: str, pod: str) -> None:
        self.namespace, self.pod = namespace, pod

    @abc.abstractmethod
    def read(self) -> Kept | None:
        """What is there. Raises TargetError for something else than a backup of this pod."""

    @abc.abstractmethod
    def write(self, uid: str, manifest: JsonObject, previous: JsonObject) -> None:
        """Keep it, in the place of what is there. It is safe when this returns.

        `previous` is the old pod's own manifest: where it differs it is kept as well, for a person to go back to.
        """

    @abc.abstractmethod
    def remove(self) -> None:
        """Remove it. One that is not there is fine. Raises SafeRestartError."""

    def _content(self, uid: str, manifest: JsonObject, previous: JsonObject) -> dict[str, str]:
        content = {"pod": self.pod, "uid": uid, "manifest.json": json.dumps(manifest)}
        return content if previous == manifest else content | {"previous.json": json.dumps(previous)}

    def _kept(self, content: Any) -> Kept:
        """From what was read. Raises TargetError."""
        try:
            manifest, uid = json.loads(content["manifest.json"]), content["uid"]
            meta, spec = manifest["metadata"], manifest["spec"]
            fits = manifest["kind"] == "Pod" and (meta["namespace"], meta["name"]) == (self.namespace, self.pod)
            if not (fits and spec["containers"] and isinstance(uid, str)):
                raise self._unreadable("it is not of this pod")
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise self._unreadable(f"{type(error).__name__}: {error}") from error
        return Kept(uid, manifest)

    def _unreadable(self, found: str) -> TargetError:
        return TargetError(
            f"{self} is in the place of a backup of Pod {self.namespace}/{self.pod} and cannot be used ({found}). "
            "Nothing was touched. Look at it, restore the pod by hand if it is missing, and remove it."
        )


class ConfigMapBackup(Backup):
    """In the pod's own namespace, so that any later run finds it."""

    def __init__(self, api: ClusterApi, namespace: str, pod: str) -> None:
        super().__init__(namespace, pod)
        self._api = api
        self._found: JsonObject | None = None
        self.name = backup_name(pod)

    def __str__(self) -> str:
        return f"ConfigMap {self.namespace}/{self.name}"

    def read(self) -> Kept | None:
        """See Backup."""
        try:
            self._found = self._api.get(CONFIG_MAP, self.namespace, self.name)
        except NotFound:
            return None
        if LABEL not in (self._found["metadata"].get("labels") or {}):
            raise self._unreadable(f"it has no label {LABEL}")
        return self._kept(self._found.get("data"))

    def write(self, uid: str, manifest: JsonObject, previous: JsonObject) -> None:
        """See Backup."""
        meta: JsonObject = {"namespace": self.namespace, "name": self.name, "labels": {LABEL: "pod"}}
        if self._found:
            meta["resourceVersion"] = self._found["metadata"]["resourceVersion"]
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": meta,
            "data": self._content(uid, manifest, previous),
        }
        if self._found:
            self._found = self._api.replace(CONFIG_MAP, self.namespace, self.name, body, dry_run=False)
        else:
            self._found = self._api.create(CONFIG_MAP, self.namespace, body, dry_run=False)

    def remove(self) -> None:
        """See Backup."""
        if self._found:
            with contextlib.suppress(NotFound):
                self._api.delete(CONFIG_MAP, self.namespace, self.name, uid=self._found["metadata"]["uid"])
            self._found = None


class FileBackup(Backup):
    """On the host that the module runs on, readable by its user alone."""

    def __init__(self, path: Path, namespace: str, pod: str) -> None:
        super().__init__(namespace, pod)
        self.path = path

    def __str__(self) -> str:
        return f"the file {self.path}"

    def read(self) -> Kept | None:
        """See Backup."""
        try:
            return self._kept(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self._unreadable(str(error)) from error

    def write(self, uid: str, manifest: JsonObject, previous: JsonObject) -> None:
        """See Backup. The file is complete or not there, also when the machine stops meanwhile."""
        try:
            write_whole(self.path, json.dumps(self._content(uid, manifest, previous)))
        except OSError as error:
            raise SafeRestartError(f"backup_path: {self} cannot be written: {error}. Nothing was touched.") from error

    def remove(self) -> None:
        """See Backup."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise SafeRestartError(f"{self} cannot be removed: {error}.") from error


def backup_of(api: ClusterApi, params: Mapping[str, Any], namespace: str, pod: str) -> Backup:
    """Where the options `backup` and `backup_path` want it. Raises TargetError for options that do not fit."""
    if params["backup"] == "configmap":
        return ConfigMapBackup(api, namespace, pod)
    if not params.get("backup_path"):
        raise TargetError("backup is file, and there is no backup_path: give the path of the file.")
    return FileBackup(Path(params["backup_path"]), namespace, pod)


def backup_name(pod: str) -> str:
    """The ConfigMap's name."""
    return named_after(_PREFIX, pod)
