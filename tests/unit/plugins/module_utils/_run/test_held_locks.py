# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from datetime import timedelta
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
    LockLost,
    NotFound,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import LEASE, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.held_locks import TRIES, HeldLocks
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

ME, OTHER = Holder("me@here, PID 1, aa"), Holder("alice@ctl, PID 7, bb")
CART = Lockable("shop", "Deployment", "cart")
NAME = CART.lease_name
CONFLICT = ApiError("another version", 409, "Conflict")


def stored(lease: JsonObject, version: str) -> JsonObject:
    """As the server has it."""
    return lease | {"metadata": lease["metadata"] | {"resourceVersion": version, "uid": "u"}}


@pytest.fixture
def lease(clock: FakeClock) -> JsonObject:
    """Ours, in its first version."""
    return stored(new_lease(CART, ME, clock.now()), "1")


@pytest.fixture
def held(fake_api: FakeApi, clock: FakeClock, lease: JsonObject) -> HeldLocks:
    """One lock, which no thread renews while a test runs."""
    locks = HeldLocks(fake_api, clock, every=3600)
    locks.add(CART, lease, clock.monotonic())
    return locks


def release(held: HeldLocks, api: FakeApi, version: str, answer: Exception | None = None) -> list[str]:
    """Let go of it at that version."""
    api.expect_delete(LEASE, "shop", NAME, answer, uid="u", resource_version=version)
    return held.release()


def test_a_renewal_is_of_the_last_version(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    for version in ("2", "3"):
        clock.advance(15)
        body = renewed(lease, clock.now())
        lease = stored(body, version)
        fake_api.expect_replace(LEASE, "shop", NAME, body, lease)
        held.renew()
    held.require()
    assert release(held, fake_api, "3") == []


def test_nothing_is_asked_while_it_is_fresh(fake_api: FakeApi, clock: FakeClock, held: HeldLocks) -> None:
    clock.advance(19)
    held.require()
    assert fake_api.requests == 0
    release(held, fake_api, "1")


def test_a_renewal_that_is_due_is_made_before_anything_is_changed(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    clock.advance(25)
    body = renewed(lease, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, body, stored(body, "2"))
    held.require()
    release(held, fake_api, "2")


def test_it_was_taken_over(fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks) -> None:
    theirs = stored(taken_over(lease, CART, OTHER, clock.now()), "2")
    fake_api.expect_replace(LEASE, "shop", NAME, renewed(lease, clock.now()), CONFLICT)
    fake_api.expect_get(LEASE, "shop", NAME, theirs)
    held.renew()
    for _ in range(2):
        with pytest.raises(LockLost, match=r"shop/cart was taken over by alice@ctl, PID 7, bb\. Another run"):
            held.require()
    held.renew()
    assert release(held, fake_api, "1", CONFLICT) == []


def test_an_answer_that_was_lost(fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks) -> None:
    """The server has renewed it, and the connection broke: the version there is ours."""
    body = renewed(lease, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, body, Unreachable("cut off"))
    fake_api.expect_get(LEASE, "shop", NAME, stored(body, "2"))
    held.renew()
    held.require()
    assert release(held, fake_api, "2") == []


def test_a_server_that_is_away_for_too_long(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    clock.advance(20)
    for seconds in range(TRIES):
        body = renewed(lease, clock.now() + timedelta(seconds=seconds))
        fake_api.expect_replace(LEASE, "shop", NAME, body, Unreachable("No answer."))
        fake_api.expect_get(LEASE, "shop", NAME, Unreachable("No answer."))
    with pytest.raises(LockLost, match=r"could not be renewed in time: No answer\. Another run may be at it by now"):
        held.require()
    assert clock.slept == [1, 1]
    with pytest.raises(LockLost):
        held.require()
    release(held, fake_api, "1")


def test_a_server_that_is_back_before_anybody_else_came(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    clock.advance(90)
    body = renewed(lease, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, body, ApiError("etcd is away.", 503))
    fake_api.expect_get(LEASE, "shop", NAME, lease)
    body = renewed(lease, clock.now() + timedelta(seconds=1))
    fake_api.expect_replace(LEASE, "shop", NAME, body, stored(body, "2"))
    held.require()
    release(held, fake_api, "2")


def test_a_server_that_is_back_too_late(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    clock.advance(90)
    theirs = stored(taken_over(lease, CART, OTHER, clock.now()), "2")
    fake_api.expect_replace(LEASE, "shop", NAME, renewed(lease, clock.now()), CONFLICT)
    fake_api.expect_get(LEASE, "shop", NAME, theirs)
    with pytest.raises(LockLost, match="was taken over by alice"):
        held.require()
    release(held, fake_api, "1", CONFLICT)


def test_a_renewal_that_took_longer_than_it_lasts_is_made_again(clock: FakeClock, lease: JsonObject) -> None:
    class Slow(FakeApi):
        """The client waits for a server that is away."""

        def replace(self, *arguments: Any, **options: Any) -> JsonObject:
            self.clock.advance(30 if not self.calls else 0)
            return super().replace(*arguments, **options)

    with Slow(clock) as api:
        held = HeldLocks(api, clock, every=3600)
        held.add(CART, lease, clock.monotonic())
        clock.advance(25)
        first = renewed(lease, clock.now())
        api.expect_replace(LEASE, "shop", NAME, first, stored(first, "2"))
        second = renewed(stored(first, "2"), clock.now() + timedelta(seconds=30))
        api.expect_replace(LEASE, "shop", NAME, second, stored(second, "3"))
        held.require()
        assert clock.slept == []
        release(held, api, "3")


def test_no_right_to_renew_is_told_at_once(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    clock.advance(20)
    fake_api.expect_replace(LEASE, "shop", NAME, renewed(lease, clock.now()), ApiError("No update.", 403))
    fake_api.expect_get(LEASE, "shop", NAME, lease)
    with pytest.raises(LockLost, match=r"could not be renewed in time: No update\."):
        held.require()
    release(held, fake_api, "1")


def test_a_right_that_is_missing_is_told(
    fake_api: FakeApi, clock: FakeClock, lease: JsonObject, held: HeldLocks
) -> None:
    fake_api.expect_replace(LEASE, "shop", NAME, renewed(lease, clock.now()), ApiError("No update.", 403))
    fake_api.expect_get(LEASE, "shop", NAME, lease)
    held.renew()
    held.require()
    (warning,) = release(held, fake_api, "1", ApiError("No delete.", 403))
    assert warning == "The lock of Deployment shop/cart ends by itself in 30 s: No delete."


def test_one_that_is_gone_is_let_go(fake_api: FakeApi, held: HeldLocks) -> None:
    assert release(held, fake_api, "1", NotFound("none", 404)) == []


def test_without_a_lock_everything_may_be_done(fake_api: FakeApi, clock: FakeClock) -> None:
    held = HeldLocks(fake_api, clock)
    clock.advance(1000)
    held.require()
    assert held.release() == []


def test_a_thread_renews_it_until_it_is_let_go(fake_api: FakeApi, clock: FakeClock, lease: JsonObject) -> None:
    done = threading.Event()

    class Renewing(HeldLocks):
        def renew(self) -> None:
            super().renew()
            done.set()

    body = renewed(lease, clock.now())
    fake_api.expect_replace(LEASE, "shop", NAME, body, stored(body, "2"))
    for _ in range(100):  # it may come to more than one
        fake_api.expect_replace(LEASE, "shop", NAME, stored(body, "2"), stored(body, "2"))
    held = Renewing(fake_api, clock, every=0.01)
    held.add(CART, lease, clock.monotonic())
    assert done.wait(60)
    held._ends.set()
    held._thread.join(60)
    assert not held._thread.is_alive()
    fake_api._script.clear()
    assert release(held, fake_api, "2") == []
