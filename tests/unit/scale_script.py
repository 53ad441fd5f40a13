# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scale cycle as a fake API serves it, call by call."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import ANNOTATION
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    AUTOSCALER,
    MERGE_PATCH,
    POD,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.scale_cycle import scale_cycle
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, probed

SELECTED = "app=cart"


def run(api: FakeApi, kind: str = "Deployment", *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work on the workload shop/cart."""
    options = {
        "namespace": NAMESPACE,
        "kind": kind,
        "name": "cart",
        "select": None,
        "reason": None,
        "allow_managed": True,
        "wait": True,
        "wait_timeout": 60,
    }
    return scale_cycle(api, api.clock, options | params, check_mode)


def failed_run(api: FakeApi, kind: str = "Deployment", **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, kind, **params)
    return str(caught.value), caught.value.result


def at(obj: JsonObject, count: int, kept: str | None = None, version: str = "10", **status: Any) -> JsonObject:
    """The workload with that count and annotation, at that version."""
    new = copy.deepcopy(obj)
    new["metadata"] |= {"resourceVersion": version, "annotations": {} if kept is None else {ANNOTATION: kept}}
    new["spec"]["replicas"] = count
    new["status"] |= status
    return new


def up(obj: JsonObject, count: int = 2, version: str = "13") -> JsonObject:
    """The workload as it is scaled back, all its pods available."""
    return at(obj, count, None, version, replicas=count, availableReplicas=count)


def body(version: str, kept: str | None, count: int) -> JsonObject:
    """A merge patch of the count and the annotation."""
    return {"metadata": {"resourceVersion": version, "annotations": {ANNOTATION: kept}}, "spec": {"replicas": count}}


def expect_get(api: FakeApi, answer: JsonObject | Exception, kind: str = "Deployment") -> None:
    """The workload is read."""
    api.expect_get(WORKLOADS[kind].resource, NAMESPACE, "cart", answer)


def expect_patch(
    api: FakeApi, sent: JsonObject, answer: JsonObject | Exception, kind: str = "Deployment", *, dry_run: bool = False
) -> None:
    """The workload is patched."""
    resource = WORKLOADS[kind].resource
    api.expect_patch(resource, NAMESPACE, "cart", sent, answer, content_type=MERGE_PATCH, dry_run=dry_run)


def expect_start(
    api: FakeApi, obj: JsonObject, pods: list[JsonObject], scalers: list[JsonObject] | Exception | None = None
) -> None:
    """Up to the first change."""
    expect_get(api, obj, obj["kind"])
    api.expect_list(AUTOSCALER, NAMESPACE, scalers or [])
    api.expect_list(POD, NAMESPACE, pods, label_selector=SELECTED, resource_version="20")


def expect_down(api: FakeApi, obj: JsonObject, *events: WatchEvent | float | Exception) -> None:
    """The count is set to 0, and the pods are watched."""
    expect_patch(api, body("10", "2", 0), at(obj, 0, "2", "11"), obj["kind"])
    expect_pod_watch(api, *events)


def expect_pod_watch(api: FakeApi, *events: WatchEvent | float | Exception) -> None:
    """The pods are watched from the list on."""
    api.expect_watch(POD, NAMESPACE, events, resource_version="20", label_selector=SELECTED)


def expect_up(api: FakeApi, obj: JsonObject, answer: JsonObject | None = None) -> None:
    """The count is put back."""
    expect_get(api, at(obj, 0, "2", "12"), obj["kind"])
    expect_patch(api, body("12", None, 2), answer or up(obj), obj["kind"])


def expect_end(api: FakeApi, pods: list[JsonObject]) -> None:
    """The pods are listed at last; they have readiness probes."""
    api.expect_list(POD, NAMESPACE, [probed(obj) for obj in pods], label_selector=SELECTED)


def ending(obj: JsonObject, ready_until: str = "", **meta: Any) -> JsonObject:
    """A pod that is being deleted, Ready until then if a time is given."""
    new = copy.deepcopy(obj)
    new["metadata"] |= {"deletionTimestamp": "2026-01-02T03:04:30Z"} | meta
    if ready_until:
        condition = {"type": "Ready", "status": "False", "lastTransitionTime": ready_until}
        new["status"]["conditions"] = [condition]
    return new


def gone(*pods: JsonObject) -> list[WatchEvent]:
    """Watch events: they are deleted."""
    return [WatchEvent("DELETED", entry) for entry in pods]


def fresh(name: str, owner: JsonObject, ready_since: str = "2026-01-02T03:04:09Z", **more: Any) -> JsonObject:
    """A new pod that is Ready."""
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": ready_since}]
    return pod(name, owner, conditions=conditions, **more)


def scaler(least: int | None = 2, most: int = 4, **more: Any) -> JsonObject:
    """A HorizontalPodAutoscaler for the Deployment shop/cart; `more` is laid over its target."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"} | more
    spec = {"scaleTargetRef": target, "maxReplicas": most} | ({} if least is None else {"minReplicas": least})
    return {"metadata": {"namespace": NAMESPACE, "name": "cart-scaler"}, "spec": spec}
