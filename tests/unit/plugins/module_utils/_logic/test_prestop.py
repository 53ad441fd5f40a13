# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Patience
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.prestop import HookEnd, cannot_run, runs_first
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import pod


def container(handler: dict[str, Any] | None) -> Container:
    """A container with that preStop hook."""
    spec = {"containers": [{"name": "app", "lifecycle": {"preStop": handler}}]}
    return Pod.from_object(pod("cart-1", spec=spec)).containers[0]


def request(**action: Any) -> dict[str, Any]:
    """A hook that is a request."""
    return {"httpGet": {"port": 80, **action}}


def header(name: str) -> dict[str, Any]:
    """One with a header."""
    return request(httpHeaders=[{"name": name, "value": "x"}])


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (None, None),
        ({"exec": {"command": ["drain"]}}, None),
        ({"sleep": {"seconds": 5}}, None),
        ({"tcpSocket": {"port": 1}}, None),
        (request(path="/drain?x=/../y"), None),
        (header("X-Drain"), None),
        (request(port="none"), None),
        (request(host="127.0.0.1"), "it asks the host 127.0.0.1, as the pod's node sees it"),
        (header("authorization"), "the API server would take its header authorization for its own"),
        (header("Impersonate-User"), "the API server would take its header Impersonate-User for its own"),
        (request(path="/a/../../secrets"), "its path has '..'"),
    ],
)
def test_what_cannot_be_run_from_here(handler: dict[str, Any] | None, words: str | None) -> None:
    found = cannot_run(container(handler), "run")
    assert found is None if words is None else words in str(found)
    assert cannot_run(container(handler), "skip") is None


@pytest.mark.parametrize(
    ("prestop", "handler", "words"),
    [
        ("run", {"sleep": {"seconds": 5}}, "; its preStop hook (sleep) is run first"),
        ("skip", {"sleep": {"seconds": 5}}, ""),
        ("run", None, ""),
    ],
)
def test_what_the_plan_says(prestop: str, handler: dict[str, Any] | None, words: str) -> None:
    assert runs_first(container(handler), prestop) == words


@pytest.mark.parametrize(("used", "left"), [(12, 28), (29, 11), (39, 10), (90, 10)])
def test_what_the_hook_took_is_gone(used: float, left: float) -> None:
    assert HookEnd(used).less(Patience(40, 660, 3)) == Patience(left, 660, 3)


def test_how_it_is_told() -> None:
    assert str(HookEnd(1.25)) == "its preStop hook was run first, for 1.2 s"
    assert str(HookEnd(1, "exit code 3")) == "its preStop hook was run first, for 1.0 s, and failed: exit code 3"
