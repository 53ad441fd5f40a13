# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_patch import patch_type, whole_patch
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import KNOWN, WORKLOADS

WEB, CLONES = WORKLOADS["Deployment"], KNOWN["CloneSet"]
CAUSE = {"kubernetes.io/change-cause": "why"}
BARE: dict[str, Any] = {"metadata": {}}


@pytest.mark.parametrize(
    ("asked", "patch", "built_in", "custom"),
    [
        (None, {"spec": {}}, "strategic", "merge"),
        (None, [{"op": "remove", "path": "/a"}], "json", "json"),
        ("merge", {"spec": {}}, "merge", "merge"),
    ],
)
def test_type(asked: str | None, patch: Any, built_in: str, custom: str) -> None:
    assert patch_type(asked, WEB, patch) == built_in
    assert patch_type(asked, CLONES, patch) == custom


@pytest.mark.parametrize(
    ("asked", "patch", "message"),
    [
        ("strategic", {"spec": {}}, "a CloneSet is a custom resource, and the API server takes no strategic"),
        ("json", {"spec": {}}, "for patch_type json it has to be a list of operations, not {'spec'"),
        ("merge", [], "for patch_type merge it has to be a dictionary"),
        (None, "spec: {}", "for patch_type merge it has to be a dictionary, not 'spec"),
        (None, {}, "patch is empty"),
        (None, [], "patch is empty"),
    ],
)
def test_a_type_that_cannot_be(asked: str | None, patch: Any, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        patch_type(asked, CLONES, patch)


def test_a_dictionary() -> None:
    assert whole_patch({"a": 1}, WEB, BARE, {}) == {"spec": {"template": {"a": 1}}}
    assert whole_patch({"a": 1}, WEB, BARE, CAUSE) == {
        "spec": {"template": {"a": 1}},
        "metadata": {"annotations": CAUSE},
    }


def test_operations() -> None:
    patch = [{"op": "replace", "path": "/a", "value": 1}, {"op": "move", "from": "/b", "path": ""}]
    made = whole_patch(patch, WEB, BARE, CAUSE)
    cause = {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "why"}
    assert made == [
        {"op": "replace", "path": "/spec/template/a", "value": 1},
        {"op": "move", "from": "/spec/template/b", "path": "/spec/template"},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        cause,
    ]
    assert whole_patch(patch, WEB, {"metadata": {"annotations": {"a": "b"}}}, CAUSE)[2:] == [cause]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("remove", "patch\\[0\\]: an operation has one of add, copy, move, remove, replace, test as its op"),
        ({"op": "delete", "path": "/a"}, "an operation has one of"),
        ({"path": "/a"}, "an operation has one of"),
        ({"op": "add", "path": "/a"}, "add needs value"),
        ({"op": "remove"}, "remove needs path"),
        ({"op": "copy", "path": "/a"}, "copy needs from"),
        ({"op": "remove", "path": "a"}, "path 'a' has to begin with a slash"),
        ({"op": "move", "path": "/a", "from": "b"}, "from 'b' has to begin with a slash"),
        ({"op": "remove", "path": 7}, "path 7 has to begin with a slash"),
    ],
)
def test_what_is_no_operation(operation: Any, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        whole_patch([operation], WEB, BARE, {})
