# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether containers come back: what is asked, once each, and what becomes of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import GATES as SPEC
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONFIG_MAP,
    NODE,
    POD,
    SECRET,
    JsonObject,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    expect_exec,
    expect_watch,
    failed_run,
    looking,
    only,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

GATES = {name: option["default"] for name, option in SPEC["gates"]["options"].items()}
ENV = {
    "envFrom": [{"configMapRef": {"name": "common"}}],
    "env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
}
READY = {
    "metadata": {"name": "worker", "uid": "uid-worker"},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}
FORBIDDEN = ApiError('secrets "db" is forbidden.', 403, "Forbidden")


def cart(name: str = "cart-1", node: str = "worker", **spec: Any) -> JsonObject:
    """A pod with that in its container's spec."""
    return pod(name, node=node, spec={"containers": [{"name": "app"} | spec]})


def expect_pods(api: FakeApi, *pods: JsonObject) -> dict[str, Any]:
    """Those pods, looked at; the options that mean them. The order of what follows does not matter."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for entry in pods:
        expect_exec(api, entry["metadata"]["name"], looking())
    return {"label_selectors": ["app=cart"], "gates": GATES}


def expect_objects(api: FakeApi, secret: JsonObject | Exception, node: JsonObject | Exception = READY) -> None:
    """What the pods need."""
    api.expect_get(NODE, "", "worker", node)
    api.expect_get(CONFIG_MAP, NAMESPACE, "common", {"data": {}})
    api.expect_get(SECRET, NAMESPACE, "db", secret)


def test_all_is_there(fake_api: FakeApi) -> None:
    options = expect_pods(fake_api, cart(**ENV), cart("cart-2", **ENV))
    expect_objects(fake_api, {"data": {"password": "aHVudGVyMg=="}})
    result = run(fake_api, check_mode=True, **options)
    assert [entry["action"] for entry in result["plan"]] == ["signal", "signal"]
    assert result["warnings"] == []
    assert "aHVudGVyMg" not in json.dumps(result)


def test_a_pod_that_needs_nothing_costs_one_look_at_its_node(fake_api: FakeApi) -> None:
    options = expect_pods(fake_api, cart())
    fake_api.expect_get(NODE, "", "worker", READY)
    assert run(fake_api, check_mode=True, **options)["summary"]["api_requests"] == 3


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (NotFound('secrets "db" not found', 404), "it might stay down: there is no Secret db, which"),
        ({"data": {"user": "eA=="}}, "it might stay down: there is no key password in Secret db, which"),
    ],
)
def test_nothing_is_sent_where_one_would_stay_down(fake_api: FakeApi, secret: Any, words: str) -> None:
    options = expect_pods(fake_api, cart(**ENV), cart("cart-2"))
    expect_objects(fake_api, secret)
    message, result = failed_run(fake_api, **options)
    assert "Nothing was sent, 1 of 2 containers" in message
    assert words in message
    assert [entry["action"] for entry in result["plan"]] == ["skip", "signal"]
    assert [note["gate"] for note in result["plan"][0]["gates"]] == ["env"]
    assert not result["changed"]


def test_it_is_restarted_all_the_same_where_that_is_wanted(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    obj = cart(imagePullPolicy="Always", **ENV)
    fake_api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking())
    expect_objects(fake_api, NotFound('secrets "db" not found', 404))
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch(fake_api, "cart-1", restarted())
    result = run(fake_api, gates=GATES | {"env": "warn"})
    assert only(result)["outcome"] == "restarted"
    assert [note["gate"] for note in result["plan"][0]["gates"]] == ["env", "registry"]
    assert [warning.rsplit(" (", 1)[1] for warning in result["warnings"]] == ["gates.env).", "gates.registry)."]


def test_one_warning_for_what_is_the_same_of_many(fake_api: FakeApi) -> None:
    pods = [cart(f"cart-{number}", imagePullPolicy="Always") for number in range(1, 6)]
    options = expect_pods(fake_api, *pods)
    fake_api.expect_get(NODE, "", "worker", READY)
    (warning,) = run(fake_api, check_mode=True, **options)["warnings"]
    assert warning.startswith("container app of Pod shop/cart-1, ")
    assert "and 2 more might stay down: its imagePullPolicy is Always" in warning


def test_what_may_not_be_read_is_said_once_and_refuses_nothing(fake_api: FakeApi) -> None:
    nodes = ["worker", "worker-2", "worker-3", "worker"]
    options = expect_pods(fake_api, *(cart(f"cart-{number}", node, **ENV) for number, node in enumerate(nodes)))
    expect_objects(fake_api, FORBIDDEN, ApiError('nodes "worker" is forbidden.', 403, "Forbidden"))
    result = run(fake_api, check_mode=True, **options)
    assert [entry["action"] for entry in result["plan"]] == ["signal"] * 4
    unread = "Whether containers will come back was not checked with {}, which could not be read: {} is forbidden."
    assert result["warnings"] == [
        unread.format("Secret db", 'secrets "db"'),
        unread.format("Node worker, worker-2, worker-3", 'nodes "worker"'),
    ]


def test_every_node_is_asked_once(fake_api: FakeApi) -> None:
    options = expect_pods(fake_api, cart(), cart("cart-2", "worker-2"), cart("cart-3", "gone"), cart("cart-4"))
    fake_api.expect_get(NODE, "", "worker", READY)
    fake_api.expect_get(NODE, "", "worker-2", {"metadata": {"name": "worker-2", "uid": "uid-worker-2"}})
    fake_api.expect_get(NODE, "", "gone", NotFound("not found", 404))
    result = run(fake_api, check_mode=True, on_refused="skip", **options)
    assert [entry["action"] for entry in result["plan"]] == ["signal", "skip", "skip", "signal"]
    assert "its node worker-2 is not Ready" in result["plan"][1]["reason"]
    assert "its node gone no longer exists" in result["plan"][2]["reason"]
    assert result["warnings"] == []


def test_what_is_refused_anyway_is_not_looked_up(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [cart(**ENV)], field_selector="metadata.name=cart-1")
    expect_exec(fake_api, "cart-1", looking(caught=""))
    message, _result = failed_run(fake_api, gates=GATES)
    assert "has no handler" in message


def test_no_answer_is_an_error(fake_api: FakeApi) -> None:
    options = expect_pods(fake_api, cart())
    fake_api.expect_get(NODE, "", "worker", Unreachable("no answer"))
    with pytest.raises(Unreachable, match="no answer"):
        run(fake_api, **options)


def test_no_ephemeral_container_is_added_where_it_would_stay_down(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [cart(**ENV)], field_selector="metadata.name=cart-1")
    expect_objects(fake_api, NotFound("not found", 404))
    message, result = failed_run(fake_api, via="ephemeral", ephemeral_image="tools:1", gates=GATES)
    assert "there is no Secret db" in message
    assert not result["changed"]
