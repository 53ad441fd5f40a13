# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder, Lockable, new_lease, renewed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    LockHeld,
    NotFound,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import LEASE, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_lock_info import restart_lock_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

CART = Lockable("shop", "Deployment", "cart")
NONE = NotFound("not there", 404)


def run(api: FakeApi, **params: Any) -> dict[str, Any]:
    """The module's work on Deployment shop/cart."""
    options = {"namespace": "shop", "kind": "Deployment", "name": "cart", "lock_timeout": 0} | params
    return restart_lock_info(api, api.clock, options, False)


def held(clock: FakeClock, version: str = "1") -> JsonObject:
    """The Lease in somebody else's hands, renewed just now."""
    lease = new_lease(CART, Holder("alice@ctl, PID 7, bb"), clock.now())
    return renewed(lease | {"metadata": lease["metadata"] | {"resourceVersion": version, "uid": "u"}}, clock.now())


def expect(api: FakeApi, *found: JsonObject | Exception) -> None:
    """What is read of it, one after the other."""
    api.expect_get(WORKLOADS["Deployment"].resource, "shop", "cart", workload("Deployment"))
    for lease in found:
        api.expect_get(LEASE, "shop", CART.lease_name, lease)


def test_nobody_is_at_it(fake_api: FakeApi) -> None:
    expect(fake_api, NONE)
    assert run(fake_api) == {
        "changed": False,
        "locks": [],
        "summary": {"workloads": 1, "seconds": 0.0, "api_requests": 2},
    }


def test_who_is_at_it(fake_api: FakeApi, clock: FakeClock) -> None:
    lease = held(clock)
    expect(fake_api, lease)
    assert run(fake_api)["locks"] == [
        {
            "namespace": "shop",
            "kind": "Deployment",
            "name": "cart",
            "lease": "saferestart-deployment-cart",
            "holder": "alice@ctl, PID 7, bb",
            "acquired": lease["spec"]["acquireTime"],
            "renewed": lease["spec"]["renewTime"],
            "there": None,
        }
    ]


def test_by_labels_it_is_who_is_at_the_pods_owners(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, "shop", [pod("cart-1")], label_selector="tier=data")
    fake_api.expect_get(LEASE, "shop", "saferestart-pod-cart-1", NONE)
    assert run(fake_api, kind=None, name=None, label_selectors=["tier=data"])["locks"] == []


def test_it_is_waited_for_aloud(fake_api: FakeApi, clock: FakeClock, waits: Callable[[], list[str]]) -> None:
    expect(fake_api, held(clock), held(clock, "2"), NONE)
    result = run(fake_api, lock_timeout=60)
    assert (result["locks"], result["summary"]["seconds"]) == ([], 4.0)
    assert waits() == ["waiting for the lock of Deployment shop/cart, which alice@ctl, PID 7, bb holds", ""]


def test_a_lock_that_is_renewed_no_more_is_nobodys(fake_api: FakeApi, clock: FakeClock) -> None:
    expect(fake_api, *[held(clock)] * 16)
    assert run(fake_api, lock_timeout=60)["summary"]["seconds"] == 30.0


def test_when_the_time_is_up_the_holder_is_named(fake_api: FakeApi, clock: FakeClock) -> None:
    expect(fake_api, *[held(clock, str(number)) for number in range(4)])
    with pytest.raises(
        LockHeld, match=r"by another run .*alice@ctl, PID 7, bb. It was waited for 5 s \(lock_timeout\)"
    ):
        run(fake_api, lock_timeout=5)


def test_what_may_not_be_read_is_an_error(fake_api: FakeApi) -> None:
    expect(fake_api, ApiError("You may not.", 403, "Forbidden"))
    with pytest.raises(ApiError, match="You may not"):
        run(fake_api)


def test_a_name_that_is_misspelt_is_an_error(fake_api: FakeApi) -> None:
    fake_api.expect_get(WORKLOADS["Deployment"].resource, "shop", "crat", NotFound("not there", 404, "NotFound"))
    fake_api.expect_namespace("shop", True)
    with pytest.raises(TargetError, match="Deployment crat does not exist in namespace shop"):
        run(fake_api, name="crat")
