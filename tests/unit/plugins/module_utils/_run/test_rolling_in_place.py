# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many pods at a time, and what may come between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecFailed, LockLost
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, STATEFUL_SET, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    at,
    expect_exec,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    outcomes,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

NODE_JS = {"name": "node", "caught": "TERM", "command": "node app.js"}


def expect_pods(api: FakeApi, *pods: JsonObject) -> None:
    """Pods with the label app=cart, each looked at."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for entry in pods:
        expect_exec(api, entry["metadata"]["name"], looking())


def run_all(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A run on all of them."""
    return run(api, label_selectors=["app=cart"], **params)


def signalled(api: FakeApi) -> list[str]:
    """The pods in the order in which sessions were opened in them."""
    return [arguments["pod"] for method, arguments in api.calls if method == "exec"]


def test_pods_that_a_selector_does_not_match_are_seen(fake_api: FakeApi) -> None:
    owner = workload("StatefulSet", spec={"replicas": 2})
    old, other = pod("cart-0", owner), pod("cart-1", owner)
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [old], label_selector="app=cart,role=replica")
    expect_exec(fake_api, "cart-0", looking())
    fake_api.expect_get(STATEFUL_SET, NAMESPACE, "cart", owner)
    fake_api.expect_list(POD, NAMESPACE, [old, other], label_selector="app=cart")
    expect_exec(fake_api, "cart-0", acting("sending 15"))
    new = pod("cart-0", owner, containers=[container("app", 1)])
    expect_watch_all(fake_api, 2.0, modified(new))
    assert run(fake_api, label_selectors=["app=cart", "role=replica"])["summary"]["restarted"] == 1


def test_two_at_a_time(fake_api: FakeApi) -> None:
    names = ["cart-1", "cart-2", "cart-3"]
    expect_pods(fake_api, *(at(0, name) for name in names))
    for name in names:
        expect_exec(fake_api, name, acting("sending 15"))
    expect_watch_all(fake_api, 2.0, restarted("cart-2"), 3.0, restarted("cart-1"), 1.0, restarted("cart-3"))
    result = run_all(fake_api, max_unavailable="2")
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [5, 2, 4]


def test_a_pod_that_is_gone_before_its_turn_is_no_failure(fake_api: FakeApi) -> None:
    expect_pods(fake_api, at(0), at(0, "cart-2"))
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch_all(fake_api, WatchEvent("DELETED", at(0, "cart-2")), 1.0, restarted())
    result = run_all(fake_api)
    assert outcomes(result)[1][2:] == ("skipped", "its pod has been deleted meanwhile, by somebody else")


def test_a_pod_that_loses_its_label_is_followed_on(fake_api: FakeApi) -> None:
    expect_pods(fake_api, at(0))
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch_all(fake_api, 1.0, WatchEvent("DELETED", at(0)))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(1))
    assert run_all(fake_api)["summary"]["restarted"] == 1


def test_a_lock_that_is_lost_before_the_signal(fake_api: FakeApi) -> None:
    expect_pods(fake_api, at(0), at(0, "cart-2"))
    expect_exec(fake_api, "cart-1", LockLost("The lock of Pod cart-1 is lost."))
    message, result = failed_run(fake_api, label_selectors=["app=cart"], max_failures=5)
    assert "nothing was sent: The lock of Pod cart-1 is lost" in message
    assert "1 more were not touched" in message
    assert not result["changed"]


def test_a_second_container_waits_for_what_is_tried_elsewhere(fake_api: FakeApi) -> None:
    def both(name: str, web: int = 0, log: int = 0) -> JsonObject:
        status = [container("web", web), container("log", log, imageID="log@sha256:a")]
        return pod(name, containers=status)

    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [both("cart-1"), both("cart-2")], label_selector="app=cart")
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, looking(), "web")
        expect_exec(fake_api, name, looking(**NODE_JS), "log")
        expect_exec(fake_api, name, acting("sending 15"), "web")
    expect_exec(fake_api, "cart-1", acting("sending 15", **NODE_JS), "log")
    events = [modified(both("cart-1", 1)), modified(both("cart-2", 1))]
    expect_watch_all(fake_api, *events)
    expect_watch_all(fake_api, version="11")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", both("cart-1", 1))
    expect_exec(fake_api, "cart-1", looking(**{**NODE_JS, "caught": ""}), "log")
    message, result = failed_run(
        fake_api, label_selectors=["app=cart"], max_unavailable="2", unknown="try", on_refused="fail"
    )
    assert "its handler is gone" in message
    kinds = {(name, inside): kind for name, inside, kind, _reason in outcomes(result)}
    assert kinds["cart-2", "log"] == "skipped"


def test_a_failure_does_not_hide_what_ended_it_all(fake_api: FakeApi) -> None:
    expect_pods(fake_api, at(0), at(0, "cart-2", ready=False))
    expect_exec(fake_api, "cart-2", ExecFailed("the node is busy"))
    expect_exec(fake_api, "cart-1", LockLost("The lock is lost."))
    message, _result = failed_run(fake_api, label_selectors=["app=cart"], max_failures=1, max_unavailable="2")
    assert "the node is busy" in message
    assert "The lock is lost" in message
