# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import (
    Holder,
    Lockable,
    new_lease,
    renewed,
    taken_over,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    LockHeld,
    LockLost,
    NotFound,
    TargetError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, LEASE, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock import locked
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

ME, OTHER = Holder("me@here, PID 1, aa"), Holder("alice@ctl, PID 7, bb")
CART = Lockable("shop", "Deployment", "cart")
NAME = CART.lease_name
THERE = ApiError("it is there", 409, "AlreadyExists")
FORBIDDEN = ApiError("You may not.", 403, "Forbidden")


def params(lock: str = "auto", **more: Any) -> dict[str, Any]:
    """Options of a module that restarts Deployment shop/cart."""
    return {"namespace": "shop", "kind": "Deployment", "name": "cart", "lock": lock, "lock_timeout": 10} | more


def stored(lease: JsonObject, version: str = "1", uid: str = "u") -> JsonObject:
    """As the server has it."""
    return lease | {"metadata": lease["metadata"] | {"resourceVersion": version, "uid": uid}}


def of(holder: Holder, clock: FakeClock, version: str = "1", what: Lockable = CART) -> JsonObject:
    """A Lease as it was taken by that holder."""
    return stored(new_lease(what, holder, clock.now()), version)


def expect_taken(api: FakeApi, clock: FakeClock, what: Lockable = CART) -> None:
    """The Lease is free, and is created."""
    api.expect_create(LEASE, what.namespace, new_lease(what, ME, clock.now()), of(ME, clock, "1", what))


def expect_held(api: FakeApi, clock: FakeClock, found: JsonObject | Exception) -> None:
    """The Lease is there already."""
    api.expect_create(LEASE, "shop", new_lease(CART, ME, clock.now()), THERE)
    api.expect_get(LEASE, "shop", NAME, found)


def expect_release(api: FakeApi, what: Lockable = CART, version: str = "1", answer: Exception | None = None) -> None:
    """The Lease is deleted, at the version that was written."""
    api.expect_delete(LEASE, what.namespace, what.lease_name, answer, uid="u", resource_version=version)


def run(api: FakeApi, clock: FakeClock, options: Mapping[str, Any], *, check_mode: bool = False) -> list[str]:
    """Take the locks, and let go of them again. Returns the warnings."""
    with locked(api, clock, options, check_mode, ME) as guard:
        pass
    return guard.warnings


def test_a_free_workload_costs_two_requests(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_taken(fake_api, clock)
    expect_release(fake_api)
    assert run(fake_api, clock, params()) == []
    assert fake_api.requests == 2


def test_it_is_let_go_when_the_work_fails(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_taken(fake_api, clock)
    expect_release(fake_api)
    with pytest.raises(KeyError), locked(fake_api, clock, params(), False, ME):
        raise KeyError


@pytest.mark.parametrize("mode", ["auto", "fail"])
def test_a_holder_that_is_alive_is_named(fake_api: FakeApi, clock: FakeClock, mode: str) -> None:
    lease = of(OTHER, clock)
    expect_held(fake_api, clock, lease)
    clock.advance(2)
    expect_held(fake_api, clock, stored(renewed(lease, clock.now()), "2"))
    clock.advance(-2)
    with pytest.raises(LockHeld, match=r"Deployment shop/cart is locked .*alice@ctl, PID 7.*Nothing was touched"):
        run(fake_api, clock, params(mode))


def test_a_holder_that_gives_no_sign_is_gone(fake_api: FakeApi, clock: FakeClock) -> None:
    lease = of(OTHER, clock)
    for _ in range(15):
        expect_held(fake_api, clock, lease)
        clock.advance(2)
    expect_held(fake_api, clock, lease)
    taken = taken_over(lease, CART, ME, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, taken, stored(taken, "2"))
    expect_release(fake_api, version="2")
    clock.advance(-30)
    assert run(fake_api, clock, params()) == []
    assert sum(clock.slept) == 30


def test_a_lock_that_was_let_go_is_taken(fake_api: FakeApi, clock: FakeClock) -> None:
    expect_held(fake_api, clock, NotFound("gone", 404))
    expect_taken(fake_api, clock)
    expect_release(fake_api)
    assert run(fake_api, clock, params()) == []
    assert not clock.slept


def test_nobody_holds_a_lease_without_a_name_in_it(fake_api: FakeApi, clock: FakeClock) -> None:
    lease = of(Holder(""), clock)
    expect_held(fake_api, clock, lease)
    taken = taken_over(lease, CART, ME, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, taken, stored(taken, "2"))
    expect_release(fake_api, version="2")
    assert run(fake_api, clock, params()) == []


@pytest.mark.parametrize("answer", [ApiError("another version", 409, "Conflict"), NotFound("gone", 404)])
def test_somebody_else_was_quicker(fake_api: FakeApi, clock: FakeClock, answer: ApiError) -> None:
    lease = of(Holder(""), clock)
    expect_held(fake_api, clock, lease)
    fake_api.expect_replace(LEASE, "shop", NAME, taken_over(lease, CART, ME, clock.now()), answer)
    expect_held(fake_api, clock, of(OTHER, clock, "2"))
    with pytest.raises(LockHeld, match="alice@ctl"):
        run(fake_api, clock, params())


def test_waiting_for_the_other_run(fake_api: FakeApi, clock: FakeClock, waits: Callable[[], list[str]]) -> None:
    expect_held(fake_api, clock, of(OTHER, clock))
    clock.advance(2)
    expect_held(fake_api, clock, of(OTHER, clock, "2"))
    clock.advance(2)
    expect_taken(fake_api, clock)
    expect_release(fake_api)
    clock.advance(-4)
    assert run(fake_api, clock, params("wait")) == []
    assert waits() == [f"waiting for the lock of Deployment shop/cart, which {OTHER.identity} holds", ""]


def test_waiting_ends(fake_api: FakeApi, clock: FakeClock) -> None:
    for version in range(6):
        expect_held(fake_api, clock, of(OTHER, clock, str(version)))
        clock.advance(2)
    clock.advance(-12)
    with pytest.raises(LockHeld, match=r"alice@ctl.*waited for 10 s \(lock_timeout\)"):
        run(fake_api, clock, params("wait"))


def test_without_the_right_there_is_a_warning(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_create(LEASE, "shop", new_lease(CART, ME, clock.now()), FORBIDDEN)
    (warning,) = run(fake_api, clock, params("auto"))
    assert warning.startswith("Deployment shop/cart is not locked")
    assert "You may not." in warning


@pytest.mark.parametrize("mode", ["fail", "wait"])
def test_where_a_lock_was_asked_for_it_has_to_be(fake_api: FakeApi, clock: FakeClock, mode: str) -> None:
    fake_api.expect_create(LEASE, "shop", new_lease(CART, ME, clock.now()), FORBIDDEN)
    with pytest.raises(ApiError, match="You may not"):
        run(fake_api, clock, params(mode))


@pytest.mark.parametrize(
    "error", [ApiError("not you", 401), Unreachable("nobody there"), ApiError("bad body", 422, "Invalid")]
)
def test_other_errors_are_errors(fake_api: FakeApi, clock: FakeClock, error: Exception) -> None:
    fake_api.expect_create(LEASE, "shop", new_lease(CART, ME, clock.now()), error)
    with pytest.raises(type(error), match=str(error)):
        run(fake_api, clock, params())


def test_the_module_says_that_there_is_no_namespace(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_create(LEASE, "shop", new_lease(CART, ME, clock.now()), NotFound("no namespace", 404))
    assert run(fake_api, clock, params()) == []


def test_none_is_none(fake_api: FakeApi, clock: FakeClock) -> None:
    assert run(fake_api, clock, params("none")) == []


def pods_options(**more: Any) -> dict[str, Any]:
    """Pods by their labels, of two workloads, and one of nobody's."""
    return params(kind=None, name=None, label_selectors=["app"], **more)


def expect_pods(api: FakeApi) -> list[Lockable]:
    """The pods are listed; what they belong to, in order."""
    owned = [pod(f"{name}-1", workload("StatefulSet", name), uid=f"u-{name}") for name in ("db", "cache")]
    again = pod("db-0", workload("StatefulSet", "db"), uid="u-0")
    api.expect_list(POD, "shop", [*owned, again, pod("bare")], label_selector="app")
    return [Lockable("shop", "Pod", "bare"), *(Lockable("shop", "StatefulSet", name) for name in ("cache", "db"))]


def test_each_owner_of_the_pods_is_locked_in_order(fake_api: FakeApi, clock: FakeClock) -> None:
    wanted = expect_pods(fake_api)
    for what in wanted:
        expect_taken(fake_api, clock, what)
    for what in wanted:
        expect_release(fake_api, what)
    assert run(fake_api, clock, pods_options()) == []


def test_the_others_are_let_go_where_one_is_held(fake_api: FakeApi, clock: FakeClock) -> None:
    bare, cache, _db = expect_pods(fake_api)
    expect_taken(fake_api, clock, bare)
    fake_api.expect_create(LEASE, "shop", new_lease(cache, ME, clock.now()), THERE)
    fake_api.expect_get(LEASE, "shop", cache.lease_name, of(OTHER, clock, "1", cache))
    expect_release(fake_api, bare)
    with pytest.raises(LockHeld, match="StatefulSet shop/cache"):
        run(fake_api, clock, pods_options(lock="wait", lock_timeout=0))


def test_the_run_is_fenced(fake_api: FakeApi, clock: FakeClock) -> None:
    """Somebody has deleted the Lease while this process was stopped: nothing is changed any more but what restores."""
    expect_taken(fake_api, clock)
    with locked(fake_api, clock, params(), False, ME) as guard:
        clock.advance(25)
        fake_api.expect_replace(
            LEASE, "shop", NAME, renewed(of(ME, FakeClock()), clock.now()), NotFound("not there", 404)
        )
        fake_api.expect_get(LEASE, "shop", NAME, NotFound("not there", 404))
        with pytest.raises(LockLost, match="is gone: somebody has deleted its Lease"):
            guard.api.create(CONFIG_MAP, "shop", {}, dry_run=False)
        fake_api.expect_create(CONFIG_MAP, "shop", {}, {})
        guard.api.restoring.create(CONFIG_MAP, "shop", {}, dry_run=False)
        fake_api.expect_create(CONFIG_MAP, "shop", {}, {}, dry_run=True)
        guard.api.create(CONFIG_MAP, "shop", {}, dry_run=True)
        expect_release(fake_api, answer=NotFound("not there", 404))
    assert guard.warnings == []


def test_check_mode_only_tells(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_get(LEASE, "shop", NAME, of(OTHER, clock))
    (warning,) = run(fake_api, clock, params(), check_mode=True)
    assert warning == "Deployment shop/cart is locked by another run now, or was until lately: alice@ctl, PID 7, bb."


@pytest.mark.parametrize("answer", [NotFound("none", 404), FORBIDDEN, of(Holder(""), FakeClock())])
def test_check_mode_has_nothing_to_tell(fake_api: FakeApi, clock: FakeClock, answer: JsonObject | Exception) -> None:
    fake_api.expect_get(LEASE, "shop", NAME, answer)
    assert run(fake_api, clock, params(), check_mode=True) == []


def test_what_does_not_exist_is_told_as_ever(fake_api: FakeApi, clock: FakeClock) -> None:
    fake_api.expect_list(POD, "shop", [], label_selector="app")
    fake_api.expect_namespace("shop", True)
    with pytest.raises(TargetError, match="No pod in namespace shop matches"):
        run(fake_api, clock, pods_options())
