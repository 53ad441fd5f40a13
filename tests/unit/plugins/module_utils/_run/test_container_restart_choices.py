# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pods' own specs and states choose: who comes first, who is refused, how long it may take."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1_info import pid1_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    at,
    expect_exec,
    expect_in_vain,
    expect_watch,
    failed_run,
    looking,
    only,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

HOOK = {"containers": [{"name": "app", "lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}]}


def expect_pod(api: FakeApi, **spec: Any) -> None:
    """The pod cart-1 with that in its spec, looked at."""
    api.expect_list(POD, NAMESPACE, [pod("cart-1", spec=spec)], field_selector="metadata.name=cart-1")
    expect_exec(api, "cart-1", looking())


def test_pods_that_are_not_ready_come_first(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    pods = [at(0), pod("cart-2", ready=False), at(0, "cart-3")]
    fake_api.expect_list(POD, NAMESPACE, pods, label_selector="app=cart")
    for name in ("cart-1", "cart-2", "cart-3"):
        expect_exec(fake_api, name, looking())
    plan = run(fake_api, label_selectors=["app=cart"], check_mode=True)["plan"]
    assert [entry["pod"] for entry in plan] == ["cart-2", "cart-1", "cart-3"]


@pytest.mark.parametrize("force", [False, True])
def test_a_prestop_hook_is_refused(fake_api: FakeApi, force: bool) -> None:
    expect_pod(fake_api, **HOOK)
    message, result = failed_run(fake_api, force=force)
    assert "it has a preStop hook, which would not run" in message
    assert not result["changed"]


def test_a_prestop_hook_is_skipped_if_that_is_wanted(signal_hook: FakeApi) -> None:
    expect_watch(signal_hook, "cart-1", restarted())
    assert only(run(signal_hook, prestop="skip"))["outcome"] == "restarted"


@pytest.fixture
def signal_hook(fake_api: FakeApi) -> FakeApi:
    """The API, with a pod that has a hook, looked at and signalled."""
    expect_pod(fake_api, **HOOK)
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    return fake_api


@pytest.mark.parametrize(
    ("own", "given", "seconds"),
    [(90, None, 90), (5, None, 30), (90, 10, 10)],
    ids=["the pod's", "30 at least", "the option wins"],
)
def test_how_long_it_may_take_to_end(fake_api: FakeApi, own: int, given: int | None, seconds: int) -> None:
    expect_pod(fake_api, terminationGracePeriodSeconds=own)
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_in_vain(fake_api, at(0))
    expect_exec(fake_api, "cart-1", looking())
    message, _result = failed_run(fake_api, grace_seconds=given)
    assert f"it did not end within {seconds} s: PID 1 took SIGTERM and still runs" in message
    assert fake_api.clock.monotonic() == 1000 + seconds


def test_no_time_to_end_sends_nothing(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="grace_seconds has to be 1 or more"):
        run(fake_api, grace_seconds=0)


def test_forced_without_effect_is_no_change(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking(caught=""))
    expect_exec(one, "cart-1", acting("sending 15", force=True, caught=""))
    expect_in_vain(one, at(0))
    expect_exec(one, "cart-1", looking(caught=""))
    message, result = failed_run(one, force=True)
    assert message.endswith(
        "within 30 s: PID 1 has no handler for SIGTERM, the kernel has dropped it; waiting longer does not help."
    )
    assert not result["changed"]


@pytest.mark.parametrize(("prestop", "in_place"), [("refuse", False), ("skip", True)])
def test_pid1_info_says_the_same_of_a_hook(fake_api: FakeApi, prestop: str, in_place: bool) -> None:
    expect_pod(fake_api, **HOOK)
    params = {"namespace": NAMESPACE, "pods": ["cart-1"], "containers": None, "signal": "TERM", "shell": "/bin/sh"}
    result = pid1_info(fake_api, fake_api.clock, params | {"prestop": prestop}, False)
    assert result["all_in_place"] is in_place
    (found,) = result["pods"]
    assert found["ready"] is True
    assert not {"cgroup", "own_cgroup", "nspid", "start_time"} & found["containers"][0]["process"].keys()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"image_alias": "acme/cart:2"}, "image_alias needs via: image_alias, and via is exec"),
        ({"via": "auto", "ephemeral_image": "tools:1"}, "ephemeral_image needs via: ephemeral, and via is auto"),
        ({"via": "image_alias", "unknown": "try"}, "unknown: try needs a via that sends a signal, and via is image_"),
    ],
)
def test_an_option_that_would_be_ignored(fake_api: FakeApi, params: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, **params)
