# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import WORKLOAD
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.workload_words import KINDS, named_workloads


@pytest.mark.parametrize(
    "word",
    ["deployment", "deployments", "deploy", "Deployment", "deployments.apps", "deploy.v1.apps", "deployment.apps"],
)
def test_kubectls_words_for_a_kind(word: str) -> None:
    assert named_workloads([f"{word}/cart.v2"]) == ([{"kind": "Deployment", "name": "cart.v2"}], [])


def test_each_is_meant_once_and_in_their_order() -> None:
    found, strangers = named_workloads(["sts/db", "ds/agent", "statefulset/db"])
    assert found == [{"kind": "StatefulSet", "name": "db"}, {"kind": "DaemonSet", "name": "agent"}]
    assert strangers == []


@pytest.mark.parametrize(
    "word",
    ["cart", "pod/cart", "deployment/", "/cart", "deployment/Cart", "deployment/a/b", "deployment/-a", "", "a b/c"],
)
def test_what_names_no_workload(word: str) -> None:
    assert named_workloads(["deploy/a", word]) == ([{"kind": "Deployment", "name": "a"}], [word])


@pytest.mark.parametrize(
    "word",
    [
        "statefulset.apps.kruise.io/db",
        "statefulset.v1beta1.apps.kruise.io/db",
        "daemonset.v1alpha1.apps.kruise.io/db",
        "deployment.extensions/db",
        "deployment.v1/db",
        "deployment.myapps/db",
        "statefulsets.apps.example.com/db",
    ],
)
def test_a_kind_of_another_api_group_is_a_stranger(word: str) -> None:
    assert named_workloads([word]) == ([], [word])


def test_the_kinds_are_those_of_the_modules() -> None:
    assert sorted(set(KINDS.values())) == sorted(WORKLOAD["kind"]["choices"])
    assert len(KINDS) == 9
