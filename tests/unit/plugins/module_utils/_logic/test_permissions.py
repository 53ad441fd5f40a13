# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import (
    FEATURES,
    STRATEGIES,
    Permission,
    granted,
    in_cluster,
    in_namespace,
    needed,
    permissions,
    rules,
)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rules_grant_exactly_what_is_wanted(strategy: str) -> None:
    wanted = permissions([strategy], FEATURES)
    assert granted(rules(wanted)) == wanted
    assert needed(strategy) <= wanted


def test_rules_are_few_and_always_in_the_same_order() -> None:
    wanted = permissions(["pid1_info"], ["lock"])
    assert rules(sorted(wanted, reverse=True)) == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
        {"apiGroups": ["apps"], "resources": ["daemonsets", "deployments", "statefulsets"], "verbs": ["get"]},
        {
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": ["get", "create", "update", "delete"],
        },
    ]


def test_nodes_are_of_the_cluster() -> None:
    wanted = permissions(["image_alias"], [])
    nodes = {Permission("", "nodes", "get")}
    assert in_cluster(wanted) == nodes
    assert in_namespace(wanted) == wanted - nodes


def test_a_rollout_touches_no_pod_and_reads_no_secret() -> None:
    wanted = permissions(["rollout_restart"], [])
    assert {each.verb for each in wanted if each.resource == "pods"} == {"list", "watch"}
    assert {each.resource for each in wanted} == {"deployments", "statefulsets", "daemonsets", "pods"}


def test_words() -> None:
    assert str(Permission("apps", "deployments", "get")) == "get deployments in apps"
    assert str(Permission("", "pods/exec", "create")) == "create pods/exec"
