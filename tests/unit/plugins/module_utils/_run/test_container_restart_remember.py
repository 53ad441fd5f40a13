# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a signal did is kept on the workload, and decides in later runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import key_of
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import parse_probe
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import MERGE_PATCH, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1_info import pid1_info
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    TOKEN,
    acting,
    asking,
    expect_exec,
    failed_run,
    looking,
    modified,
    only,
    probe_text,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

NODE_JS = {"name": "node", "caught": "TERM", "command": "node app.js --token=secret"}
RESOURCE = WORKLOADS["Deployment"].resource
WHEN = "2026-01-01T00:00:00Z"


def at(restarts: int = 0, **more: Any) -> JsonObject:
    """The pod."""
    inside = container("app", restarts, imageID="cart@sha256:a", **more)
    return pod("cart-1", workload("Deployment"), containers=[inside])


def key(**facts: Any) -> str:
    """Of the program in it."""
    found = key_of(Pod.from_object(at()).containers[0], parse_probe(probe_text(**NODE_JS | facts), token=TOKEN, pid=1))
    assert found
    return found


def kept(outcome: str, seconds: float = 30, when: str = WHEN, **facts: Any) -> dict[str, str]:
    """The annotation."""
    entry = {"outcome": outcome, "when": when, "seconds": float(seconds), "key": key(**facts)}
    return {"measured.saferestart.k8s/app": json.dumps({"SIGTERM": entry})}


def expect_look(api: FakeApi, annotations: dict[str, str] | None = None, **facts: Any) -> None:
    """The workload with these annotations, its pod, and the look at it."""
    owner = workload("Deployment", spec={"replicas": 1})
    owner["metadata"]["annotations"] = annotations
    api.ordered = False
    api.expect_get(RESOURCE, NAMESPACE, "cart", owner)
    api.expect_list(POD, NAMESPACE, [at()], label_selector="app=cart")
    expect_exec(api, "cart-1", looking(**NODE_JS | facts))


def expect_restart(api: FakeApi, seconds: float = 4.0, *, force: bool = False, **ended: Any) -> None:
    """The signal, and the end after so many seconds."""
    expect_exec(api, "cart-1", acting("sending 15", force=force, **NODE_JS))
    events = (seconds, modified(at(1, **ended)))
    api.expect_watch(POD, NAMESPACE, events, resource_version="100", label_selector="app=cart")


def expect_in_vain(api: FakeApi, *, force: bool = False) -> None:
    """The signal, on which Node.js does nothing but take its handler away."""
    expect_exec(api, "cart-1", acting("sending 15", "sent 0", force=force, **NODE_JS))
    api.expect_watch(POD, NAMESPACE, [], resource_version="100", label_selector="app=cart")
    api.expect_get(POD, NAMESPACE, "cart-1", at())
    expect_exec(api, "cart-1", looking(**NODE_JS | {"caught": ""}))


def expect_kept(api: FakeApi, annotations: dict[str, str], answer: Any = None) -> None:
    """The request that keeps it."""
    body = {"metadata": {"uid": "uid-cart", "annotations": annotations}}
    api.expect_patch(RESOURCE, NAMESPACE, "cart", body, answer or {}, content_type=MERGE_PATCH)


def run_all(api: FakeApi, **params: Any) -> dict[str, Any]:
    return run(api, kind="Deployment", name="cart", **params)


def failed(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    return failed_run(api, kind="Deployment", name="cart", **params)


@pytest.mark.parametrize("force", [False, True])
def test_what_ended_is_kept(fake_api: FakeApi, force: bool) -> None:
    expect_look(fake_api)
    expect_restart(fake_api, force=force)
    expect_kept(fake_api, kept("ended", 4, "2026-01-02T03:04:09Z"))
    result = run_all(fake_api, unknown="try", remember=True, force=force)
    assert only(result)["outcome"] == "restarted"
    assert result["plan"][0]["basis"] == "forecast"
    assert result["warnings"] == []


def test_what_lived_is_kept(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    expect_in_vain(fake_api)
    expect_kept(fake_api, kept("lived", 30, "2026-01-02T03:04:35Z"))
    message, _result = failed(fake_api, unknown="try", remember=True)
    assert "waiting longer does not help" in message


def test_what_is_known_is_not_sent_again(fake_api: FakeApi) -> None:
    expect_look(fake_api, kept("ended"))
    expect_restart(fake_api)
    result = run_all(fake_api, remember=True)
    assert result["plan"][0]["basis"] == "measured"
    assert result["plan"][0]["reason"] == f"SIGTERM ended it when it was tried on {WHEN} (after 30 s)"


def test_what_lived_is_refused(fake_api: FakeApi) -> None:
    facts = {"name": "app", "command": "app"}
    expect_look(fake_api, kept("lived", **facts), **facts)
    message, result = failed(fake_api, unknown="try", remember=True)
    assert f"SIGTERM did not end it when it was tried on {WHEN} (waited 30 s); force: true tries again" in message
    assert (result["plan"][0]["basis"], only(result)["basis"]) == ("measured", "measured")
    assert not result["changed"]


def test_force_tries_again(fake_api: FakeApi) -> None:
    expect_look(fake_api, kept("lived"))
    expect_restart(fake_api, force=True)
    expect_kept(fake_api, kept("ended", 4, "2026-01-02T03:04:09Z"))
    result = run_all(fake_api, force=True, remember=True)
    assert result["plan"][0]["basis"] == "forecast"


@pytest.mark.parametrize(
    "annotations",
    [
        kept("ended", command="node other.js"),
        {"measured.saferestart.k8s/web": kept("ended")["measured.saferestart.k8s/app"]},
        {"measured.saferestart.k8s/app": "{"},
    ],
)
def test_what_holds_for_another_program_is_ignored(fake_api: FakeApi, annotations: dict[str, str]) -> None:
    expect_look(fake_api, annotations)
    message, result = failed(fake_api)
    assert "Node.js catches SIGTERM" in message
    assert result["plan"][0]["basis"] == "forecast"


def test_another_program_by_the_time_of_the_signal(fake_api: FakeApi) -> None:
    expect_look(fake_api, kept("ended"))
    session = asking(**NODE_JS | {"command": "node other.js"})
    expect_exec(fake_api, "cart-1", session)
    message, _result = failed(fake_api)
    assert "nothing was sent: Node.js catches SIGTERM" in message


def test_what_the_kernel_decides_is_neither_overridden_nor_kept(fake_api: FakeApi) -> None:
    facts = {"name": "app", "caught": ""}
    expect_look(fake_api, kept("ended", **facts), **facts)
    certain = {"remember": True, "signal": "KILL"}
    message, result = failed(fake_api, **certain)
    assert "the kernel drops SIGKILL" in message
    assert result["plan"][0]["basis"] == "forecast"


@pytest.mark.parametrize("killed", [True, False])
def test_an_end_by_somebody_else_is_not_kept(fake_api: FakeApi, killed: bool) -> None:
    expect_look(fake_api)
    ended = {"terminated": {"exitCode": 137 if killed else 0, "finishedAt": "2026-01-02T03:04:09Z"}}
    expect_restart(fake_api, lastState=ended)
    if not killed:
        expect_kept(fake_api, kept("ended", 4, "2026-01-02T03:04:09Z"))
    run_all(fake_api, unknown="try", remember=True)


def test_check_mode_keeps_nothing(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    assert run_all(fake_api, unknown="try", remember=True, check_mode=True)["changed"]


@pytest.mark.parametrize("status", [403, 409])
def test_not_being_allowed_to_is_a_warning(fake_api: FakeApi, status: int) -> None:
    expect_look(fake_api)
    expect_restart(fake_api)
    expect_kept(fake_api, kept("ended", 4, "2026-01-02T03:04:09Z"), ApiError("Cannot patch it.", status))
    result = run_all(fake_api, unknown="try", remember=True)
    assert only(result)["outcome"] == "restarted"
    assert result["warnings"] == ["What was measured could not be kept on Deployment shop/cart: Cannot patch it."]


@pytest.mark.parametrize("params", [{"pods": ["cart-1"]}, {"kind": "Deployment", "name": "cart", "via": "image_alias"}])
def test_nowhere_to_keep_it(fake_api: FakeApi, params: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match=r"remember needs .*Nothing was sent"):
        run(fake_api, remember=True, **params)


@pytest.mark.parametrize(("outcome", "in_place"), [("ended", True), ("lived", False)])
def test_pid1_info_says_the_same(fake_api: FakeApi, outcome: str, in_place: bool) -> None:
    expect_look(fake_api, kept(outcome))
    options = {"namespace": NAMESPACE, "kind": "Deployment", "name": "cart", "containers": None}
    options |= {"signal": "TERM", "shell": "/bin/sh", "prestop": "refuse"}
    result = pid1_info(fake_api, fake_api.clock, options, False)
    (inside,) = result["pods"][0]["containers"]
    assert (result["all_in_place"], inside["in_place"], inside["basis"]) == (in_place, in_place, "measured")
    assert inside["verdict"] == "unknown"
    assert in_place or inside["refusal"].startswith("SIGTERM did not end it")
