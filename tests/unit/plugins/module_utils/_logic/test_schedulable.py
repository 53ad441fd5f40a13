# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.schedulable import against, no_node
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

DEDICATED = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
EVICTS = {"key": "maintenance", "effect": "NoExecute"}


def node(name: str = "worker", labels: dict[str, str] | None = None, **spec: Any) -> JsonObject:
    return {"metadata": {"name": name, "labels": {"disk": "ssd", "cores": "8"} | (labels or {})}, "spec": spec}


def required(*terms: JsonObject) -> JsonObject:
    selector = {"nodeSelectorTerms": [*terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": selector}}}


def labelled(key: str, operator: str, *values: str) -> JsonObject:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": [*values]}]}


def named(operator: str, *values: str) -> JsonObject:
    return {"matchFields": [{"key": "metadata.name", "operator": operator, "values": [*values]}]}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        ({}, True),
        ({"nodeSelector": {"disk": "ssd"}}, True),
        ({"nodeSelector": {"disk": "hdd"}}, False),
        ({"nodeSelector": {"disk": "ssd", "gpu": "yes"}}, False),
        ({"affinity": {"podAffinity": {}}}, True),
        (required(labelled("disk", "In", "ssd", "nvme")), True),
        (required(labelled("disk", "In", "nvme")), False),
        (required(labelled("gpu", "In", "yes")), False),
        (required(labelled("disk", "NotIn", "hdd")), True),
        (required(labelled("disk", "NotIn", "ssd")), False),
        (required(labelled("gpu", "NotIn", "yes")), True),
        (required(labelled("disk", "Exists")), True),
        (required(labelled("gpu", "Exists")), False),
        (required(labelled("gpu", "DoesNotExist")), True),
        (required(labelled("disk", "DoesNotExist")), False),
        (required(labelled("cores", "Gt", "4")), True),
        (required(labelled("cores", "Gt", "8")), False),
        (required(labelled("cores", "Lt", "9")), True),
        (required(labelled("cores", "Lt", "8")), False),
        (required(labelled("gpu", "Gt", "0")), False),
        (required(labelled("disk", "Gt", "0")), False),
        (required(labelled("cores", "Gt")), False),
        (required(labelled("cores", "Near", "7")), True),
        (required(named("In", "worker")), True),
        (required(named("NotIn", "worker")), False),
        (required(named("In", "worker") | labelled("disk", "In", "hdd")), False),
        # Alternatives; an empty one never holds.
        (required(labelled("gpu", "Exists"), labelled("disk", "Exists")), True),
        (required({}), False),
        (required(), False),
    ],
)
def test_labels(spec: JsonObject, fits: bool) -> None:
    assert (against(spec, node()) == "") is fits


@pytest.mark.parametrize(
    ("toleration", "taint", "fits"),
    [
        (None, DEDICATED, False),
        (None, EVICTS, False),
        (None, {"key": "soft", "effect": "PreferNoSchedule"}, True),
        ({"operator": "Exists"}, DEDICATED, True),
        ({"key": "dedicated", "operator": "Exists"}, DEDICATED, True),
        ({"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}, DEDICATED, False),
        ({"key": "other", "operator": "Exists"}, DEDICATED, False),
        ({"key": "dedicated", "operator": "Equal", "value": "db"}, DEDICATED, True),
        ({"key": "dedicated", "value": "db", "effect": "NoSchedule"}, DEDICATED, True),
        ({"key": "dedicated", "value": "web"}, DEDICATED, False),
        ({"key": "maintenance"}, EVICTS, True),
        ({"value": "db"}, DEDICATED, False),
        ({"key": "dedicated", "operator": "Gt", "value": "5"}, DEDICATED, True),
    ],
)
def test_taints(toleration: JsonObject | None, taint: JsonObject, fits: bool) -> None:
    spec = {"tolerations": [toleration]} if toleration else {}
    assert (against(spec, node(taints=[taint])) == "") is fits


@pytest.mark.parametrize(
    ("spec", "nodes", "reason"),
    [
        ({}, [node("a", unschedulable=True), node("b")], ""),
        ({}, [], "there is no node"),
        ({}, [node("a", unschedulable=True), node("b", unschedulable=True)], "2 of 2 is cordoned"),
        ({"tolerations": [{"operator": "Exists"}]}, [node("a", unschedulable=True)], ""),
        (
            {"nodeSelector": {"disk": "hdd"}},
            [node("a", unschedulable=True), node("b")],
            "2 of 2 does not match the node selector disk=hdd",
        ),
        (
            required(named("In", "a")),
            [node("a", taints=[DEDICATED]), node("b")],
            "1 of 2 does not match the required node affinity, 1 of 2 has the taint dedicated=db:NoSchedule",
        ),
        # Bound to a node: no scheduler, its kubelet alone decides.
        ({"nodeName": "a"}, [node("a", unschedulable=True, taints=[DEDICATED])], ""),
        (
            {"nodeName": "a"},
            [node("a", taints=[EVICTS])],
            "its node a has the taint maintenance:NoExecute",
        ),
        ({"nodeName": "a", "nodeSelector": {"x": "y"}}, [node("a")], "its node a does not match the node selector x=y"),
        ({"nodeName": "gone"}, [node("a")], "its node gone does not exist"),
    ],
)
def test_nodes(spec: JsonObject, nodes: list[JsonObject], reason: str) -> None:
    found = no_node(spec, nodes)
    assert found.startswith(reason)
    assert bool(found) is bool(reason)
