# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.steadiness import MOST_RESTARTS, Steadiness
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, probed

WAITS = "new pods without a readiness probe have to run for 3 s"
ENDED = {"terminated": {"exitCode": 4, "reason": "Error"}}


def of(*, min_ready_seconds: int = 0, old: str = "") -> Steadiness:
    """All pods but the one of that name are new."""
    return Steadiness(min_ready_seconds, lambda pod: pod.name == old)


def ended(name: str) -> JsonObject:
    return pod(name, ready=False, containers=[container("app", ready=False, state=ENDED)])


def test_a_pod_without_a_readiness_probe_has_to_run_for_a_moment() -> None:
    steadiness = of()
    assert steadiness.see([pod("a")], 10.0) == WAITS
    assert steadiness.pause == 3.0
    assert steadiness.see([pod("a")], 12.5) == WAITS
    assert steadiness.pause == 0.5
    assert steadiness.see([pod("a")], 13.0) == ""
    assert steadiness.problem is None


def test_one_that_ends_has_to_run_for_as_long_again() -> None:
    steadiness = of()
    steadiness.see([pod("a"), pod("b")], 10.0)
    assert (
        steadiness.see([pod("a"), ended("b")], 11.0)
        == "1 of 2 new pods did not stay Ready (container app: exit code 4)"
    )
    assert steadiness.pause is None
    assert steadiness.problem == (
        "its controller says that it is done, but new pods without a readiness probe do not stay Ready: "
        "Pod shop/b: container app ended with exit code 4 (Error)"
    )
    assert steadiness.see([pod("a"), pod("b")], 20.0) == WAITS
    assert "Pod shop/b" in (steadiness.problem or "")
    assert steadiness.at_worst([pod("a"), pod("b")]) == [pod("a"), ended("b")]
    assert steadiness.see([pod("a"), pod("b")], 23.0) == ""
    assert steadiness.problem is None


def test_one_that_has_ended_before_it_was_seen_is_waited_for() -> None:
    steadiness = of()
    assert steadiness.see([ended("a")], 10.0) == "1 of 1 new pods did not stay Ready (container app: exit code 4)"


def test_what_a_probe_or_the_controller_speaks_for_is_not_waited_for() -> None:
    assert of().see([probed(pod("a")), probed(pod("b", ready=False))], 10.0) == ""
    assert of(min_ready_seconds=3).see([pod("a")], 10.0) == ""
    assert of(min_ready_seconds=2).see([pod("a")], 10.0) == WAITS
    assert of(old="a").see([pod("a")], 10.0) == ""
    assert of().see([], 10.0) == ""


def test_pods_that_come_or_go_meanwhile_are_no_matter() -> None:
    steadiness = of()
    assert steadiness.see([pod("a"), pod("starting", ready=False, phase="Pending")], 10.0) == WAITS
    assert steadiness.see([pod("a"), ended("later")], 13.0) == ""
    steadiness = of()
    assert steadiness.see([pod("a"), pod("b")], 10.0) == WAITS
    assert steadiness.see([], 11.0) == ""


def test_of_many_some_are_named() -> None:
    steadiness = of()
    steadiness.see([ended(name) for name in "abcde"], 10.0)
    assert (steadiness.problem or "").endswith("; Pod shop/c: container app ended with exit code 4 (Error) and 2 more")


def test_one_that_ends_again_and_again_is_given_up() -> None:
    steadiness = of()
    for restarts in range(MOST_RESTARTS):
        steadiness.see([pod("a", ready=False, containers=[container("app", restarts, ready=False, state=ENDED)])], 10.0)
        assert not steadiness.given_up
    steadiness.see([pod("a", containers=[container("app", MOST_RESTARTS)])], 10.0)
    assert not steadiness.given_up
    last = pod("a", ready=False, containers=[container("app", MOST_RESTARTS, ready=False, state=ENDED)])
    steadiness.see([last], 10.0)
    assert steadiness.given_up
