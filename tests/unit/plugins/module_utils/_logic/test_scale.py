# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import shlex

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import (
    ANNOTATION,
    by_hand,
    down_body,
    downtime,
    left_words,
    old_pods,
    restored,
    scale_diff,
    starting_point,
    up_body,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload
from ansible_collections.saferestart.k8s.tests.unit.scale_script import at, body, ending, fresh

OBJ = workload("Deployment")
CART = Workload.from_object(OBJ)


def test_the_count_is_what_the_object_asks_for() -> None:
    start = starting_point(CART, at(OBJ, 3))
    assert (start.count, start.resumed, start.warnings) == (3, False, ())


def test_a_count_that_is_left_out_is_one() -> None:
    obj = at(OBJ, 3)
    del obj["spec"]["replicas"]
    assert starting_point(CART, obj).count == 1


def test_an_earlier_run_has_left_it() -> None:
    start = starting_point(CART, at(OBJ, 0, "7"))
    assert (start.count, start.resumed) == (7, True)


@pytest.mark.parametrize("policy", [None, {}, {"whenDeleted": "Delete"}, {"whenScaled": "Retain"}])
def test_volumes_that_stay(policy: JsonObject | None) -> None:
    obj = workload("StatefulSet", spec={"persistentVolumeClaimRetentionPolicy": policy})
    assert starting_point(Workload.from_object(obj), obj).count == 2


def test_volumes_of_a_set_that_is_at_0_already_are_no_reason_to_leave_it_there() -> None:
    obj = at(workload("StatefulSet", spec={"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}), 0, "2")
    assert starting_point(Workload.from_object(obj), obj).resumed


def test_the_error_names_both_commands() -> None:
    with pytest.raises(TargetError) as caught:
        starting_point(CART, at(OBJ, 0, "x"))
    assert "kubectl --namespace shop scale deployment/cart --replicas=N" in str(caught.value)
    assert f"kubectl --namespace shop annotate deployment/cart {ANNOTATION}-" in str(caught.value)


def test_each_request_is_for_one_version_of_the_object() -> None:
    assert down_body(at(OBJ, 2, None, "33"), 2) == body("33", "2", 0)
    assert up_body(at(OBJ, 0, "2", "34"), 2) == body("34", None, 2)


def test_a_count_that_somebody_has_set_stays() -> None:
    assert up_body(at(OBJ, 5, "2", "34"), 2) == body("34", None, 5)


@pytest.mark.parametrize(
    ("count", "kept", "done"), [(2, None, True), (2, "2", False), (0, None, False), (0, "2", False)]
)
def test_nothing_is_left_to_put_back(count: int, kept: str | None, done: bool) -> None:
    assert restored(at(OBJ, count, kept)) is done


def test_by_hand_is_what_the_module_would_send() -> None:
    words = shlex.split(by_hand(CART, 2))
    assert words[:5] == ["kubectl", "--namespace", "shop", "patch", "deployment/cart"]
    sent = json.loads(words[-1].removeprefix("--patch="))
    expected = body("1", None, 2)
    del expected["metadata"]["resourceVersion"]
    assert sent == expected


@pytest.mark.parametrize(
    ("count", "kept", "before", "after"),
    [
        (2, None, (None, 2), ("2", 0)),
        (2, "9", ("9", 2), ("2", 0)),
        (0, "2", ("2", 0), (None, 2)),
    ],
)
def test_diff(count: int, kept: str | None, before: tuple[str | None, int], after: tuple[str | None, int]) -> None:
    diff = scale_diff(CART, at(OBJ, count, kept), 2)
    for side, (annotation, number) in (("before", before), ("after", after)):
        kept_there = {} if annotation is None else {ANNOTATION: annotation}
        assert diff[side] == {"metadata": {"annotations": kept_there}, "spec": {"replicas": number}}


def test_old_pods_are_those_that_still_run_or_are_being_deleted() -> None:
    pods = [
        pod("d", OBJ),
        pod("c", OBJ, phase="Failed"),
        ending(pod("b", OBJ, phase="Succeeded")),
        pod("a", workload("Deployment", "other")),
    ]
    assert [entry["metadata"]["name"] for entry in old_pods(CART, pods)] == ["b", "d"]


def test_a_pod_on_no_node_is_left() -> None:
    assert left_words(CART, ending(pod("a", OBJ, node=""))) == "a (it is on no node)"


@pytest.mark.parametrize(
    ("old", "new", "seconds"),
    [
        (["2026-01-02T03:04:05Z", "2026-01-02T03:04:08Z"], ["2026-01-02T03:04:20Z", "2026-01-02T03:04:12Z"], 4),
        # Not deleted in time to say so: it was to be gone at 03:04:30.
        (["2026-01-02T03:04:05Z", ""], ["2026-01-02T03:04:40Z"], 10),
        (["2026-01-02T03:04:08Z"], ["2026-01-02T03:04:07Z"], 0),
        ([], ["2026-01-02T03:04:07Z"], None),
        (["2026-01-02T03:04:08Z"], [], None),
    ],
)
def test_downtime(old: list[str], new: list[str], seconds: int | None) -> None:
    ended = [ending(pod("a", OBJ), time) for time in old]
    assert downtime(ended, [fresh("b", OBJ, time) for time in new]) == seconds


def test_downtime_is_not_known_of_a_pod_that_was_never_seen_to_end() -> None:
    assert downtime([pod("a", OBJ)], [fresh("b", OBJ)]) is None
