# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.kube_contexts import (
    chosen,
    contexts_of,
    idle,
    labels_of,
    only_current,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.kube_context import KubeContext


def document(*names: str, current: str = "", server: str = "https://{}.example.com") -> dict[str, Any]:
    """A kubeconfig with a context, cluster and user of each name."""
    return {
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": f"{name}-c", "user": f"{name}-u"}} for name in names],
        "clusters": [{"name": f"{name}-c", "cluster": {"server": server.format(name)}} for name in names],
        "users": [{"name": f"{name}-u", "user": {"token": "sesame"}} for name in names],
    }


def names(contexts: list[KubeContext]) -> list[str]:
    return [entry.name for entry in contexts]


def test_a_context_says_which_cluster_and_as_whom() -> None:
    content = document("a", current="a")
    content["contexts"][0]["context"]["namespace"] = "shop"
    assert contexts_of([content], "/kube") == [
        KubeContext("a", "/kube", "a-c", "https://a.example.com", "a-u", "shop", current=True)
    ]


def test_of_several_files_the_first_one_that_has_a_name_wins() -> None:
    other = document("a", "b", current="b", server="https://other-{}")
    found = contexts_of([document("a"), other], "/one:/two")
    assert [(entry.name, entry.server, entry.current) for entry in found] == [
        ("a", "https://a.example.com", False),
        ("b", "https://other-b", True),
    ]


def test_a_cluster_may_be_in_another_file() -> None:
    first, second = document("a"), document("a")
    del first["clusters"]
    del second["contexts"]
    assert contexts_of([first, second], "")[0].server == "https://a.example.com"


@pytest.mark.parametrize("clusters", [None, [], "text", [None], [{"name": "a-c", "cluster": None}]])
def test_a_cluster_that_is_not_there(clusters: Any) -> None:
    assert contexts_of([document("a") | {"clusters": clusters}], "")[0].server == ""


@pytest.mark.parametrize("contexts", [None, "text", [None], [{"name": "a"}], [{"context": {"cluster": "a"}}]])
def test_what_is_no_context_is_left_out(contexts: Any) -> None:
    assert contexts_of([{"contexts": contexts}], "") == []


def test_a_user_in_the_address_is_not_told() -> None:
    content = document("a", server="https://ann:sesame@{}.example.com:6443/k8s")
    assert contexts_of([content], "")[0].server == "https://a.example.com:6443/k8s"


def test_the_current_context() -> None:
    assert only_current(contexts_of([document("a", "b", current="b")], "")).name == "b"
    assert only_current(contexts_of([document("a")], "")).name == "a"


def test_no_current_context() -> None:
    with pytest.raises(SafeRestartError, match=r"/kube has no current context\. Its contexts: a, b"):
        only_current(contexts_of([document("a", "b", current="c")], "/kube"))
    with pytest.raises(SafeRestartError, match="Its contexts: none"):
        only_current([])


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        ([], [], ["prod-eu", "prod-us", "Test"]),
        (["prod-*"], [], ["prod-eu", "prod-us"]),
        (["test"], [], []),
        ([], ["*-us", "T*"], ["prod-eu"]),
        (["prod-*"], ["*"], []),
    ],
)
def test_patterns(include: list[str], exclude: list[str], left: list[str]) -> None:
    assert names(chosen(contexts_of([document("prod-eu", "prod-us", "Test")], ""), include, exclude)) == left


def test_labels_of_all_patterns_that_match() -> None:
    labels = {"*": {"env": "test", "team": "a"}, "prod-*": {"env": "prod"}, "x": {"team": "b"}}
    assert labels_of("prod-eu", labels) == {"env": "prod", "team": "a"}


def test_patterns_that_match_nothing() -> None:
    assert idle(["prod*", "prd*"], contexts_of([document("prod-eu")], "")) == ["prd*"]
