# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import Resource
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import TEMPLATES, WorkloadType
from ansible_collections.saferestart.k8s.plugins.module_utils._run.workload_types import find_type
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi

SHOPS = Resource("example.com/v1", "Shop", "shops")


@pytest.mark.parametrize("kind", ["Deployment", "CronJob", "Rollout", "CloneSet"])
def test_what_is_known_costs_no_request(fake_api: FakeApi, kind: str) -> None:
    assert find_type(fake_api, kind, None, None) == TEMPLATES[kind]
    assert find_type(fake_api, kind, TEMPLATES[kind].resource.api_version, None) == TEMPLATES[kind]


def test_any_other_is_asked_for(fake_api: FakeApi) -> None:
    fake_api.expect_discover("example.com/v1", "Shop", SHOPS)
    found = find_type(fake_api, "Shop", "example.com/v1", "spec.front.template")
    assert found == WorkloadType(SHOPS, ("spec", "front", "template"), built_in=False)


def test_another_version_of_a_known_one_is_the_same_type(fake_api: FakeApi) -> None:
    newer = Resource("argoproj.io/v1", "Rollout", "rollouts")
    fake_api.expect_discover("argoproj.io/v1", "Rollout", newer)
    found = find_type(fake_api, "Rollout", "argoproj.io/v1", None)
    assert (found.resource, found.hash_label) == (newer, "rollouts-pod-template-hash")


@pytest.mark.parametrize(
    ("kind", "version", "path", "words"),
    [
        ("Shop", None, None, "kind Shop is not known by name, as Deployment,"),
        ("Shop", "example.com", None, "'example.com' is no API version"),
        ("Shop", "../v1", None, "is no API version"),
        ("Job", None, None, "no controller replaces its pods"),
        ("Pod", "v1", None, "no controller replaces its pods"),
        ("Deployment", None, "spec", "'spec' is no path in the object's spec"),
        ("Deployment", None, "spec..template", "is no path"),
    ],
)
def test_what_cannot_be(fake_api: FakeApi, kind: str, version: str | None, path: str | None, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        find_type(fake_api, kind, version, path)


def test_a_type_that_the_cluster_does_not_have(fake_api: FakeApi) -> None:
    fake_api.expect_discover("example.com/v1", "Shop", NotFound("not there", 404))
    with pytest.raises(TargetError, match=r"has no namespaced kind Shop in example\.com/v1"):
        find_type(fake_api, "Shop", "example.com/v1", None)
