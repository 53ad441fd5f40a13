# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stuck import (
    may_be_stuck,
    stuck_pods,
    wanted_revision,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload


def made(obj: JsonObject, name: str, revision: str | None, **more: Any) -> JsonObject:
    entry = pod(name, obj, **more)
    if revision is not None:
        entry["metadata"]["labels"]["controller-revision-hash"] = revision
    return entry


@pytest.mark.parametrize(
    ("kind", "spec", "status", "may"),
    [
        ("StatefulSet", {}, {"readyReplicas": 1}, True),
        ("StatefulSet", {}, {}, True),
        ("StatefulSet", {}, {"readyReplicas": 2}, False),
        ("StatefulSet", {"replicas": 0}, {}, False),
        ("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, {}, False),
        ("Deployment", {}, {}, False),
        ("DaemonSet", {}, {}, False),
    ],
)
def test_whether_it_may_be_stuck(kind: str, spec: JsonObject, status: JsonObject, may: bool) -> None:
    obj = workload(kind, spec=spec, status=status)
    assert may_be_stuck(Workload.from_object(obj), obj) is may


@pytest.mark.parametrize(("seen", "revision"), [(2, "cart-a"), (1, "")])
def test_the_wanted_revision_is_known_once_the_controller_has_seen_the_change(seen: int, revision: str) -> None:
    obj = workload("StatefulSet", status={"observedGeneration": seen, "updateRevision": "cart-a"})
    assert wanted_revision(obj) == revision


def test_stuck_pods() -> None:
    obj = workload("StatefulSet")
    going = made(obj, "cart-4", "cart-b", ready=False)
    going["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    pods = [
        made(obj, "cart-0", "cart-b"),
        made(obj, "cart-1", "cart-a", ready=False),
        made(obj, "cart-2", "cart-b", ready=False),
        made(obj, "cart-3", None, ready=False),
        going,
        made(workload("StatefulSet", "other"), "other-0", "cart-b", ready=False),
    ]
    found = stuck_pods(Workload.from_object(obj), obj, "cart-a", pods)
    assert [entry.name for entry in found] == ["cart-2"]


def test_a_pod_below_the_partition_is_not_stuck() -> None:
    obj = workload("StatefulSet", spec={"updateStrategy": {"rollingUpdate": {"partition": 1}}})
    pods = [made(obj, "cart-0", "cart-b", ready=False), made(obj, "cart-1", "cart-b", ready=False)]
    found = stuck_pods(Workload.from_object(obj), obj, "cart-a", pods)
    assert [entry.name for entry in found] == ["cart-1"]
