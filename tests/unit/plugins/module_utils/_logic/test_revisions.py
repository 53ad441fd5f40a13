# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import (
    current,
    find,
    history,
    restored_annotations,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload
from ansible_collections.saferestart.k8s.tests.unit.revision_script import CAUSE, NUMBER, revision, running, template

KINDS = ["Deployment", "StatefulSet", "DaemonSet"]


def numbers(obj: JsonObject, revisions: list[JsonObject]) -> list[int]:
    return [entry.number for entry in history(Workload.from_object(obj), revisions)]


def current_number(obj: JsonObject, revisions: list[JsonObject]) -> int | None:
    its = Workload.from_object(obj)
    found = current(its, obj, history(its, revisions))
    return found.number if found else None


def found_name(obj: JsonObject, revisions: list[JsonObject], number: int = 0, name: str | None = None) -> str:
    its = Workload.from_object(obj)
    return find(its, obj, history(its, revisions), number, name).name


@pytest.mark.parametrize("kind", KINDS)
def test_history(kind: str) -> None:
    obj = running(kind, "b")
    made = [revision(obj, 10, "b", **{CAUSE: "why"}), revision(obj, 9, "a")]
    old, new = history(Workload.from_object(obj), made)
    assert (old.number, old.name, old.created, old.change_cause) == (9, "cart-a", "2026-01-02T03:00:09Z", None)
    assert (new.number, new.name, new.change_cause) == (10, "cart-b", "why")
    assert old.template == template("a")
    assert (old.replicas, old.ready) == ((2, 1) if kind == "Deployment" else (None, None))


@pytest.mark.parametrize("kind", KINDS)
def test_revisions_of_others_are_left_out(kind: str) -> None:
    obj, other = running(kind, "b"), running(kind, "b", meta={"uid": "another"})
    orphan = revision(obj, 3, "c")
    orphan["metadata"]["ownerReferences"] = []
    assert numbers(obj, [revision(other, 1, "a"), revision(obj, 2, "b"), orphan]) == [2]


def test_a_replica_set_without_a_number_is_0_and_one_with_a_word_is_none() -> None:
    obj = running("Deployment", "b")
    bare, odd = revision(obj, 1, "a"), revision(obj, 2, "b")
    del bare["metadata"]["annotations"]
    odd["metadata"]["annotations"][NUMBER] = "two"
    assert numbers(obj, [bare, odd]) == [0]


def test_a_controller_revision_with_other_data_is_none() -> None:
    obj = running("StatefulSet", "b")
    assert numbers(obj, [revision(obj, 1, "a") | {"data": {"spec": {}}}, revision(obj, 2, "b")]) == [2]


def test_a_change_cause_in_the_template_counts() -> None:
    obj = running("Deployment", "b")
    made = revision(obj, 1, "b")
    made["spec"]["template"]["metadata"]["annotations"] = {CAUSE: "inside"}
    assert history(Workload.from_object(obj), [made])[0].change_cause == "inside"


@pytest.mark.parametrize(
    ("kind", "label", "value"),
    [
        ("Deployment", "pod-template-hash", "a"),
        ("StatefulSet", "controller-revision-hash", "cart-a"),
        ("DaemonSet", "controller-revision-hash", "a"),
    ],
)
def test_which_pods_were_made_from_it(kind: str, label: str, value: str) -> None:
    obj = running(kind, "a")
    (made,) = history(Workload.from_object(obj), [revision(obj, 1, "a")])
    assert made.made(Pod.from_object(pod("x", meta={"labels": {label: value}})))
    assert not made.made(Pod.from_object(pod("x", meta={"labels": {label: "other"}})))
    assert not made.made(Pod.from_object(pod("x")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_current_revision_is_that_of_the_template(kind: str) -> None:
    obj = running(kind, "a")
    obj["spec"]["template"]["metadata"]["creationTimestamp"] = None  # as served before 1.34
    assert current_number(obj, [revision(obj, 1, "a"), revision(obj, 2, "b")]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_in_another_form_is_the_newest_revision_once_its_controller_has_seen_it(kind: str) -> None:
    seen, unseen = running(kind, "c"), running(kind, "c", status={"observedGeneration": 1})
    assert current_number(seen, [revision(seen, 1, "a"), revision(seen, 2, "b")]) == 2
    assert current_number(unseen, [revision(unseen, 1, "a"), revision(unseen, 2, "b")]) is None


def test_a_paused_deployment_may_have_no_current_revision() -> None:
    obj = running("Deployment", "c", spec={"paused": True})
    assert current_number(obj, [revision(obj, 1, "a")]) is None


@pytest.mark.parametrize(("kind", "number"), [("Deployment", 1), ("StatefulSet", 2)])
def test_of_two_with_the_template_the_one_that_the_controller_takes(kind: str, number: int) -> None:
    obj = running(kind, "a")
    assert current_number(obj, [revision(obj, 1, "a"), revision(obj, 2, "a")]) == number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("image", "numbers", "number", "name", "found"),
    [
        ("b", {"a": 1, "b": 2}, 0, None, "cart-a"),
        ("c", {"a": 1, "b": 2, "c": 3}, 0, None, "cart-b"),
        ("a", {"b": 2, "a": 3}, 0, None, "cart-b"),
        # The template of an earlier revision, not yet seen: its number is not the highest.
        ("a", {"a": 1, "b": 2}, 0, None, "cart-b"),
        ("c", {"a": 1, "b": 2, "c": 3}, 1, None, "cart-a"),
        ("c", {"a": 1, "b": 2, "c": 3}, 3, None, "cart-c"),
        ("c", {"a": 1, "b": 2, "c": 3}, 0, "cart-a", "cart-a"),
    ],
)
def test_find(kind: str, image: str, numbers: dict[str, int], number: int, name: str | None, found: str) -> None:
    obj = running(kind, image)
    assert found_name(obj, [revision(obj, value, key) for key, value in numbers.items()], number, name) == found


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_that_its_controller_has_not_seen_is_undone_itself(kind: str) -> None:
    obj = running(kind, "c", status={"observedGeneration": 1})
    assert found_name(obj, [revision(obj, 1, "a"), revision(obj, 2, "b")]) == "cart-b"


def test_a_replica_set_is_found_by_a_number_that_it_had() -> None:
    obj = running("Deployment", "a")
    again = revision(obj, 5, "a", **{"deployment.kubernetes.io/revision-history": "1,3"})
    assert [found_name(obj, [again, revision(obj, 4, "b")], number) for number in (1, 3, 5)] == ["cart-a"] * 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("images", "number", "name", "message"),
    [
        ("", 0, None, "has no rollout history: none"),
        ("", 7, None, "has no rollout history: none"),
        ("a", 0, None, "no earlier revision to go back to; there is 1 (cart-a, the current one). Its spec.revision"),
        ("ba", 7, None, "has no revision 7 in its history; there are 1 (cart-b), 2 (cart-a, the current one). A"),
        ("ba", -1, None, "has no revision -1 in its history; there are 1"),
        ("ba", 0, "cart-c", "has no revision named cart-c in its history; there are 1"),
        ("ba", 0, "", "has no revision named  in its history; there are 1"),
    ],
)
def test_what_is_not_there(kind: str, images: str, number: int, name: str | None, message: str) -> None:
    obj = running(kind, "a")
    revisions = [revision(obj, place, image) for place, image in enumerate(images, 1)]
    with pytest.raises(TargetError) as caught:
        found_name(obj, revisions, number, name)
    assert str(caught.value).startswith(f"{kind} shop/cart has")
    assert message in str(caught.value)


def test_restored_annotations() -> None:
    obj = workload("Deployment")
    kept = {NUMBER: "2", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    obj["metadata"]["annotations"] = kept | {CAUSE: "new", "same": "1", "gone": "1"}
    old = revision(obj, 1, "a", **{CAUSE: "old", "same": "1", "back": "1"})
    old["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] = "2"
    (entry,) = history(Workload.from_object(obj), [old])
    assert restored_annotations(obj, entry) == {CAUSE: "old", "back": "1", "gone": None}


def test_no_annotations_to_restore() -> None:
    obj = workload("Deployment")
    (entry,) = history(Workload.from_object(obj), [revision(obj, 1, "a")])
    assert restored_annotations(obj, entry) == {}
