# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room in a disruption budget: who is asked for it, how it is waited for, and what is said where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    POD,
    POD_DISRUPTION_BUDGET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.disruption_budget import BudgetGate, Room
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    expect_exec,
    expect_watch,
    failed_run,
    looking,
    only,
    restarted,
    run,
)

FULL = ApiError("Cannot evict Pod shop/cart-1: The disruption budget cart needs 2 healthy pods and has 2.", 429)
FORBIDDEN = ApiError('Cannot evict Pod: User "ann" cannot create resource "pods/eviction".', 403)
NO_LIST = ApiError("Cannot list poddisruptionbudgets.", 403)
SEVERAL = ApiError("Cannot evict Pod: This pod has more than one PodDisruptionBudget.", 500)
WEBHOOK = ApiError('Cannot evict Pod: admission webhook "guard" denied the request: no.', 403)


def cart(number: int = 1, *, ready: bool = True) -> JsonObject:
    """A pod that the budget covers."""
    return pod(f"cart-{number}", ready=ready, meta={"labels": {"app": "cart"}})


def budget(name: str = "cart", *, allowed: int = 1, desired: int = 1) -> JsonObject:
    """A budget over two of them, both healthy."""
    status = {"disruptionsAllowed": allowed, "currentHealthy": 2, "desiredHealthy": desired, "expectedPods": 2}
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": "cart"}}}, "status": status}


def expect_evict(api: FakeApi, error: Exception | None = None, name: str = "cart-1") -> None:
    """The server is asked."""
    api.expect_evict(NAMESPACE, name, error, uid=f"uid-{name}", dry_run=True)


def expect_budgets(api: FakeApi, *answer: JsonObject, error: Exception | None = None) -> None:
    """The budgets are listed."""
    api.expect_list(POD_DISRUPTION_BUDGET, NAMESPACE, error or answer)


def expect_pods(api: FakeApi, *pods: JsonObject) -> None:
    """The pods of a budget are listed."""
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")


def gate(api: FakeApi, mode: str = "respect") -> BudgetGate:
    """A gate that nobody has asked."""
    return BudgetGate(api, api.clock, NAMESPACE, mode)


def room(api: FakeApi, *in_flight: JsonObject, of: JsonObject | None = None) -> Room:
    """What a new gate says of cart-1."""
    return gate(api).room(Pod.from_object(of or cart()), [Pod.from_object(obj) for obj in in_flight])


# The server is asked.


def test_the_server_has_room(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    assert room(fake_api) == Room(True, "", "server")


def expect_no_room(api: FakeApi) -> None:
    """The server is asked, and says no; then it is asked why."""
    expect_evict(api, FULL)
    api.expect_get(POD, NAMESPACE, "cart-1", cart())
    expect_budgets(api, budget(allowed=0, desired=2))
    expect_pods(api, cart(), cart(2, ready=False), pod("done", phase="Succeeded", ready=False))


def test_the_server_has_none(fake_api: FakeApi) -> None:
    expect_no_room(fake_api)
    words = "PodDisruptionBudget cart needs 2 healthy pods, has 2 of 2, and allows 0 to be down; not Ready: cart-2"
    assert room(fake_api) == Room(False, words, "server")


def test_the_server_has_none_and_budgets_may_not_be_listed(fake_api: FakeApi) -> None:
    expect_evict(fake_api, FULL)
    fake_api.expect_get(POD, NAMESPACE, "cart-1", cart())
    expect_budgets(fake_api, error=NO_LIST)
    assert room(fake_api) == Room(False, str(FULL).rstrip("."), "server")


def test_a_refusal_holds_for_its_likes_and_is_asked_for_again_later_and_later(fake_api: FakeApi) -> None:
    for _ in range(4):
        expect_no_room(fake_api)
    expect_evict(fake_api, name="cart-2")
    asked, likes = gate(fake_api), [Pod.from_object(cart()), Pod.from_object(cart(2))]
    for pause in (1, 2, 3, 3):
        now = fake_api.clock.monotonic()
        assert not any(asked.room(entry).allowed for entry in likes)
        assert list(asked.moments(now)) == [now + pause]
        fake_api.clock.advance(pause)
    assert asked.room(likes[1]).allowed
    assert not list(asked.moments(0))


def test_a_refusal_is_forgotten_once_another_pod_is_back(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, budget())
    expect_pods(fake_api, cart(), cart(2))
    asked = gate(fake_api)
    for _ in range(2):
        assert not asked.room(Pod.from_object(cart()), [Pod.from_object(cart(2))]).allowed
    assert asked.room(Pod.from_object(cart())).allowed


def test_a_pod_that_is_not_ready_is_not_held_up_by_its_likes(fake_api: FakeApi) -> None:
    expect_no_room(fake_api)
    fake_api.expect_get(POD, NAMESPACE, "cart-2", cart(2, ready=False))
    asked = gate(fake_api)
    assert not asked.room(Pod.from_object(cart())).allowed
    assert asked.room(Pod.from_object(cart(2, ready=False))).allowed


def test_nobody_is_asked_where_budgets_are_ignored(fake_api: FakeApi) -> None:
    assert gate(fake_api, "ignore").room(Pod.from_object(cart())).allowed


def test_a_pod_that_is_not_ready_needs_no_room(fake_api: FakeApi) -> None:
    fake_api.expect_get(POD, NAMESPACE, "cart-1", cart(ready=False))
    assert room(fake_api, of=cart(ready=False)) == Room(True, "it is not Ready, and no budget counts it", "none")


def test_one_that_is_ready_by_now_does(fake_api: FakeApi) -> None:
    fake_api.expect_get(POD, NAMESPACE, "cart-1", cart())
    expect_evict(fake_api)
    assert room(fake_api, of=cart(ready=False)).source == "server"


def test_one_that_has_become_unready_is_not_held_up_by_its_own_budget(fake_api: FakeApi) -> None:
    expect_evict(fake_api, FULL)
    fake_api.expect_get(POD, NAMESPACE, "cart-1", cart(ready=False))
    assert room(fake_api).allowed


@pytest.mark.parametrize("error", [NotFound("gone", 404), ApiError("the UID in the precondition differs", 409)])
def test_one_that_is_gone(fake_api: FakeApi, error: ApiError) -> None:
    expect_evict(fake_api, error)
    assert room(fake_api).words == "it is gone"


def test_the_same_pod_is_asked_for_once_a_second(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_evict(fake_api)
    asked = gate(fake_api)
    for seconds in (0, 0.9, 0.1):
        fake_api.clock.advance(seconds)
        assert asked.room(Pod.from_object(cart())).allowed


# It is computed.


@pytest.mark.parametrize(
    ("budgets", "words"),
    [
        ([], ""),
        ([budget()], ""),
        ([budget(allowed=0)], "PodDisruptionBudget cart needs 1 healthy pods, has 2 of 2, and allows 0 to be down"),
    ],
)
def test_computed_where_evictions_are_forbidden(fake_api: FakeApi, budgets: list[JsonObject], words: str) -> None:
    expect_evict(fake_api, FORBIDDEN)
    expect_budgets(fake_api, *budgets)
    if words:
        expect_pods(fake_api, cart())
    assert room(fake_api) == Room(not words, words, "computed")


def test_what_is_forbidden_is_asked_once(fake_api: FakeApi) -> None:
    expect_evict(fake_api, FORBIDDEN)
    expect_budgets(fake_api)
    asked = gate(fake_api)
    assert asked.room(Pod.from_object(cart())).source == asked.room(Pod.from_object(cart(2))).source == "computed"


@pytest.mark.parametrize("first", [None, FULL])
def test_what_could_be_asked_once_is_not_done_without(fake_api: FakeApi, first: ApiError | None) -> None:
    asked = gate(fake_api)
    if first:
        expect_no_room(fake_api)
    else:
        expect_evict(fake_api)
    assert asked.room(Pod.from_object(cart())).allowed is not bool(first)
    fake_api.clock.advance(1)
    expect_evict(fake_api, FORBIDDEN)
    with pytest.raises(ApiError, match="cannot create"):
        asked.room(Pod.from_object(cart()))


def test_budgets_that_could_be_listed_once_are_not_done_without(fake_api: FakeApi) -> None:
    asked = gate(fake_api)
    expect_evict(fake_api, FORBIDDEN)
    expect_budgets(fake_api)
    assert asked.room(Pod.from_object(cart())).source == "computed"
    fake_api.clock.advance(1)
    expect_budgets(fake_api, error=NO_LIST)
    with pytest.raises(ApiError, match="Cannot list"):
        asked.room(Pod.from_object(cart(2)))


@pytest.mark.parametrize(("desired", "words"), [(0, "each of its disruption budgets has room"), (2, "needs 2 healthy")])
def test_of_several_budgets_every_one_has_to_have_room_by_count(fake_api: FakeApi, desired: int, words: str) -> None:
    """Their own figures are not to be trusted: the controller does not bring them up to date."""
    expect_evict(fake_api, SEVERAL)
    expect_budgets(fake_api, budget("b", allowed=0, desired=desired), budget("a", allowed=0))
    expect_pods(fake_api, cart(), cart(2))
    found = room(fake_api)
    assert (found.allowed, found.source) == (desired == 0, "computed")
    assert words in found.words


def test_several_budgets_that_may_not_be_listed(fake_api: FakeApi) -> None:
    expect_evict(fake_api, SEVERAL)
    expect_budgets(fake_api, error=NO_LIST)
    assert "it has more than one PodDisruptionBudget, and these may not be listed" in room(fake_api).words


def test_nobody_can_be_asked(fake_api: FakeApi) -> None:
    expect_evict(fake_api, FORBIDDEN)
    expect_budgets(fake_api, error=NO_LIST)
    asked = gate(fake_api)
    assert asked.room(Pod.from_object(cart())) == Room(
        True, "neither evictions nor disruption budgets may be asked", "none"
    )
    asked.room(Pod.from_object(cart(2)))
    (warning,) = asked.warnings
    assert warning.startswith("No disruption budget was asked: neither may pods/eviction be created nor")
    assert str(FORBIDDEN) in warning


# Others are in flight.


def test_what_is_in_flight_is_subtracted(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, budget())
    expect_pods(fake_api, cart(), cart(2))
    found = room(fake_api, cart(2))
    words = "PodDisruptionBudget cart needs 1 healthy pods and has 1 besides 1 in flight"
    assert found == Room(False, words, "server")


def test_room_for_two(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, budget(desired=0))
    expect_pods(fake_api, cart(), cart(2))
    assert room(fake_api, cart(2)) == Room(True, "", "server")


def test_a_pod_of_no_budget_of_this_one_is_no_matter(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, budget())
    assert room(fake_api, pod("other")).allowed


def test_an_answer_holds_for_the_likes_of_a_pod_that_no_budget_covers(fake_api: FakeApi) -> None:
    first, *others = (Pod.from_object(cart(number)) for number in range(1, 5))
    own = pod("cart-4", meta={"labels": {"app": "cart", "apps.kubernetes.io/pod-index": "4"}})
    selector = {"selector": {"matchLabels": {"apps.kubernetes.io/pod-index": "4"}}}
    only_its = {**budget(), "spec": selector}
    asked = gate(fake_api)
    expect_evict(fake_api)
    expect_budgets(fake_api, only_its)
    assert asked.room(first, [others[2]]).allowed
    assert asked.room(others[0], [first]).allowed
    expect_evict(fake_api, FULL, name="cart-4")
    fake_api.expect_get(POD, NAMESPACE, "cart-4", own)
    fake_api.expect_list(POD, NAMESPACE, [own], label_selector="apps.kubernetes.io/pod-index=4")
    assert not asked.room(Pod.from_object(own), [first]).allowed
    fake_api.clock.sleep(1)
    expect_evict(fake_api, name="cart-3")
    expect_budgets(fake_api, only_its)
    assert asked.room(others[1], [first]).allowed


def test_nor_is_the_pod_itself(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    assert room(fake_api, cart()).allowed


def test_the_cached_answer_is_of_the_server_alone(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, budget())
    expect_pods(fake_api, cart(), cart(2))
    asked = gate(fake_api)
    assert asked.room(Pod.from_object(cart())).allowed
    assert not asked.room(Pod.from_object(cart()), [Pod.from_object(cart(2))]).allowed


def test_one_at_a_time_where_budgets_may_not_be_listed(fake_api: FakeApi) -> None:
    expect_evict(fake_api)
    expect_budgets(fake_api, error=NO_LIST)
    asked = gate(fake_api)
    assert not asked.room(Pod.from_object(cart()), [Pod.from_object(cart(2))]).allowed
    assert asked.warnings[0].startswith("Pods are restarted one at a time")


# In a run.


def looked(api: FakeApi) -> None:
    """The pod is listed, and looked at."""
    api.expect_list(POD, NAMESPACE, [cart()], field_selector="metadata.name=cart-1")
    expect_exec(api, "cart-1", looking())


def respecting(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A run that asks."""
    return run(api, disruption_budget="respect", **params)


@pytest.mark.usefixtures("_known_token")
def test_room_that_appears_while_it_is_waited_for(fake_api: FakeApi) -> None:
    looked(fake_api)
    expect_no_room(fake_api)
    expect_watch(fake_api, "cart-1", 5.0, restarted())
    expect_evict(fake_api)
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    result = respecting(fake_api)
    assert (only(result)["outcome"], result["plan"][0]["budget"]) == ("restarted", "server")


@pytest.mark.usefixtures("_known_token")
def test_no_room_until_the_end(fake_api: FakeApi) -> None:
    looked(fake_api)
    expect_no_room(fake_api)
    expect_watch(fake_api, "cart-1")
    expect_no_room(fake_api)
    message, result = failed_run(fake_api, disruption_budget="respect", wait_timeout=5)
    assert message == (
        "Not all were restarted: for 5 s no further pod could be taken down: there is no room in the disruption "
        "budget: PodDisruptionBudget cart needs 2 healthy pods, has 2 of 2, and allows 0 to be down; not Ready: "
        "cart-2. 1 more were not touched: container app of Pod shop/cart-1."
    )
    assert (only(result)["outcome"], result["changed"]) == ("skipped", False)


@pytest.mark.usefixtures("_known_token")
@pytest.mark.parametrize("error", [ApiError("The server answered 503.", 503), Unreachable("No answer.")])
def test_a_server_that_cannot_say_just_now_is_asked_again(fake_api: FakeApi, error: Exception) -> None:
    looked(fake_api)
    expect_evict(fake_api, error)
    expect_watch(fake_api, "cart-1", 5.0, restarted())
    expect_evict(fake_api)
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    assert only(respecting(fake_api))["outcome"] == "restarted"


@pytest.mark.usefixtures("_known_token")
def test_a_server_that_cannot_say_until_the_end(fake_api: FakeApi) -> None:
    looked(fake_api)
    expect_evict(fake_api, Unreachable("No answer."))
    expect_watch(fake_api, "cart-1")
    expect_evict(fake_api, Unreachable("No answer."))
    message, result = failed_run(fake_api, disruption_budget="respect", wait_timeout=5)
    assert "there is no room in the disruption budget: it could not be asked for: No answer. 1 more" in message
    assert (only(result)["outcome"], result["changed"]) == ("skipped", False)


@pytest.mark.usefixtures("_known_token")
def test_a_refusal_that_is_no_budgets(fake_api: FakeApi) -> None:
    looked(fake_api)
    expect_evict(fake_api, WEBHOOK)
    message, result = failed_run(fake_api, disruption_budget="respect")
    assert f"Pod shop/cart-1: its disruption budget could not be asked: {WEBHOOK}" in message
    assert only(result)["outcome"] == "skipped"


@pytest.mark.usefixtures("_known_token")
def test_check_mode_asks_and_says_what_it_would_wait_for(fake_api: FakeApi) -> None:
    looked(fake_api)
    expect_no_room(fake_api)
    (planned,) = respecting(fake_api, check_mode=True)["plan"]
    assert planned["budget"] == "server"
    assert "; it has to wait: PodDisruptionBudget cart needs 2 healthy pods" in planned["reason"]
