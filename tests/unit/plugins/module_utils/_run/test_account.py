# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder, Lockable, new_lease
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_event import restart_events
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, RestartFailed, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import restart_result
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, EVENT, LEASE
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.account import Work, accounted
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.objects import workload

ME = Holder("me@here, PID 1, aa")
CART = Lockable("shop", "Deployment", "cart")
PARAMS = {
    "namespace": "shop",
    "kind": "Deployment",
    "name": "cart",
    "lock": "auto",
    "lock_timeout": 10,
    "events": True,
    "reason": "why",
}


def result() -> dict[str, Any]:
    """Of a rollout that was not waited for."""
    owner = Workload.from_object(workload("Deployment"))
    return restart_result("rollout_restart", owner, [], [], changed=True, seconds=1, requests=1, warnings=["mind"])


def work(api: ClusterApi, _clock: Clock, _params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """One request that changes something."""
    api.create(CONFIG_MAP, "shop", {}, dry_run=check_mode)
    return result()


def expect_all(
    api: FakeApi, clock: FakeClock, *, failed: bool = False, event: Exception | None = None, works: bool = True
) -> None:
    """Lock, work, let go, and tell."""
    lease = new_lease(CART, ME, clock.now())
    there = lease | {"metadata": lease["metadata"] | {"uid": "u", "resourceVersion": "1"}}
    api.expect_create(LEASE, "shop", lease, there)
    if works:
        api.expect_create(CONFIG_MAP, "shop", {}, {})
    api.expect_delete(LEASE, "shop", CART.lease_name, uid="u", resource_version="1")
    (told,) = restart_events(result(), ME.identity, "why", clock.now(), failed=failed)
    api.expect_create(EVENT, "shop", told, event or told)


def test_a_success(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_all(fake_api, clock)
    made = accounted(work, ME)(fake_api, clock, PARAMS, False)
    assert made["summary"]["api_requests"] == fake_api.requests == 4
    assert made["warnings"] == ["mind"]


def test_an_event_that_cannot_be_written_is_a_warning(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_all(fake_api, clock, event=ApiError("Full.", 507))
    made = accounted(work, ME)(fake_api, clock, PARAMS, False)
    assert made["warnings"] == ["mind", "Not all events were written: Full."]


def failing(error: Exception) -> Work:
    """Work that fails."""

    def fail(*_arguments: object) -> dict[str, Any]:
        raise error

    return fail


def test_a_failure_is_told_too(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_all(fake_api, clock, failed=True, works=False)
    with pytest.raises(RestartFailed, match="broken") as caught:
        accounted(failing(RestartFailed("broken", result())), ME)(fake_api, clock, PARAMS, False)
    assert caught.value.result["summary"]["api_requests"] == 3


def test_where_nothing_was_begun_there_is_nothing_to_tell(fake_api: FakeApi, clock: FakeClock) -> None:
    lease = new_lease(CART, ME, clock.now())
    there = lease | {"metadata": lease["metadata"] | {"uid": "u", "resourceVersion": "1"}}
    fake_api.expect_create(LEASE, "shop", lease, there)
    fake_api.expect_delete(LEASE, "shop", CART.lease_name, uid="u", resource_version="1")
    with pytest.raises(TargetError, match="no such"):
        accounted(failing(TargetError("no such")), ME)(fake_api, clock, PARAMS, False)


def test_check_mode_writes_nothing(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_get(LEASE, "shop", CART.lease_name, ApiError("You may not.", 403))
    fake_api.expect_create(CONFIG_MAP, "shop", {}, {}, dry_run=True)
    assert accounted(work, ME)(fake_api, clock, PARAMS, True)["warnings"] == ["mind"]


def test_neither_is_asked_for(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_create(CONFIG_MAP, "shop", {}, {})
    accounted(work, ME)(fake_api, clock, PARAMS | {"lock": "none", "events": False}, False)
