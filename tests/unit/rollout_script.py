# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollout as a fake API serves it, call by call."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import (
    ANNOTATION,
    rollout_restart,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, probed, workload

NOW = "2026-01-02T03:04:05Z"
DONE: dict[str, JsonObject] = {
    "Deployment": {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2},
    "StatefulSet": {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    "DaemonSet": {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2},
}
OPTIONS: dict[str, Any] = {
    "namespace": NAMESPACE,
    "name": "cart",
    "wait": True,
    "wait_timeout": 60,
    "on_failure": "leave",
    "older_than": None,
    "below_partition": "leave",
    "select": None,
    "reason": None,
}


def run(api: FakeApi, kind: str, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work on the workload shop/cart."""
    return rollout_restart(api, api.clock, OPTIONS | {"kind": kind} | params, check_mode)


def template(value: str) -> JsonObject:
    """The patch, and a side of the diff."""
    return {"spec": {"template": {"metadata": {"annotations": {ANNOTATION: value}}}}}


def changed(obj: JsonObject, version: str = "11", value: str | None = NOW, **status: Any) -> JsonObject:
    """The workload with the annotation, one generation on; seen by its controller once there is some status."""
    new = copy.deepcopy(obj)
    new["metadata"] |= {"resourceVersion": version, "generation": 3}
    if value is not None:
        new["spec"]["template"]["metadata"]["annotations"] = {ANNOTATION: value}
    new["status"] = ({"observedGeneration": 3} if status else {"observedGeneration": 2}) | status
    return new


def expect_start(api: FakeApi, obj: JsonObject, pods: list[JsonObject], value: str = NOW, *, dry: bool = False) -> None:
    """Up to and with the patch."""
    resource = WORKLOADS[obj["kind"]].resource
    api.expect_get(resource, NAMESPACE, "cart", obj)
    expect_pods(api, pods)
    api.expect_patch(resource, NAMESPACE, "cart", template(value), changed(obj, value=value), dry_run=dry)


def expect_events(api: FakeApi, obj: JsonObject, *events: WatchEvent | float | Exception) -> None:
    """The watch of the workload."""
    only = "metadata.name=cart"
    api.expect_watch(WORKLOADS[obj["kind"]].resource, NAMESPACE, events, resource_version="11", field_selector=only)


def expect_pods(api: FakeApi, pods: list[JsonObject], version: str = "100", *, probes: bool = True) -> None:
    """The list of its pods, which have readiness probes unless the test is about those that have none."""
    if probes:
        pods = [probed(obj) for obj in pods]
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart", resource_version=version)


#: A new pod without a readiness probe: as it ends, and as it runs again.
_END = {"terminated": {"exitCode": 4, "reason": "Error"}}
_OWNER = workload("Deployment")
ENDED = pod("cart-b1", _OWNER, hash_label="bbb", ready=False, containers=[container(ready=False, state=_END)])
AGAIN = pod("cart-b1", _OWNER, hash_label="bbb", containers=[container(restarts=1, lastState=_END)])


def expect_unprobed(api: FakeApi) -> None:
    """A rollout of a Deployment whose controller is done, with that pod, which runs."""
    expect_start(api, _OWNER, [pod("cart-a1", _OWNER)])
    expect_events(api, _OWNER, modified(_OWNER, **DONE["Deployment"]))
    expect_pods(api, [pod("cart-b1", _OWNER, hash_label="bbb")], probes=False)


def expect_seen(api: FakeApi, version: str, *events: WatchEvent | float) -> None:
    """A watch of the pods from that version on."""
    api.expect_watch(POD, NAMESPACE, events, resource_version=version, label_selector="app=cart")


def expect_warnings(api: FakeApi, uid: str, answer: list[JsonObject] | Exception) -> None:
    """The list of warning events about an object."""
    api.expect_list(EVENT, NAMESPACE, answer, field_selector=f"involvedObject.uid={uid},type=Warning")


def modified(obj: JsonObject, **status: Any) -> WatchEvent:
    """A watch event: the workload after the patch, seen by its controller."""
    return WatchEvent("MODIFIED", changed(obj, "12", **status))


def outcomes(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """UID before, UID after, outcome and reason, pod by pod."""
    return [
        (entry["uid_before"], entry["uid_after"], container["outcome"], container["reason"])
        for entry in result["pods"]
        for container in entry["containers"]
    ]


def failed_run(api: FakeApi, kind: str, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, kind, **params)
    return str(caught.value), caught.value.result
