# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import Resource
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload, WorkloadType
from ansible_collections.saferestart.k8s.plugins.module_utils._run.undo import JSON_PATCH, delete_stuck, undo_template
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, workload


def test_a_type_that_is_not_built_in_gets_a_json_patch(fake_api: FakeApi) -> None:
    rollout = Resource("argoproj.io/v1alpha1", "Rollout", "rollouts")
    kind = WorkloadType(rollout, ("spec", "podTemplate"), built_in=False)
    obj = workload("Deployment")
    body = [{"op": "replace", "path": "/spec/podTemplate", "value": {"spec": {}}}]
    fake_api.expect_patch(rollout, NAMESPACE, "cart", body, obj, content_type=JSON_PATCH, dry_run=True)
    assert undo_template(fake_api, Workload.from_object(obj, kind), {"spec": {}}, dry_run=True) == obj


def test_nothing_is_asked_where_no_pod_can_be_stuck(fake_api: FakeApi) -> None:
    for obj in (
        workload("Deployment"),
        workload("StatefulSet", status={"readyReplicas": 2, "updateRevision": "cart-a"}),
        workload("StatefulSet", status={"observedGeneration": 1, "updateRevision": "cart-a"}),
    ):
        assert delete_stuck(fake_api, Workload.from_object(obj), obj) == []
