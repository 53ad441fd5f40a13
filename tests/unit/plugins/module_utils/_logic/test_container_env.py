# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.container_env import (
    EnvRequest,
    chosen_containers,
    env_changes,
    spec_patch,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

REFERENCE = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}
ENV = [{"name": "A", "value": "1"}, REFERENCE, {"name": "EMPTY"}]
TEMPLATE: dict[str, Any] = {
    "spec": {
        "initContainers": [{"name": "init"}],
        "containers": [{"name": "app", "env": ENV}, {"name": "web", "env": [{"name": "A", "value": "1"}]}],
    }
}


def patch(request: EnvRequest, names: list[str] | None = None) -> dict[str, Any]:
    """What would be sent of the template's spec, without the orders of the variables."""
    changes = env_changes(chosen_containers(TEMPLATE, names, "it"), request, "it")
    made = spec_patch(TEMPLATE, [entry for entry in changes if entry.changed])
    return {key: [{"name": entry["name"], "env": entry["env"]} for entry in made[key]] for key in made}


@pytest.mark.parametrize(
    ("env", "remove", "names", "made"),
    [
        ({"A": "1", "EMPTY": ""}, (), ["app"], {}),
        ({}, ("Z",), None, {}),
        ({"A": "2"}, (), ["app"], {"containers": [{"name": "app", "env": [{"name": "A", "value": "2"}]}]}),
        ({"B": ""}, (), ["init"], {"initContainers": [{"name": "init", "env": [{"name": "B", "value": ""}]}]}),
        ({}, ("A",), ["web"], {"containers": [{"name": "web", "env": [{"name": "A", "$patch": "delete"}]}]}),
        (
            {"A": "1"},
            ("KEY",),
            None,
            {
                "containers": [{"name": "app", "env": [{"name": "KEY", "$patch": "delete"}]}],
                "initContainers": [{"name": "init", "env": [{"name": "A", "value": "1"}]}],
            },
        ),
    ],
)
def test_only_what_changes_is_sent(
    env: dict[str, str], remove: tuple[str, ...], names: list[str] | None, made: dict[str, Any]
) -> None:
    assert patch(EnvRequest(env, remove), names) == made


def test_variables_keep_their_order_and_new_ones_come_last() -> None:
    (change,) = env_changes(
        chosen_containers(TEMPLATE, ["app"], "it"), EnvRequest({"NEW": "1", "EMPTY": "2"}, ("A",)), "it"
    )
    assert change.order == ("KEY", "EMPTY", "NEW")
    assert change.words() == "container app: sets EMPTY, NEW and removes A"
    assert change.patch()["$setElementOrder/env"] == [{"name": "KEY"}, {"name": "EMPTY"}, {"name": "NEW"}]


def test_a_reference_is_not_overwritten_unasked() -> None:
    with pytest.raises(TargetError, match=r"it takes KEY of container app from elsewhere \(valueFrom\)"):
        patch(EnvRequest({"KEY": "plain"}), ["app"])
    made = patch(EnvRequest({"KEY": "plain"}, overwrite_value_from=True), ["app"])
    assert made["containers"][0]["env"] == [{"name": "KEY", "value": "plain", "valueFrom": None}]


def test_a_name_that_is_there_twice() -> None:
    twice = [{"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}]
    with pytest.raises(TargetError, match="Container app of it has A more than once"):
        env_changes(twice, EnvRequest({"A": "3"}), "it")
    assert env_changes(twice, EnvRequest({"B": "3"}), "it")[0].changed


@pytest.mark.parametrize(
    ("names", "words"),
    [(["app", "db"], "it has no container db. It has app, web, init"), ([], "containers is an empty list")],
)
def test_containers_that_are_not_there(names: list[str], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        chosen_containers(TEMPLATE, names, "it")


@pytest.mark.parametrize(
    ("env", "remove", "words"),
    [
        ({"PORT": 8080}, (), "the value of PORT is no string"),
        ({"A": None}, (), "the value of A is no string"),
        ({"9A": "x"}, (), "'9A' is no name"),
        ({"A=B": "x"}, (), "'A=B' is no name"),
        ({}, ("",), "'' is no name"),
        ({"A": "1"}, ("A",), "A: in env and in remove"),
    ],
)
def test_what_cannot_be_asked_for(env: dict[str, Any], remove: tuple[str, ...], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        EnvRequest(env, remove)


def test_an_error_never_shows_a_value() -> None:
    with pytest.raises(TargetError) as caught:
        EnvRequest({"DB_PASSWORD": ["sesame"]})
    assert "sesame" not in str(caught.value)
