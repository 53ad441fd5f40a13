# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another name of the image, asked for or as the way around a signal that cannot be sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, ExecFailed, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    JSON_PATCH,
    NODE,
    POD,
    JsonObject,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    expect_exec,
    expect_watch,
    failed_run,
    finding,
    listed,
    looking,
    modified,
    only,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

TAG, DIGEST = "docker.io/acme/cart:1", "docker.io/acme/cart@sha256:" + "a" * 64
NODE_OBJECT = {"status": {"images": [{"names": [DIGEST, TAG]}]}}
NO_SHELL = ExecFailed('exec: "/bin/sh": stat /bin/sh: no such file or directory')
ONE = "metadata.name=cart-1"
KEY = "image.saferestart.k8s/app"


def at(restarts: int, **more: Any) -> JsonObject:
    """The pod cart-1, whose container runs the image by its tag unless another name is given, so many restarts on."""
    meta = {"annotations": {KEY: TAG}} if (image := more.pop("image", TAG)) != TAG else {}
    spec = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"} | more.pop("entry", {})
    status = container(
        "app", restarts, **{key: more.pop(key) for key in ("state", "lastState", "ready") if key in more}
    )
    return pod("cart-1", containers=[status], spec={"containers": [spec]}, meta=meta, **more)


def expect_pod(api: FakeApi, **entry: Any) -> None:
    """The pod in the answer to the first request."""
    api.expect_list(POD, NAMESPACE, [at(0, entry=entry)], field_selector=ONE)


def expect_rename(
    api: FakeApi,
    new: str,
    *,
    now: JsonObject | Exception | None = None,
    answer: JsonObject | Exception | None = None,
    dry_run: bool = False,
) -> None:
    """A look at the pod, unless it is a dry run, and the patch that gives its image the other name.

    `now` is the pod as it is seen; an exception ends it. `answer` is that to the patch.
    """
    old = TAG if new == DIGEST else DIGEST
    patch: list[JsonObject] = [
        {"op": "test", "path": "/metadata/uid", "value": "uid-cart-1"},
        {"op": "test", "path": "/spec/containers/0/name", "value": "app"},
        {"op": "test", "path": "/spec/containers/0/image", "value": old},
        {"op": "replace", "path": "/spec/containers/0/image", "value": new},
    ]
    if new == TAG:
        patch.append({"op": "remove", "path": "/metadata/annotations/image.saferestart.k8s~1app"})
    else:
        patch.append({"op": "test", "path": "/metadata/annotations", "value": None})
        patch.append({"op": "add", "path": "/metadata/annotations", "value": {KEY: TAG}})
    if not dry_run:
        api.expect_get(POD, NAMESPACE, "cart-1", now or at(0, image=old))
    if not isinstance(now, Exception):
        api.expect_patch(
            POD, NAMESPACE, "cart-1", patch, answer or at(0, image=new), content_type=JSON_PATCH, dry_run=dry_run
        )


def expect_patched_watch(api: FakeApi, *events: WatchEvent | float | Exception) -> None:
    """A watch that begins with what the patch has made of the pod."""
    expect_watch(api, "cart-1", *events, version="10")


@pytest.fixture
def planned(fake_api: FakeApi) -> FakeApi:
    """The API, up to where another name of the image is found and the server would take it."""
    expect_pod(fake_api)
    fake_api.expect_get(NODE, "", "worker", NODE_OBJECT)
    expect_rename(fake_api, DIGEST, dry_run=True)
    return fake_api


def test_another_name_restarts_it(planned: FakeApi) -> None:
    expect_rename(planned, DIGEST)
    expect_patched_watch(planned, modified(at(0)), 29.0, modified(at(1, lastState=ENDED)))
    result = run(planned, via="image_alias")
    assert result["plan"] == [
        {
            "pod": "cart-1",
            "container": "app",
            "action": "patch",
            "via": "image_alias",
            "verdict": None,
            "budget": "none",
            "reason": f"the kubelet stops and starts it for another name of the same image, {DIGEST}",
            "basis": "forecast",
            "back_off_seconds": 0,
            "back_off_bounds": [0, 0],
            "back_off_reason": "the kubelet waits for each name of its image by itself",
            "gates": [],
        }
    ]
    found = only(result)
    assert (found["outcome"], found["via"], found["basis"]) == ("restarted", "image_alias", "measured")
    assert (found["verdict"], found["restart_count_after"], result["changed"]) == (None, 1, True)


def test_check_mode_asks_the_server(planned: FakeApi) -> None:
    result = run(planned, via="image_alias", check_mode=True)
    assert result["changed"]
    assert only(result)["outcome"] == "skipped"


def test_the_grace_period_is_the_kubelets_and_then_it_is_as_it_was(planned: FakeApi) -> None:
    expect_rename(planned, DIGEST)
    expect_patched_watch(planned)
    expect_rename(planned, TAG)
    expect_patched_watch(planned)
    message, result = failed_run(planned, via="image_alias", grace_seconds=None)
    assert f"its image has its former name again: as {DIGEST} it did not end within 60 s" in message
    assert not result["changed"]


def test_a_node_is_asked_once(fake_api: FakeApi) -> None:
    spec = {"containers": [{"name": name, "image": TAG} for name in ("app", "log")]}
    both = pod("cart-1", containers=[container("app"), container("log")], spec=spec)
    fake_api.expect_list(POD, NAMESPACE, [both], field_selector=ONE)
    fake_api.expect_get(NODE, "", "worker", ApiError("Cannot get Node worker: forbidden.", 403))
    message, _result = failed_run(fake_api, via="image_alias")
    assert "container app of Pod shop/cart-1, container log of Pod shop/cart-1: its node cannot be asked" in message


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("acme/cart:2", "acme/cart:2 is no name that its node has"), (TAG, "already")],
)
def test_a_wrong_name_is_refused_before_anything_is_sent(fake_api: FakeApi, wanted: str, words: str) -> None:
    expect_pod(fake_api)
    fake_api.expect_get(NODE, "", "worker", NODE_OBJECT)
    message, result = failed_run(fake_api, via="image_alias", image_alias=wanted)
    assert message.startswith("Nothing was sent, ")
    assert words in message
    assert not result["changed"]


def test_what_the_server_refuses_is_refused(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    fake_api.expect_get(NODE, "", "worker", NODE_OBJECT)
    expect_rename(fake_api, DIGEST, answer=ApiError("Cannot patch Pod: no.", 403), dry_run=True)
    message, _result = failed_run(fake_api, via="image_alias")
    assert f"the server refuses its new name {DIGEST}: Cannot patch Pod: no." in message


CUT = Unreachable("cut")


@pytest.mark.parametrize(
    ("seen", "answer", "words"),
    [
        (None, ApiError("the server rejected it.", 422), "the pod has changed since it was read, by another run"),
        (CUT, None, "cut"),
        (ApiError("Cannot get Pod.", 403), None, "Cannot get Pod."),
    ],
    ids=["refused", "cut before anything is sent", "not to be read"],
)
def test_nothing_is_sent(planned: FakeApi, seen: Exception | None, answer: Exception | None, words: str) -> None:
    expect_rename(planned, DIGEST, now=seen, answer=answer)
    message, result = failed_run(planned, via="image_alias")
    assert f"nothing was sent: {words}" in message
    found = only(result)
    assert (found["outcome"], found["via"], found["basis"], result["changed"]) == ("failed", None, "forecast", False)


DOWN = {"waiting": {"reason": "CrashLoopBackOff"}}


@pytest.mark.parametrize("seen", [at(1), at(0, state=DOWN)], ids=["restarted", "ended"])
def test_a_container_that_crashed_meanwhile_is_no_proof(planned: FakeApi, seen: JsonObject) -> None:
    planned.expect_get(POD, NAMESPACE, "cart-1", seen)
    message, result = failed_run(planned, via="image_alias")
    assert "nothing was sent: the container has ended or restarted since the pod was listed, run again" in message
    assert (only(result)["via"], result["changed"]) == (None, False)


def test_a_connection_that_breaks_is_followed(planned: FakeApi) -> None:
    expect_rename(planned, DIGEST, answer=CUT)
    expect_patched_watch(planned, modified(at(0, image=DIGEST)), modified(at(1, image=DIGEST)))
    assert only(run(planned, via="image_alias"))["outcome"] == "restarted"


def test_a_request_that_never_arrived(planned: FakeApi) -> None:
    expect_rename(planned, DIGEST, answer=CUT)
    expect_patched_watch(planned)
    message, result = failed_run(planned, via="image_alias")
    assert "nothing was sent: the connection broke, and its image has the name from before; it did not end" in message
    found = only(result)
    assert (found["outcome"], found["via"], found["basis"], result["changed"]) == ("unchanged", None, "forecast", False)


def test_a_crash_while_a_request_never_arrived_is_no_proof(planned: FakeApi) -> None:
    expect_rename(planned, DIGEST, answer=CUT)
    expect_patched_watch(planned, modified(at(1)))
    message, result = failed_run(planned, via="image_alias")
    assert "nothing was sent: the connection broke, and its image has the name from before" in message
    assert (only(result)["outcome"], result["changed"]) == ("failed", False)


NO_IMAGE = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}


def lost() -> JsonObject:
    """The pod, whose container cannot start by the other name."""
    return at(0, image=DIGEST, ready=False, state=NO_IMAGE)


@pytest.fixture
def without_image(planned: FakeApi) -> FakeApi:
    """The API, up to where the container cannot start by the other name."""
    expect_rename(planned, DIGEST)
    expect_patched_watch(planned, 2.0, modified(lost()))
    return planned


def test_a_name_that_the_node_has_lost_is_taken_back(without_image: FakeApi) -> None:
    expect_rename(without_image, TAG, now=lost(), answer=at(0, ready=False, state=NO_IMAGE))
    expect_patched_watch(without_image, 1.0, modified(at(1)))
    found = only(run(without_image, via="image_alias"))
    assert found["outcome"] == "restarted"
    assert found["reason"] == (
        "a new instance of the container is Ready; its image has its former name again: as "
        f"{DIGEST} it cannot start (waiting ErrImagePull not found)"
    )


def test_taking_it_back_is_tried_again(without_image: FakeApi) -> None:
    expect_rename(without_image, TAG, now=CUT)
    expect_rename(without_image, TAG, now=lost(), answer=ApiError("away.", 503))
    expect_rename(without_image, TAG, now=lost(), answer=CUT)
    without_image.expect_get(POD, NAMESPACE, "cart-1", at(0, ready=False, state=NO_IMAGE))
    expect_patched_watch(without_image, modified(at(1)))
    assert only(run(without_image, via="image_alias"))["outcome"] == "restarted"


def test_taking_it_back_is_refused(without_image: FakeApi) -> None:
    expect_rename(without_image, TAG, now=lost(), answer=ApiError("Cannot patch Pod.", 403))
    message, result = failed_run(without_image, via="image_alias")
    assert f"its former name {TAG} could not be put back: Cannot patch Pod; the same task again" in message
    assert result["changed"]


@pytest.mark.parametrize("via", ["image_alias", "auto"])
def test_what_was_left_without_an_image_gets_its_name_back(fake_api: FakeApi, via: str) -> None:
    fake_api.expect_list(POD, NAMESPACE, [lost()], field_selector=ONE)
    expect_rename(fake_api, TAG, dry_run=True)
    expect_rename(fake_api, TAG, now=lost(), answer=at(0, ready=False, state=NO_IMAGE))
    expect_patched_watch(fake_api, 1.0, modified(at(1)))
    result = run(fake_api, via=via)
    assert f"it cannot start by the name {DIGEST} of its image, and gets back its first one, {TAG}" in str(
        result["plan"]
    )
    assert (only(result)["outcome"], result["changed"]) == ("restarted", True)


# auto


def test_auto_signals_where_that_works(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", looking())
    (entry,) = run(fake_api, via="auto", check_mode=True)["plan"]
    assert (entry["via"], entry["action"], entry["reason"]) == ("exec", "signal", "PID 1 has a handler for SIGTERM")


WITHOUT_HOOK = (
    "it has a preStop hook, which would not run (prestop: skip accepts that, container_restart can run it first)"
)
HOOK = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}


@pytest.mark.parametrize(
    ("entry", "session", "why"),
    [
        ({}, NO_SHELL, "the image has no /bin/sh, and without a shell nothing can be read or sent"),
        ({}, looking(access=1), "the session's user (uid 7) is not permitted to signal PID 1 (uid 0)"),
        (HOOK, looking(), WITHOUT_HOOK),
        ({}, ApiError("Cannot exec into it: forbidden.", 403), "Cannot exec into it: forbidden"),
    ],
    ids=["no shell", "not permitted", "hook", "no right to exec"],
)
def test_auto_goes_around(fake_api: FakeApi, entry: JsonObject, session: FakeExec | Exception, why: str) -> None:
    expect_pod(fake_api, **entry)
    expect_exec(fake_api, "cart-1", session)
    fake_api.expect_get(NODE, "", "worker", NODE_OBJECT)
    expect_rename(fake_api, DIGEST, dry_run=True)
    (planned,) = run(fake_api, via="auto", check_mode=True)["plan"]
    assert (planned["via"], planned["action"]) == ("image_alias", "patch")
    assert (
        planned["reason"]
        == f"{why}; instead the kubelet stops and starts it for another name of the same image, {DIGEST}"
    )


def test_auto_says_why_it_finds_no_way(fake_api: FakeApi) -> None:
    expect_pod(fake_api, imagePullPolicy="Always")
    expect_exec(fake_api, "cart-1", NO_SHELL)
    message, result = failed_run(fake_api, via="auto")
    assert "the image has no /bin/sh" in message
    assert "; nor by image_alias: its imagePullPolicy is Always" in message
    assert result["plan"][0]["via"] is None


def test_signal_does_not_go_around(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", NO_SHELL)
    message, result = failed_run(fake_api, via="signal")
    assert message.endswith("the image has no /bin/sh, and without a shell nothing can be read or sent.")
    assert result["plan"][0]["via"] is None


def test_signal_takes_a_sibling_where_there_is_no_shell(fake_api: FakeApi) -> None:
    inside = [container("app"), container("web")]
    shared = pod("cart-1", containers=inside, spec={"shareProcessNamespace": True})
    fake_api.expect_list(POD, NAMESPACE, [shared], field_selector=ONE)
    expect_exec(fake_api, "cart-1", NO_SHELL)
    ours = (7, 0, 4711, "app", "/../app-0")
    expect_exec(fake_api, "cart-1", finding(listed(ours), pid=7), "web")
    (entry,) = run(fake_api, via="signal", containers=["app"], check_mode=True)["plan"]
    assert (entry["via"], entry["action"]) == ("sibling", "signal")


def test_auto_does_not_have_it_killed(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    expect_exec(fake_api, "cart-1", looking(caught=""))
    message, _result = failed_run(fake_api, via="auto")
    assert "PID 1 has no handler for SIGTERM" in message
    assert "; via: image_alias would have the kubelet stop it, and kill it after its grace period" in message


def test_auto_leaves_alone_what_must_not_be_restarted(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1", spec={"hostPID": True})], field_selector=ONE)
    message, _result = failed_run(fake_api, via="auto")
    assert message.endswith("no process of such a pod is ever signalled.")
