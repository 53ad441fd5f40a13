# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_patch import TemplatePatch
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import TEMPLATES

WEB, CLONES, CRON = (TEMPLATES[kind] for kind in ("Deployment", "CloneSet", "CronJob"))
SPEC = {"spec": {"hostname": "x"}}
CAUSE = {"kubernetes.io/change-cause": "why"}
BARE: dict[str, Any] = {"metadata": {"resourceVersion": "7"}}


def test_the_type_is_what_the_server_takes() -> None:
    assert TemplatePatch.from_options(WEB, None, SPEC).content_type == "application/strategic-merge-patch+json"
    assert TemplatePatch.from_options(CLONES, None, SPEC).content_type == "application/merge-patch+json"
    assert TemplatePatch.from_options(WEB, "merge", SPEC).content_type == "application/merge-patch+json"


@pytest.mark.parametrize(
    ("patch_type", "patch", "words"),
    [
        ("strategic", SPEC, "strategic is not for a CloneSet"),
        ("merge", [], "has to be a dictionary where patch_type is merge"),
        (None, {}, "not an empty one"),
        (None, "spec: {}", "has to be a dictionary"),
        (None, {"replicas": 2}, "patch has replicas, but it is a patch of a pod template"),
        (None, {"spec": {"template": {}}}, "patch has spec.template"),
        ("json", SPEC, "has to be a list of operations"),
    ],
)
def test_what_is_no_patch(patch_type: str | None, patch: Any, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        TemplatePatch.from_options(CLONES, patch_type, patch)


def test_the_body_is_of_the_whole_object() -> None:
    assert TemplatePatch.from_options(WEB, None, SPEC).body(BARE, {}) == {"spec": {"template": SPEC}}
    body = TemplatePatch.from_options(CRON, None, SPEC).body(BARE, CAUSE)
    assert body == {
        "spec": {"jobTemplate": {"spec": {"template": SPEC}}},
        "metadata": {"annotations": CAUSE},
    }


def test_operations_of_the_whole_object() -> None:
    patch = TemplatePatch.from_options(WEB, "json", [{"op": "remove", "path": "/spec/hostname"}])
    removes = {"op": "remove", "path": "/spec/template/spec/hostname"}
    assert patch.body(BARE, {}) == [removes]
    assert patch.body(BARE, CAUSE) == [
        removes,
        {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "add", "path": "/metadata/annotations", "value": CAUSE},
    ]
    annotated = {"metadata": {"annotations": {"a": "b"}}}
    assert patch.body(annotated, CAUSE)[1:] == [
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "why"}
    ]


def test_operations_are_tried_before_they_are_sent() -> None:
    patch = TemplatePatch.from_options(WEB, "json", [{"op": "remove", "path": "/spec/hostname"}])
    patch.require_applicable(SPEC)
    with pytest.raises(TargetError, match="there is no /spec/hostname"):
        patch.require_applicable({"spec": {}})
    TemplatePatch.from_options(WEB, None, SPEC).require_applicable({})
