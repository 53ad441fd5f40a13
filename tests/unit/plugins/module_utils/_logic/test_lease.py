# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import (
    LEASE_SECONDS,
    RENEW_SECONDS,
    TRUST_SECONDS,
    Holder,
    Lockable,
    LockState,
    Watched,
    holder_of,
    is_trusted,
    new_lease,
    renewed,
    taken_over,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Owner, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 3, 5, 0, tzinfo=UTC)
CART = Lockable("shop", "Deployment", "cart")
ALICE = Holder("alice@ctl, PID 7, 1a", "boot/ns/7/100")
BOB = Holder("bob@ctl, PID 8, 2b", "boot/ns/8/200")


def stored(lease: JsonObject, version: str = "1", uid: str = "u") -> JsonObject:
    """As the server has it."""
    return lease | {"metadata": lease["metadata"] | {"resourceVersion": version, "uid": uid}}


def test_a_new_lease() -> None:
    assert new_lease(CART, ALICE, NOW) == {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "namespace": "shop",
            "name": "saferestart-deployment-cart",
            "labels": {"saferestart.k8s/lock": "deployment"},
            "annotations": {"saferestart.k8s/process": "boot/ns/7/100"},
        },
        "spec": {
            "holderIdentity": "alice@ctl, PID 7, 1a",
            "leaseDurationSeconds": 30,
            "acquireTime": "2026-01-02T03:04:05.000678Z",
            "renewTime": "2026-01-02T03:04:05.000678Z",
            "leaseTransitions": 0,
        },
    }


def test_a_lease_that_is_taken_over_is_the_very_version_that_was_seen() -> None:
    before = stored(new_lease(CART, ALICE, NOW), "17")
    after = taken_over(before, CART, BOB, LATER)
    assert (after["metadata"]["resourceVersion"], after["metadata"]["uid"]) == ("17", "u")
    assert holder_of(after) == BOB
    assert after["spec"]["leaseTransitions"] == 1
    assert after["spec"]["acquireTime"] == after["spec"]["renewTime"] == "2026-01-02T03:05:00.000000Z"


def test_a_renewal_changes_the_time_alone() -> None:
    before = stored(new_lease(CART, ALICE, NOW), "17")
    after = renewed(before, LATER)
    assert after["spec"].pop("renewTime") == "2026-01-02T03:05:00.000000Z"
    assert before["spec"].pop("renewTime")
    assert after == before


def test_the_times_fit_together() -> None:
    """Clocks that differ by a fifth in speed, and some renewals that are lost, are no reason to lose a lock."""
    assert TRUST_SECONDS * 1.2 < LEASE_SECONDS / 1.2
    assert 3 * RENEW_SECONDS < TRUST_SECONDS
    assert is_trusted(100.0, 100.0 + TRUST_SECONDS - 0.1)
    assert not is_trusted(100.0, 100.0 + TRUST_SECONDS)


@pytest.mark.parametrize(
    ("spec", "there", "seconds", "state"),
    [
        ({}, None, 0, LockState.UNKNOWN),
        ({}, None, LEASE_SECONDS - 0.1, LockState.UNKNOWN),
        ({}, None, LEASE_SECONDS, LockState.FREE),
        ({}, True, 0, LockState.ALIVE),
        ({}, True, LEASE_SECONDS, LockState.FREE),
        ({}, False, 0, LockState.FREE),
        ({"holderIdentity": ""}, None, 0, LockState.FREE),
        ({"holderIdentity": None}, True, 0, LockState.FREE),
        ({"leaseDurationSeconds": 90}, None, LEASE_SECONDS, LockState.UNKNOWN),
        ({"leaseDurationSeconds": 90}, None, 90, LockState.FREE),
        ({"leaseDurationSeconds": None}, None, LEASE_SECONDS, LockState.FREE),
        # by its own clock it has long expired, and that counts for nothing
        ({"renewTime": "2001-01-02T03:04:05.000000Z"}, None, 0, LockState.UNKNOWN),
    ],
)
def test_when_a_lock_is_free(spec: JsonObject, there: bool | None, seconds: float, state: LockState) -> None:
    lease = stored(new_lease(CART, ALICE, NOW))
    lease["spec"] |= spec
    watched = Watched()
    watched.see(lease, 1000.0, there=there)
    assert watched.see(lease, 1000.0 + seconds, there=there) is state


def test_a_lock_that_changes_is_alive_and_lasts_from_then_on() -> None:
    lease = new_lease(CART, ALICE, NOW)
    watched = Watched()
    assert watched.see(stored(lease, "1"), 0.0) is LockState.UNKNOWN
    assert watched.see(stored(lease, "2"), 29.0) is LockState.ALIVE
    assert watched.see(stored(lease, "2"), 58.0) is LockState.ALIVE
    assert watched.see(stored(lease, "2"), 59.0) is LockState.FREE
    assert watched.see(stored(lease, "2", uid="another"), 60.0) is LockState.ALIVE


def test_a_lease_of_somebody_who_writes_little() -> None:
    empty: JsonObject = {"metadata": {"name": "x", "namespace": "shop", "uid": "u", "resourceVersion": "1"}}
    assert holder_of(empty) == Holder("")
    assert Watched().see(empty, 0.0) is LockState.FREE
    assert taken_over(empty, CART, BOB, NOW)["spec"]["leaseTransitions"] == 1


@pytest.mark.parametrize(
    ("owner", "labels", "what"),
    [
        (None, {}, ("Pod", "cart-aaa-1")),
        (("ReplicaSet", "cart-aaa"), {"pod-template-hash": "aaa"}, ("Deployment", "cart")),
        (("ReplicaSet", "cart-aaa"), {"rollouts-pod-template-hash": "aaa"}, ("Rollout", "cart")),
        (("ReplicaSet", "cart-aaa"), {"pod-template-hash": "bbb"}, ("ReplicaSet", "cart-aaa")),
        (("ReplicaSet", "cart-aaa"), {}, ("ReplicaSet", "cart-aaa")),
        (("StatefulSet", "db"), {"pod-template-hash": "aaa"}, ("StatefulSet", "db")),
        (("Job", "import"), {}, ("Job", "import")),
    ],
)
def test_what_a_pod_belongs_to(owner: tuple[str, str] | None, labels: dict[str, str], what: tuple[str, str]) -> None:
    found: Pod = replace(
        Pod.from_object(pod("cart-aaa-1")), owner=Owner(*owner, "uid-o") if owner else None, labels=labels
    )
    assert Lockable.owner_of(found) == Lockable("shop", *what)


@pytest.mark.parametrize("name", ["cart", "a" * 253, "a" * 252 + ".b"])
def test_names_are_short_enough_and_differ(name: str) -> None:
    names = {
        Lockable("shop", kind, end).lease_name for kind in ("Deployment", "DaemonSet") for end in (name, name[:-1])
    }
    assert len(names) == 4
    assert all(len(entry) <= 253 and entry[-1].isalnum() for entry in names)


def test_they_are_taken_in_one_order() -> None:
    found: list[Any] = [Lockable("shop", "Pod", "b"), Lockable("shop", "Pod", "a"), CART]
    assert [str(entry) for entry in sorted(found)] == ["Deployment shop/cart", "Pod shop/a", "Pod shop/b"]
