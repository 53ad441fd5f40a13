# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened counts for more than what was forecast: why a signal did nothing, and verdicts settled by trying."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    expect_exec,
    expect_in_vain,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    outcomes,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

NODE_JS = {"name": "node", "caught": "TERM", "command": "node app.js"}


def at(name: str, restarts: int = 0, image: str = "cart@sha256:a") -> Any:
    """A pod whose container runs that image."""
    return pod(name, containers=[container("app", restarts, imageID=image)])


def expect_pods(api: FakeApi, *images: str) -> None:
    """Pods cart-1, cart-2 ... with Node.js in those images, looked at."""
    api.ordered = False
    pods = [at(f"cart-{number}", image=image) for number, image in enumerate(images, 1)]
    api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for entry in pods:
        expect_exec(api, entry["metadata"]["name"], looking(**NODE_JS))


def run_all(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A run on all of them that tries."""
    return run(api, label_selectors=["app=cart"], unknown="try", **params)


def bases(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Outcome and basis of each container."""
    return [(inside["outcome"], inside["basis"]) for entry in result["pods"] for inside in entry["containers"]]


def test_unknown_is_refused_by_default(fake_api: FakeApi) -> None:
    expect_pods(fake_api, "cart@sha256:a")
    message, result = failed_run(fake_api, label_selectors=["app=cart"])
    assert "Node.js catches SIGTERM even if the program does not" in message
    assert bases(result) == [("skipped", "forecast")]


def test_what_was_tried_holds_for_the_others(fake_api: FakeApi) -> None:
    expect_pods(fake_api, "cart@sha256:a", "cart@sha256:a")
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15", **NODE_JS))
    expect_watch_all(fake_api, modified(at("cart-1", 1)), modified(at("cart-2", 1)))
    result = run_all(fake_api)
    assert bases(result) == [("restarted", "measured"), ("restarted", "measured")]
    assert "it is tried, on one container of this image and command first" in result["plan"][0]["reason"]


def expect_nothing(api: FakeApi, name: str) -> None:
    """A signal on which Node.js does nothing."""
    expect_exec(api, name, acting("sending 15", **NODE_JS))
    expect_watch_all(api)
    api.expect_get(POD, NAMESPACE, name, at(name))
    expect_exec(api, name, looking(**{**NODE_JS, "caught": ""}))


def test_what_was_tried_in_vain_is_not_sent_to_the_others(fake_api: FakeApi) -> None:
    expect_pods(fake_api, "cart@sha256:a", "cart@sha256:a", "cart@sha256:b")
    expect_nothing(fake_api, "cart-1")
    expect_exec(fake_api, "cart-3", acting("sending 15", **NODE_JS))
    pods = [at("cart-1"), at("cart-2", image="cart@sha256:a"), at("cart-3", image="cart@sha256:b")]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    expect_watch_all(fake_api, modified(at("cart-3", 1)))
    result = run_all(fake_api, on_refused="skip")
    assert bases(result) == [("unchanged", "measured"), ("skipped", "measured"), ("restarted", "measured")]
    reason = outcomes(result)[1][3]
    assert reason.startswith("tried on container app of Pod shop/cart-1: the signal was sent, and it did not end")
    assert "its handler is gone" in reason


def test_in_vain_is_a_failure_unless_refusals_are_skipped(fake_api: FakeApi) -> None:
    expect_pods(fake_api, "cart@sha256:a", "cart@sha256:a")
    expect_nothing(fake_api, "cart-1")
    with pytest.raises(
        Exception, match=r"raised SIGTERM again .*; waiting longer does not help\. 1 more were not touched"
    ):
        run_all(fake_api)


def test_what_has_to_be_tried_comes_first(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [at("cart-1"), at("cart-2")], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking())
    expect_exec(fake_api, "cart-2", looking(**NODE_JS))
    expect_nothing(fake_api, "cart-2")
    with pytest.raises(Exception, match=r"1 more were not touched: container app of Pod shop/cart-1\."):
        run_all(fake_api)


def test_a_verdict_that_is_known_is_not_tried(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at("cart-1")], label_selector="app=cart")
    expect_exec(fake_api, "cart-1", looking(caught=""))
    with pytest.raises(Exception, match="PID 1 has no handler"):
        run_all(fake_api)


def test_kill_is_refused_even_by_force(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking())
    message, result = failed_run(one, signal="KILL", force=True)
    assert "the kernel drops SIGKILL for PID 1 when it is sent from inside the PID namespace" in message
    assert not result["changed"]


def test_a_signal_that_stays_pending(one: FakeApi) -> None:
    blocked = {"caught": "", "blocked": "TERM"}
    for _ in range(2):
        expect_exec(one, "cart-1", looking(**blocked))
    expect_exec(one, "cart-1", acting("sending 15", force=True, **blocked))
    expect_in_vain(one, at("cart-1"))
    expect_exec(one, "cart-1", looking(pending="TERM", **blocked))
    message, result = failed_run(one, force=True)
    assert "SIGTERM is still pending (ShdPnd 0000000000004000)" in message
    assert message.endswith("; waiting longer does not help.")
    assert not result["changed"]
