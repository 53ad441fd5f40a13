# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.owner import owner_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_the_workload_that_made_it(kind: str) -> None:
    assert owner_of(Pod.from_object(pod("a", workload(kind, "web-api")))) == (kind, "web-api")


@pytest.mark.parametrize(
    "owner",
    [
        {"kind": "ReplicaSet", "name": "cart-bbb"},  # of an Argo Rollout, or of nobody
        {"kind": "ReplicaSet", "name": "aaa"},
        {"kind": "Job", "name": "cart"},
    ],
)
def test_any_other_owner(owner: dict[str, str]) -> None:
    meta = {
        "labels": {"pod-template-hash": "aaa"},
        "ownerReferences": [owner | {"uid": "u", "controller": True}],
    }
    assert owner_of(Pod.from_object(pod("a", meta=meta))) is None


def test_nobody() -> None:
    assert owner_of(Pod.from_object(pod("a"))) is None
