# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.quota import (
    charged,
    exceeded,
    never_fits,
    quantity,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        (3, 3),
        ("100m", Fraction(1, 10)),
        ("1.5", Fraction(3, 2)),
        ("1Ki", 1024),
        ("2Gi", 2 << 30),
        ("1k", 1000),
        ("5E", 5 * 10**18),
        ("2e3", 2000),
        ("2E-1", Fraction(1, 5)),
        ("250u", Fraction(1, 4000)),
        ("7n", Fraction(7, 10**9)),
    ],
)
def test_quantity(text: str | int, value: Fraction | int) -> None:
    assert quantity(text) == value


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "1KiB", "one"])
def test_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        quantity(text)


def ask(cpu: str | None = None, limit: str | None = None, **more: Any) -> JsonObject:
    resources = {"requests": {"cpu": cpu} if cpu else {}, "limits": {"cpu": limit} if limit else {}}
    return {"name": "app", "resources": resources} | more


def pod(*containers: JsonObject, phase: str = "Running", **spec: Any) -> JsonObject:
    return {"spec": {"containers": [*containers]} | spec, "status": {"phase": phase}}


ALWAYS = {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("obj", "cpu"),
    [
        (pod(ask()), None),
        (pod(ask("1"), ask("500m")), Fraction(3, 2)),
        (pod(ask(None, "2")), 2),
        # Init containers run before, one after the other; sidecars go on.
        (pod(ask("1"), initContainers=[ask("3"), ask("2")]), 3),
        (pod(ask("1"), initContainers=[ask("2", **ALWAYS), ask("3")]), 5),
        (pod(ask("1"), initContainers=[ask("2", **ALWAYS)]), 3),
        (pod(ask("1"), resources={"requests": {"cpu": "5"}}), 5),
        (pod(ask("1"), overhead={"cpu": "100m"}), Fraction(11, 10)),
    ],
)
def test_requests_add_up(obj: JsonObject, cpu: Fraction | int | None) -> None:
    amounts = charged(obj)
    assert amounts.get("requests.cpu") == amounts.get("cpu") == cpu
    assert amounts["pods"] == amounts["count/pods"] == 1


def test_limits_and_other_resources() -> None:
    asked = {"limits": {"memory": "1Gi", "example.com/gpu": "2", "hugepages-2Mi": "4Mi"}}
    amounts = charged(pod({"name": "app", "resources": asked}, overhead={"cpu": "1", "memory": "1Gi"}))
    assert amounts["limits.memory"] == amounts["requests.memory"] == 2 << 30
    assert amounts["requests.example.com/gpu"] == 2
    assert amounts["hugepages-2Mi"] == amounts["requests.hugepages-2Mi"] == 4 << 20
    assert not {"example.com/gpu", "limits.example.com/gpu", "limits.cpu"} & amounts.keys()


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_is_an_object_and_nothing_more(phase: str) -> None:
    assert charged(pod(ask("1"), phase=phase)) == {"count/pods": 1}


REFUSAL = 'pods "x-" is forbidden: exceeded quota: team.a, requested: pods=1, used: pods=1, limited: pods=1'


@pytest.mark.parametrize(("text", "name"), [(REFUSAL, "team.a"), ("must specify cpu for: app", "")])
def test_exceeded(text: str, name: str) -> None:
    assert exceeded(text) == name.rstrip(",")


def quota(hard: dict[str, str], used: dict[str, str], name: str = "team", **spec: Any) -> JsonObject:
    return {"metadata": {"name": name}, "spec": {"hard": hard} | spec, "status": {"hard": hard, "used": used}}


ONE = pod(ask("500m"))


@pytest.mark.parametrize(
    ("entry", "old", "new", "fits"),
    [
        (quota({"pods": "1"}, {"pods": "1"}), ONE, ONE, True),
        (quota({"pods": "1"}, {"pods": "2"}), ONE, ONE, False),
        (quota({"requests.cpu": "500m"}, {"requests.cpu": "0.5"}), ONE, ONE, True),
        (quota({"requests.cpu": "400m"}, {"requests.cpu": "500m"}), ONE, ONE, False),
        (quota({"requests.cpu": "1"}, {"requests.cpu": "1"}), ONE, pod(ask("1")), False),
        (quota({"requests.cpu": "1"}, {"requests.cpu": "500m"}), ONE, pod(ask("1")), True),
        # One that has ended frees nothing but an object.
        (quota({"pods": "1"}, {"pods": "1"}), pod(ask("500m"), phase="Failed"), ONE, False),
        (quota({"count/pods": "1"}, {"count/pods": "1"}), pod(ask("500m"), phase="Failed"), ONE, True),
        # What the pod does not ask for, and what has nothing to do with pods.
        (quota({"requests.memory": "1Gi"}, {"requests.memory": "2Gi"}), ONE, ONE, True),
        (quota({"services": "1"}, {"services": "2"}), ONE, ONE, True),
        (quota({"pods": "1"}, {}), ONE, ONE, True),
        # With a scope only where the server says that it applies.
        (quota({"pods": "1"}, {"pods": "2"}, "other", scopes=["BestEffort"]), ONE, ONE, True),
        (quota({"pods": "1"}, {"pods": "2"}, scopes=["NotBestEffort"]), ONE, ONE, False),
        (quota({"pods": "1"}, {"pods": "2"}, "other", scopeSelector={"matchExpressions": []}), ONE, ONE, True),
    ],
)
def test_never_fits(entry: JsonObject, old: JsonObject, new: JsonObject, fits: bool) -> None:
    assert (never_fits([entry], "team", old, new) == "") is fits


def test_the_reason_has_the_numbers() -> None:
    found = never_fits([quota({"pods": "1"}, {"pods": "3"})], "team", ONE, ONE)
    assert found == "ResourceQuota team limits pods to 1, and 3 are used, which is too much even without the old pod"
