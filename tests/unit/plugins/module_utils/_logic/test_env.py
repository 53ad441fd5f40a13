# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.env import checked, env_operations, missing
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

FROM_SECRET = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}
ENV = [{"name": "A", "value": "1"}, FROM_SECRET, {"name": "EMPTY"}]
TEMPLATE: dict[str, Any] = {
    "spec": {
        "initContainers": [{"name": "init"}],
        "containers": [{"name": "app", "env": ENV}, {"name": "web", "env": [{"name": "A", "value": "1"}]}],
    }
}


def changes(env: dict[str, str], *remove: str, names: list[str] | None = None, overwrite: bool = False) -> list[Any]:
    """What is added or removed, container by container, tests aside."""
    made = env_operations(TEMPLATE, env, remove, names, overwrite=overwrite)
    return [(entry["op"], entry["path"], entry.get("value")) for entry in made if entry["op"] != "test"]


@pytest.mark.parametrize(
    ("env", "remove", "names", "made"),
    [
        ({"A": "1"}, [], ["app"], []),
        ({"EMPTY": ""}, [], ["app"], []),
        ({"A": "2"}, [], ["app"], [("add", "/spec/containers/0/env", [{"name": "A", "value": "2"}, *ENV[1:]])]),
        ({"B": "2"}, [], ["app"], [("add", "/spec/containers/0/env", [*ENV, {"name": "B", "value": "2"}])]),
        ({}, ["KEY"], ["app"], [("add", "/spec/containers/0/env", [ENV[0], ENV[2]])]),
        ({}, ["A"], ["web"], [("remove", "/spec/containers/1/env", None)]),
        ({"B": "2"}, [], ["init"], [("add", "/spec/initContainers/0/env", [{"name": "B", "value": "2"}])]),
        ({}, ["Z"], None, []),
        (
            {"A": "1", "EMPTY": ""},
            [],
            None,
            [
                ("add", "/spec/initContainers/0/env", [{"name": "A", "value": "1"}, {"name": "EMPTY", "value": ""}]),
                ("add", "/spec/containers/1/env", [{"name": "A", "value": "1"}, {"name": "EMPTY", "value": ""}]),
            ],
        ),
    ],
)
def test_operations(env: dict[str, str], remove: list[str], names: list[str] | None, made: list[Any]) -> None:
    assert changes(env, *remove, names=names) == made


def test_what_was_read_is_tested() -> None:
    made = env_operations(TEMPLATE, {"A": "2"}, [], ["app"], overwrite=False)
    assert [(entry["path"], entry["value"]) for entry in made if entry["op"] == "test"] == [
        ("/spec/containers/0/name", "app"),
        ("/spec/containers/0/env", ENV),
    ]


def test_a_value_from_elsewhere_is_not_overwritten_in_silence() -> None:
    with pytest.raises(TargetError, match=r"KEY of container app has its value from elsewhere \(secretKeyRef\)"):
        changes({"KEY": "plain"}, names=["app"])
    (made,) = changes({"KEY": "plain"}, names=["app"], overwrite=True)
    assert made[2][1] == {"name": "KEY", "value": "plain"}


def test_a_name_that_is_there_twice_is_set_once() -> None:
    twice = {
        "spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}]}
    }
    made = env_operations(twice, {"A": "3"}, [], None, overwrite=False)
    assert made[-1]["value"] == [{"name": "A", "value": "3"}]


@pytest.mark.parametrize(
    ("names", "message"),
    [(["app", "db"], "has no container db; it has init, app, web"), ([], "containers is an empty list")],
)
def test_containers_that_are_not_there(names: list[str], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        changes({"A": "1"}, names=names)


def test_missing() -> None:
    assert missing(TEMPLATE, ["A", "Z", "KEY"], None) == ["Z"]
    assert missing(TEMPLATE, ["KEY"], ["web"]) == ["KEY"]


def test_numbers_are_texts() -> None:
    assert checked({"A": 1, "B": "b", "C": 1.5, "my.name-x": ""}, ["D"]) == {
        "A": "1",
        "B": "b",
        "C": "1.5",
        "my.name-x": "",
    }


@pytest.mark.parametrize(
    ("env", "remove", "message"),
    [
        ({"A": True}, [], "the value of A is no text but bool"),
        ({"A": None}, [], "the value of A is no text but NoneType"),
        ({"A": ["x"]}, [], "the value of A is no text but list"),
        ({"A=B": "1"}, [], "'A=B' is no name"),
        ({"": "1"}, [], "'' is no name"),
        ({"A\n": "1"}, [], "is no name"),
        ({}, ["A=B"], "'A=B' is no name"),
        ({"A": "1", "B": "1"}, ["B"], "Both to be set and removed: B"),
    ],
)
def test_what_cannot_be(env: dict[str, Any], remove: list[str], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        checked(env, remove)
