# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that are replaced by deletion, as a fake API serves it, call by call."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pod_delete import pod_delete
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE

NO_ROOM = ApiError("Cannot evict: The disruption budget cart needs 2 healthy pods and has 2 currently.", 429)


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work; what is Ready counts at once."""
    options: dict[str, Any] = {
        "namespace": NAMESPACE,
        "kind": None,
        "name": None,
        "pods": None,
        "label_selectors": None,
        "select": None,
        "allow_empty": False,
        "method": "evict",
        "max_unavailable": "1",
        "grace_seconds": None,
        "force": False,
        "allow_unowned": False,
        "min_ready_seconds": 0,
        "older_than": None,
        "reason": None,
        "wait": True,
        "wait_timeout": 60,
    }
    return pod_delete(api, api.clock, options | params, check_mode)


def failed_run(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def expect_workload(api: FakeApi, obj: JsonObject, pods: list[JsonObject]) -> dict[str, Any]:
    """Up to the first request that changes something, for a workload that is named; the parameters that name it."""
    resource = WORKLOADS[obj["kind"]].resource
    api.expect_get(resource, NAMESPACE, "cart", obj)
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart", resource_version="20")
    if pods:
        api.expect_get(resource, NAMESPACE, "cart", obj)
    return {"kind": obj["kind"], "name": "cart"}


def expect_events(api: FakeApi, *events: WatchEvent | float | Exception, version: str = "20") -> None:
    """The watch of a workload's pods."""
    api.expect_watch(POD, NAMESPACE, events, resource_version=version, label_selector="app=cart")


def expect_warnings(api: FakeApi, uid: str, *events: JsonObject) -> None:
    """The question for warning events about an object."""
    api.expect_list(EVENT, NAMESPACE, events, field_selector=f"involvedObject.uid={uid},type=Warning")


def added(obj: JsonObject) -> WatchEvent:
    """A new pod."""
    return WatchEvent("ADDED", obj)


def changed(obj: JsonObject) -> WatchEvent:
    """A pod in another state."""
    return WatchEvent("MODIFIED", obj)


def gone(obj: JsonObject) -> WatchEvent:
    """The end of a pod."""
    return WatchEvent("DELETED", obj)


def ending(obj: JsonObject, **meta: Any) -> JsonObject:
    """The pod, on its way out."""
    return obj | {"metadata": obj["metadata"] | {"deletionTimestamp": "2026-01-02T03:04:05Z"} | meta}


def outcomes(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """UID before, UID after, and outcome, pod by pod."""
    return [(pod["uid_before"], pod["uid_after"], pod["containers"][0]["outcome"]) for pod in result["pods"]]
