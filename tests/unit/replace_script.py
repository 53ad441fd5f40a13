# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare pod that is replaced, as a fake API serves it, call by call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import clean, on_trial
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONFIG_MAP,
    NODE,
    POD,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.resource_replace import resource_replace
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod

NAME, ONLY = "saferestart-backup-toolbox", "metadata.name=toolbox"
Events = list[WatchEvent | float | Exception]
NODES = [{"metadata": {"name": "worker", "labels": {}}, "spec": {}}]
REFUSED_BY_QUOTA = (
    'pods "toolbox-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1'
)


def bare(uid: str = "old", *, ready: bool = True, meta: JsonObject | None = None, **more: Any) -> JsonObject:
    """The pod as the API serves it, with a container that has a readiness probe."""
    spec = {"containers": [{"name": "app", "readinessProbe": {}}]} | more.pop("spec", {})
    made = pod("toolbox", uid=uid, ready=ready, meta=meta, spec=spec, **more)
    return made | {"apiVersion": "v1", "kind": "Pod"}


def going(**meta: Any) -> JsonObject:
    return bare(meta={"deletionTimestamp": "2026-01-02T03:04:05Z"} | meta)


def manifest(obj: JsonObject | None = None) -> JsonObject:
    """What is made from that pod."""
    return clean(obj or bare(), keep_node=False)[0]


def kept(wanted: JsonObject | None = None, uid: str = "old", previous: JsonObject | None = None) -> JsonObject:
    """The backup as it is written."""
    data = {"pod": "toolbox", "uid": uid, "manifest.json": json.dumps(wanted or manifest())}
    if previous:
        data["previous.json"] = json.dumps(previous)
    meta = {"namespace": NAMESPACE, "name": NAME, "labels": {"saferestart.k8s/backup": "pod"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def stored(wanted: JsonObject | None = None, uid: str = "old") -> JsonObject:
    """The backup as it is read."""
    made = kept(wanted, uid)
    return made | {"metadata": made["metadata"] | {"uid": "cm", "resourceVersion": "7"}}


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    options = {
        "namespace": NAMESPACE,
        "pod": "toolbox",
        "definition": None,
        "force": True,
        "keep_node": False,
        "backup": "configmap",
        "backup_path": None,
        "grace_seconds": None,
        "min_ready_seconds": None,
        "reason": None,
        "allow_managed": True,
        "on_failure": "leave",
        "select": None,
        "wait": True,
        "wait_timeout": 60,
    }
    return resource_replace(api, api.clock, options | params, check_mode)


def failed_run(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def expect_look(api: FakeApi, live: JsonObject | None, backup: JsonObject | Exception) -> None:
    """The pod, and the backup."""
    api.expect_list(POD, NAMESPACE, [live] if live else [], field_selector=ONLY)
    api.expect_get(CONFIG_MAP, NAMESPACE, NAME, backup)


def expect_checks(api: FakeApi, wanted: JsonObject | None = None) -> None:
    """The dry run, and the nodes."""
    made = wanted or manifest()
    api.expect_create(POD, NAMESPACE, on_trial(made), made, dry_run=True)
    api.expect_list(NODE, "", NODES)


def expect_delete(api: FakeApi, answer: Exception | None = None, grace: int | None = None) -> None:
    """The backup, and the old pod's delete."""
    api.expect_create(CONFIG_MAP, NAMESPACE, kept(), stored())
    api.expect_delete(POD, NAMESPACE, "toolbox", answer, uid="old", grace_seconds=grace)


def expect_gone(api: FakeApi, version: str = "100") -> None:
    gone: Events = [WatchEvent("MODIFIED", going()), 2.0, WatchEvent("DELETED", going())]
    api.expect_watch(POD, NAMESPACE, gone, resource_version=version, field_selector=ONLY)


def expect_made(api: FakeApi, *, ready: bool = True, wanted: JsonObject | None = None) -> None:
    """The new pod, and the watch until it is Ready."""
    api.expect_create(POD, NAMESPACE, wanted or manifest(), bare("new", ready=False))
    events: Events = [1.0, WatchEvent("MODIFIED", bare("new"))] if ready else []
    api.expect_watch(POD, NAMESPACE, events, resource_version="10", field_selector=ONLY)


def expect_removed(api: FakeApi) -> None:
    api.expect_delete(CONFIG_MAP, NAMESPACE, NAME, uid="cm")


def unready(uid: str = "new") -> JsonObject:
    return bare(uid, ready=False, containers=[container(ready=False)])


def uids(result: dict[str, Any]) -> tuple[Any, ...]:
    """Of the old pod and the new one, and the outcome of its container."""
    (entry,) = result["pods"]
    return entry["uid_before"], entry["uid_after"], entry["containers"][0]["outcome"]
