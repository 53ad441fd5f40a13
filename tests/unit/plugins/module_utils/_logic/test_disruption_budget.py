# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.disruption_budget import (
    Budget,
    costs_nothing,
    covering,
    may_not_ask,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[5] / ".build" / "hypothesis")

POD = Pod.from_object(pod("cart-a", meta={"labels": {"app": "cart", "tier": "web"}}))


@pytest.mark.parametrize(
    ("selector", "covers"),
    [
        ({"matchLabels": {"app": "cart"}}, True),
        ({"matchLabels": {"app": "cart", "tier": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["cart", "shop"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "cart"}, "matchExpressions": [{"key": "zone", "operator": "Exists"}]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_which_budgets_cover_a_pod(selector: JsonObject | None, covers: bool) -> None:
    budget = Budget.from_object({"metadata": {"name": "one"}, "spec": {"selector": selector}})
    assert covering([budget], POD) == [budget] * covers


# Whether it has room.


def budget(spec: dict[str, object] | None = None, **status: object) -> Budget:
    """A budget over app=cart: 2 of its 3 pods have to be healthy, and all 3 are, unless `status` says otherwise."""
    figures = {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3}
    return Budget.from_object(
        {
            "metadata": {"name": "cart", "generation": 2},
            "spec": {"selector": {"matchLabels": {"app": "cart"}}, **(spec or {})},
            "status": {"observedGeneration": 2, **figures, **status},
        }
    )


def cart(number: int, *, ready: bool = True, app: str = "cart", **meta: object) -> Pod:
    """One of its pods."""
    return Pod.from_object(pod(f"cart-{number}", ready=ready, meta={"labels": {"app": app}, **meta}))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({}, None),
        ({"observedGeneration": 1}, "PodDisruptionBudget cart has been changed, and its controller has not looked at"),
        (
            {"disruptionsAllowed": 0, "currentHealthy": 2},
            "PodDisruptionBudget cart needs 2 healthy pods, has 2 of 3, and allows 0 to be down",
        ),
        ({"disruptionsAllowed": -1}, "allows 0 to be down"),
    ],
    ids=["room", "not observed", "no room", "negative"],
)
def test_room_by_its_own_figures(status: dict[str, object], words: str | None) -> None:
    found = budget(**status).obstacle()
    assert found is None if words is None else words in str(found)


def test_a_budget_that_nobody_has_counted_has_no_room() -> None:
    assert Budget.from_object({"metadata": {"name": "new", "generation": 1}, "spec": {}}).obstacle()


@pytest.mark.parametrize(
    ("pods", "status", "words"),
    [
        ([cart(1), cart(2), cart(3)], {}, "has 2 besides 1 in flight"),
        ([cart(1), cart(2), cart(3), cart(4)], {}, None),
        ([cart(1, ready=False), cart(2), cart(3)], {}, "has 2 besides 1 in flight"),
        ([cart(1), cart(2), cart(3), cart(4, ready=False)], {}, "has 2 besides 1 in flight"),
        ([cart(1), cart(2), cart(3), cart(4, deletionTimestamp="2026-01-02T03:04:05Z")], {}, "has 2 besides 1"),
        ([cart(1), cart(2), cart(3), cart(4)], {"disruptedPods": {"cart-4": "2026-01-02T03:04:05Z"}}, "has 2 besides"),
        ([cart(1), cart(2), cart(3), cart(4, app="shop")], {}, "has 2 besides 1 in flight"),
        ([cart(2), cart(3)], {}, "has 2"),
    ],
    ids=["stale", "one more", "known", "not ready", "terminating", "evicted", "another's", "gone"],
)
def test_room_beside_one_that_is_in_flight(pods: list[Pod], status: dict[str, object], words: str | None) -> None:
    found = budget(**status).obstacle_by_count(pods, {"uid-cart-1"})
    assert found is None if words is None else f"cart needs 2 healthy pods and {words}" in str(found)


@pytest.mark.parametrize(
    ("spec", "needed"),
    [
        ({"minAvailable": 3}, 3),
        ({"minAvailable": "50%"}, 3),
        ({"minAvailable": "100%"}, 5),
        ({"minAvailable": 0}, 0),
        ({"maxUnavailable": 1}, 4),
        ({"maxUnavailable": "30%"}, 3),
        ({"maxUnavailable": "0%"}, 5),
        ({"maxUnavailable": 9}, 0),
        ({}, 2),
    ],
)
def test_how_many_have_to_be_healthy(spec: dict[str, object], needed: int) -> None:
    """Of 5 pods, by the spec: the budget's own figures are of 3."""

    def has_room(healthy: int) -> bool:
        pods = [cart(number, ready=number < healthy) for number in range(5)]
        return budget(spec=spec).obstacle_by_count(pods, set()) is None

    assert [has_room(healthy) for healthy in range(6)] == [healthy > needed for healthy in range(6)]


@pytest.mark.parametrize(
    ("ready", "phase", "free"),
    [(True, "Running", False), (False, "Running", True), (True, "Failed", True)],
)
def test_what_costs_nothing(ready: bool, phase: str, free: bool) -> None:
    assert costs_nothing(Pod.from_object(pod("cart-1", ready=ready, phase=phase))) is free


WEBHOOK = 'admission webhook "guard.example.com" denied the request: it cannot be'
POLICY = "pods \"cart-1\" is forbidden: ValidatingAdmissionPolicy 'guard' denied request: pods cannot be evicted"
RIGHTS = 'pods "cart-1" is forbidden: User "ann" cannot create resource "pods/eviction" in API group ""'
NO_DRY_RUN = 'admission webhook "old.example.com" does not support dry run'
BUDGET = 'poddisruptionbudget "cart" is forbidden: pdb disruptions allowed is negative'


@pytest.mark.parametrize(
    ("status", "text", "cannot"),
    [
        (403, RIGHTS, True),
        (403, "forbidden (403)", True),
        (400, NO_DRY_RUN, True),
        (400, "bad", False),
        (403, WEBHOOK, False),
        (403, POLICY, False),
        (403, BUDGET, False),
        (500, NO_DRY_RUN, False),
    ],
)
def test_whether_the_server_could_be_asked(status: int, text: str, cannot: bool) -> None:
    assert may_not_ask(ApiError(f"Cannot evict Pod shop/cart-1: {text}.", status)) is cannot


@given(st.data())
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
def test_never_are_more_down_than_the_budget_allows(data: st.DataObject) -> None:
    """Pods go down and come back at any time, while the budget's figures and the list of pods are behind the truth."""
    size = data.draw(st.integers(1, 7), label="pods")
    desired = data.draw(st.integers(0, size), label="desired")
    as_minimum = data.draw(st.booleans(), label="as minAvailable")
    truth = {f"cart-{number}": data.draw(st.booleans()) for number in range(size)}
    counted, listed = dict(truth), dict(truth)
    in_flight: set[str] = set()
    for _ in range(data.draw(st.integers(1, 25), label="steps")):
        name = data.draw(st.sampled_from(sorted(truth)))
        match data.draw(st.sampled_from(["ask", "ask", "back", "count", "list"])):
            case "back" if name in in_flight:
                # Proven Ready again by what is listed; the controller may not know.
                truth[name] = listed[name] = True
                in_flight.discard(name)
            case "count":
                counted[name] = truth[name]
            case "list":
                listed[name] = truth[name]
            case "ask" if listed[name] and name not in in_flight:
                healthy = sum(counted.values())
                figures = {"desiredHealthy": desired, "currentHealthy": healthy, "expectedPods": size}
                limit = {"minAvailable": desired} if as_minimum else {"maxUnavailable": size - desired}
                found = budget(limit, disruptionsAllowed=max(0, healthy - desired), **figures)
                pods = [cart(int(entry.split("-")[1]), ready=ready) for entry, ready in listed.items()]
                down = {f"uid-{entry}" for entry in in_flight}
                if not found.obstacle() and not found.obstacle_by_count(pods, down):
                    truth[name] = False
                    in_flight.add(name)
                    assert sum(truth.values()) >= desired
