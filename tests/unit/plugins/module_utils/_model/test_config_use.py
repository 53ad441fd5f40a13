# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.config_use import config_uses
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

ENDED = {"terminated": {"exitCode": 0, "startedAt": "2026-01-02T02:00:00Z"}}


def uses(spec: JsonObject, volumes: list[JsonObject] | None = None) -> set[tuple[str, str, str]]:
    """What the container takes, and how."""
    obj = pod("a", spec={"containers": [{"name": "app", **spec}], "volumes": volumes})
    return {(use.kind, use.name, use.use) for use in config_uses(obj)}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, set()),
        ({"env": [{"name": "A", "value": "a"}, {"name": "B", "valueFrom": {"fieldRef": {}}}]}, set()),
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}}}]},
            {("ConfigMap", "m", "env")},
        ),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}, {("Secret", "s", "env")}),
        (
            {"envFrom": [{"configMapRef": {"name": "m"}}, {"prefix": "P_", "secretRef": {"name": "s"}}]},
            {("ConfigMap", "m", "env_from"), ("Secret", "s", "env_from")},
        ),
    ],
)
def test_environment(spec: JsonObject, found: set[tuple[str, str, str]]) -> None:
    assert uses(spec) == found


@pytest.mark.parametrize(
    ("volume", "found"),
    [
        ({"emptyDir": {}}, set()),
        ({"configMap": {"name": "m"}}, {("ConfigMap", "m")}),
        ({"secret": {"secretName": "s"}}, {("Secret", "s")}),
        (
            {"projected": {"sources": [{"configMap": {"name": "m"}}, {"secret": {"name": "s"}}, {"downwardAPI": {}}]}},
            {("ConfigMap", "m"), ("Secret", "s")},
        ),
    ],
)
@pytest.mark.parametrize(
    ("mount", "use"), [({}, "volume"), ({"subPath": "a"}, "sub_path"), ({"subPathExpr": "$(A)"}, "sub_path")]
)
def test_volumes(volume: JsonObject, found: set[tuple[str, str]], mount: JsonObject, use: str) -> None:
    spec = {"volumeMounts": [{"name": "v", "mountPath": "/v", **mount}]}
    assert uses(spec, [{"name": "v", **volume}]) == {(*entry, use) for entry in found}


def test_a_volume_that_no_container_mounts() -> None:
    assert uses({}, [{"name": "v", "configMap": {"name": "m"}}]) == set()


def test_each_once() -> None:
    ref = {"valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}
    obj = pod("a", spec={"containers": [{"name": "app", "env": [{"name": "A", **ref}, {"name": "B", **ref}]}]})
    assert len(config_uses(obj)) == 1


@pytest.mark.parametrize(
    ("state", "policy", "found"),
    [
        (ENDED, {}, [("set-up", True)]),
        ({"running": {"startedAt": "2026-01-02T02:00:00Z"}}, {}, [("set-up", True)]),
        ({"waiting": {}}, {}, []),
        ({"running": {"startedAt": "2026-01-02T02:00:00Z"}}, {"restartPolicy": "Always"}, [("set-up", False)]),
        (ENDED, {"restartPolicy": "Always"}, []),
        (None, {}, []),
    ],
)
def test_init_containers(state: JsonObject | None, policy: JsonObject, found: list[Any]) -> None:
    first = {"name": "set-up", "envFrom": [{"configMapRef": {"name": "m"}}], **policy}
    statuses = [container("set-up", state=state)] if state else []
    obj = pod("a", spec={"initContainers": [first]}, initContainerStatuses=statuses)
    assert [(use.container, use.init) for use in config_uses(obj)] == found


@pytest.mark.parametrize("state", [{"waiting": {"reason": "CrashLoopBackOff"}}, ENDED])
def test_a_container_that_is_down_takes_all_anew(state: JsonObject) -> None:
    spec = {"containers": [{"name": "app", "envFrom": [{"configMapRef": {"name": "m"}}]}]}
    assert config_uses(pod("a", spec=spec, containers=[container(state=state)])) == ()
