# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_info import rollout_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.revision_script import expect_history, revision, running, template
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import DONE

KINDS = ["Deployment", "StatefulSet", "DaemonSet"]


def run(api: FakeApi, kind: str, **params: Any) -> dict[str, Any]:
    """The module's work on the workload shop/cart."""
    options = {"namespace": NAMESPACE, "kind": kind, "name": "cart", "revision": None, "compare": None}
    return rollout_info(api, api.clock, options | params, False)


def expect_read(api: FakeApi, obj: JsonObject, images: str) -> None:
    """The workload, and its history: revision 1 has the first image, and so on."""
    api.expect_get(WORKLOADS[obj["kind"]].resource, NAMESPACE, "cart", obj)
    expect_history(api, obj, [revision(obj, number, image) for number, image in enumerate(images, 1)])


@pytest.mark.parametrize("kind", KINDS)
def test_status_and_history(fake_api: FakeApi, kind: str) -> None:
    expect_read(fake_api, running(kind, "b", status=DONE[kind]), "ab")
    result = run(fake_api, kind)
    assert not result["changed"]
    assert result["workload"]["name"] == "cart"
    status = result["status"]
    assert (status["done"], status["failed"], status["paused"]) == (True, False, False)
    assert (status["generation"], status["observed_generation"]) == (2, 2)
    assert (status["wanted"], status["updated"], status["available"]) == (2, 2, 2)
    counts = {"replicas": 2, "ready": 1} if kind == "Deployment" else {"replicas": None, "ready": None}
    assert result["revisions"] == [
        {
            "revision": number,
            "name": f"cart-{image}",
            "created": f"2026-01-02T03:00:0{number}Z",
            "change_cause": None,
            "current": image == "b",
        }
        | counts
        for number, image in ((1, "a"), (2, "b"))
    ]
    assert result.keys() == {"changed", "workload", "status", "revisions"}
    assert fake_api.requests == 2


def test_without_a_history(fake_api: FakeApi) -> None:
    expect_read(fake_api, running("Deployment", "b"), "")
    result = run(fake_api, "Deployment", revision=0)
    assert result["revisions"] == []
    assert result["template"] == template("b")


def test_a_revision(fake_api: FakeApi) -> None:
    expect_read(fake_api, running("StatefulSet", "b"), "ab")
    assert run(fake_api, "StatefulSet", revision=1)["template"] == template("a")


def test_a_revision_that_is_not_there(fake_api: FakeApi) -> None:
    expect_read(fake_api, running("StatefulSet", "b"), "ab")
    with pytest.raises(TargetError, match="has no revision 3 in its history; there are 1"):
        run(fake_api, "StatefulSet", revision=3)


def test_compare(fake_api: FakeApi) -> None:
    expect_read(fake_api, running("DaemonSet", "b"), "ab")
    result = run(fake_api, "DaemonSet", compare=[1, 0])
    assert result["diff"] == {
        "before_header": "DaemonSet shop/cart, revision 1",
        "after_header": "DaemonSet shop/cart, the current template",
        "before": {"spec": {"template": template("a")}},
        "after": {"spec": {"template": template("b")}},
    }
    assert '-        "image": "a",' in result["diff_text"]
    assert '+        "image": "b",' in result["diff_text"]


def test_secrets_are_hidden(fake_api: FakeApi) -> None:
    obj = running("DaemonSet", "b")
    its = revision(obj, 1, "b")
    for spec in (obj["spec"], its["data"]["spec"]):
        spec["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": "s3cret"}]
    fake_api.expect_get(WORKLOADS["DaemonSet"].resource, NAMESPACE, "cart", obj)
    expect_history(fake_api, obj, [its])
    assert "s3cret" not in str(run(fake_api, "DaemonSet", revision=1, compare=[1, 0]))


@pytest.mark.parametrize("compare", [[], [1], [1, 2, 3]])
def test_compare_takes_two(fake_api: FakeApi, compare: list[int]) -> None:
    with pytest.raises(TargetError, match=f"takes two revisions, and {len(compare)} are given"):
        run(fake_api, "Deployment", compare=compare)
