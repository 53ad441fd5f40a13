# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import (
    Container,
    Owner,
    Pod,
    Termination,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, workload


def test_a_pod_with_all_that_counts() -> None:
    obj = pod(
        "web-0",
        workload("StatefulSet"),
        node="n1",
        spec={"hostPID": True, "shareProcessNamespace": True, "terminationGracePeriodSeconds": 5},
    )
    found = Pod.from_object(obj)
    assert (found.namespace, found.name, found.uid, found.node, found.ip) == (
        "shop",
        "web-0",
        "uid-web-0",
        "n1",
        "10.0.0.1",
    )
    assert (found.phase, found.ready, found.terminating) == ("Running", True, False)
    assert (found.host_pid, found.share_process_namespace, found.grace_seconds) == (True, True, 5)
    assert found.owner == Owner("StatefulSet", "cart", "uid-cart")
    assert found.labels["app"] == "cart"
    assert str(found) == "Pod shop/web-0"


def test_a_pod_of_which_nothing_is_known_yet() -> None:
    found = Pod.from_object(
        {"metadata": {"namespace": "shop", "name": "a", "uid": "u"}, "spec": {"containers": [{"name": "app"}]}}
    )
    assert (found.phase, found.ready, found.ip, found.node) == ("Unknown", False, "", "")
    assert (found.host_pid, found.share_process_namespace, found.grace_seconds, found.owner) == (False, False, 30, None)
    (inside,) = found.containers
    assert (inside.state, inside.running, inside.ready, inside.restart_count) == ("unknown", False, False, 0)
    assert (inside.container_id, inside.image, inside.restart_policy) == ("", "", "Always")


@pytest.mark.parametrize("meta", [{}, {"ownerReferences": [{"kind": "X", "name": "x", "uid": "u"}]}])
def test_an_owner_that_is_no_controller_is_none(meta: JsonObject) -> None:
    assert Pod.from_object(pod("a", meta=meta)).owner is None


def test_terminating() -> None:
    assert Pod.from_object(pod("a", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"})).terminating


def test_sidecars_come_behind_the_containers_and_other_init_containers_do_not() -> None:
    obj = pod(
        "a",
        containers=[container("app"), container("web")],
        spec={"initContainers": [{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always"}]},
        initContainerStatuses=[container("setup"), container("proxy", 3)],
    )
    found = Pod.from_object(obj)
    assert [entry.name for entry in found.containers] == ["app", "web", "proxy"]
    proxy = found.container("proxy")
    assert proxy
    assert proxy.restart_count == 3
    assert found.container("setup") is None


@pytest.mark.parametrize(
    ("policy", "own", "expected"),
    [(None, None, "Always"), ("Never", None, "Never"), ("Never", "Always", "Always"), ("Always", "Never", "Never")],
)
def test_the_policy_that_counts(policy: str | None, own: str | None, expected: str) -> None:
    spec: dict[str, Any] = {"containers": [{"name": "app", **({"restartPolicy": own} if own else {})}]}
    if policy:
        spec["restartPolicy"] = policy
    assert Pod.from_object(pod("a", spec=spec)).containers[0].restart_policy == expected


END = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-02T03:04:05Z"}}
ENDED = Termination(137, "OOMKilled", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, ("unknown", "", "", None, None)),
        (
            container(state={"running": {"startedAt": "2026-01-02T03:04:05Z"}}, lastState=END),
            ("running", "", "", ENDED.finished_at, ENDED),
        ),
        (container(state=END), ("terminated", "OOMKilled", "", None, ENDED)),
        (
            container(state={"waiting": {"reason": "CrashLoopBackOff", "message": "10s"}}, lastState=END),
            ("waiting", "CrashLoopBackOff", "10s", None, ENDED),
        ),
        (container(state={"waiting": {}}), ("waiting", "", "", None, None)),
        (container(state={"terminated": {"exitCode": 0}}), ("terminated", "", "", None, Termination(0, "", None))),
    ],
    ids=["nothing", "running", "ended", "waiting", "waiting for nothing", "ended with nothing said"],
)
def test_the_state_of_a_container(status: JsonObject, expected: tuple[object, ...]) -> None:
    found = Container.from_objects("/spec/containers/0", {"name": "app", "image": "cart:1"}, status, "Always")
    assert (found.state, found.state_reason, found.state_message, found.started_at, found.termination) == expected
    assert found.running is (found.state == "running")
    assert found.image == "cart:1"


def test_where_the_object_has_its_containers() -> None:
    spec = {"initContainers": [{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always"}]}
    found = Pod.from_object(pod("a", containers=[container("app"), container("log")], spec=spec))
    assert {entry.name: entry.pointer for entry in found.containers} == {
        "app": "/spec/containers/0",
        "log": "/spec/containers/1",
        "proxy": "/spec/initContainers/1",
    }


def test_a_mirror_of_a_static_pod() -> None:
    mirror, other = Pod.from_object(pod("a", meta={"annotations": {"kubernetes.io/config.mirror": "x"}})), pod("a")
    assert mirror.mirror
    assert mirror.event_uid == "x"
    assert not Pod.from_object(other).mirror
    assert Pod.from_object(other).event_uid == "uid-a"
