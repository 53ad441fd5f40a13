# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout over the real client, whose watch expires: the items of a list are not as a get or a watch has them."""

from __future__ import annotations

from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import DEPLOYMENT, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import rollout_restart
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod, probed, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import DONE, OPTIONS, changed


def listed(kind: str, *objects: JsonObject) -> dict[str, Any]:
    """A list as an API server has it: what its items are is said once."""
    items = [{key: value for key, value in obj.items() if key not in ("apiVersion", "kind")} for obj in objects]
    return {"kind": f"{kind}List", "apiVersion": "v1", "metadata": {"resourceVersion": "100"}, "items": items}


def test_a_lists_items_say_what_they_are(server: ApiServer, api: KubernetesApi) -> None:
    server.answer(listed("Deployment", workload("Deployment")))
    server.answer(listed("Pod", pod("cart-1")))
    (deployment,) = api.list(DEPLOYMENT, NAMESPACE).items
    assert deployment == workload("Deployment")
    (found,) = api.list(POD, NAMESPACE).items
    assert (found["apiVersion"], found["kind"]) == ("v1", "Pod")


def test_what_an_item_says_of_itself_is_kept(server: ApiServer, api: KubernetesApi) -> None:
    server.answer({"metadata": {"resourceVersion": "7"}, "items": [{"kind": "Other", "apiVersion": "v9"}]})
    assert api.list(POD, NAMESPACE).items == [{"kind": "Other", "apiVersion": "v9"}]


def test_a_rollout_goes_on_after_its_watch_has_expired(server: ApiServer, api: KubernetesApi, clock: FakeClock) -> None:
    obj = workload("Deployment")
    server.answer(obj)
    server.answer(listed("Pod", pod("cart-a1", obj)))
    server.answer(changed(obj))
    server.refuse(410, "too old resource version", "Expired")
    server.answer(listed("Deployment", changed(obj, "99", updatedReplicas=1)))
    server.stream({"type": "MODIFIED", "object": changed(obj, "101", **DONE["Deployment"])})
    server.answer(listed("Pod", probed(pod("cart-b1", obj, hash_label="bbb"))))
    result = rollout_restart(api, clock, OPTIONS | {"kind": "Deployment"}, False)
    assert result["summary"]["restarted"] == 1
    assert [(request.method, dict(request.query).get("resourceVersion")) for request in server.requests[3:6]] == [
        ("GET", "11"),
        ("GET", None),
        ("GET", "100"),
    ]
