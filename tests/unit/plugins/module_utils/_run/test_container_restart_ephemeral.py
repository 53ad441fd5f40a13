# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals from ephemeral containers, and what is left of those."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    TOKEN,
    acting,
    expect_exec,
    expect_watch,
    failed_run,
    looking,
    modified,
    only,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

ONE = "metadata.name=cart-1"
NO_IMAGE = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}


def at(restarts: int, *ephemeral: JsonObject) -> JsonObject:
    """The pod cart-1, so many restarts on, with these statuses of ephemeral containers."""
    return pod("cart-1", containers=[container("app", restarts)], ephemeralContainerStatuses=[*ephemeral])


NAME = f"saferestart-{TOKEN}"
WARNING = (
    f"The ephemeral container {NAME} stays in Pod shop/cart-1 for as long as the pod exists: none is ever removed."
)
BESIDE = {"name": NAME, "state": {"running": {"startedAt": "2026-01-02T03:04:05Z"}}}
GONE = {"name": NAME, "state": {"terminated": {"exitCode": 137}}}


def expect_addition(api: FakeApi, answer: JsonObject | Exception | None = None, *, dry_run: bool = False) -> None:
    """The request that adds the ephemeral container."""
    entry = {
        "name": NAME,
        "image": "tools:1",
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", "read -r line"],
        "stdin": True,
        "stdinOnce": True,
        "targetContainerName": "app",
    }
    body = {"metadata": {"uid": "uid-cart-1"}, "spec": {"ephemeralContainers": [entry]}}
    api.expect_patch(POD, NAMESPACE, "cart-1", body, answer or {}, dry_run=dry_run, subresource="ephemeralcontainers")


@pytest.fixture
def beside(fake_api: FakeApi) -> FakeApi:
    """The API, up to where the ephemeral container runs."""
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_addition(fake_api)
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_watch(fake_api, "cart-1", 1.0, modified(at(0, BESIDE)))
    return fake_api


def run_beside(api: FakeApi, **params: Any) -> dict[str, Any]:
    """A run from an ephemeral container."""
    return run(api, via="ephemeral", ephemeral_image="tools:1", **params)


def expect_end(api: FakeApi, session: FakeExec | Exception | None) -> None:
    """The end of the ephemeral container: it has ended for None, otherwise it is told to."""
    api.expect_get(POD, NAMESPACE, "cart-1", at(0, BESIDE if session else GONE))
    if session:
        api.expect_attach(NAMESPACE, "cart-1", NAME, session)


def test_from_beside(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", looking(), NAME)
    expect_exec(beside, "cart-1", acting("sending 15"), NAME)
    expect_watch(beside, "cart-1", modified(at(1)))
    expect_end(beside, None)
    result = run_beside(beside)
    found = only(result)
    assert (found["outcome"], found["via"], found["verdict"]) == ("restarted", "ephemeral", "handled")
    assert result["warnings"] == [WARNING]


def test_the_target_is_told_by_its_cgroup(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", looking(cgroup="/../app-0"), NAME)
    expect_exec(beside, "cart-1", acting("sending 15", cgroup="/../app-0"), NAME)
    expect_watch(beside, "cart-1", modified(at(1)))
    expect_end(beside, None)
    assert only(run_beside(beside))["outcome"] == "restarted"


def test_its_own_shell_is_not_taken_for_the_target(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", looking(cgroup="/"), NAME)
    expect_end(beside, FakeExec().expect_line("").expect_finish())
    message, _result = failed_run(beside, via="ephemeral", ephemeral_image="tools:1")
    assert "PID 1 is not the container's, by its cgroup: the session is not in the container's PID names" in message


def test_a_refusal_ends_it_and_is_a_change(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", looking(caught=""), NAME)
    expect_end(beside, FakeExec().expect_line("").expect_finish())
    message, result = "", run_beside(beside, on_refused="skip")
    assert (message, result["changed"], only(result)["outcome"]) == ("", True, "skipped")


def test_one_that_cannot_be_ended_is_told_of(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", looking(caught=""), NAME)
    expect_end(beside, ApiError("Cannot attach.", 403))
    assert run_beside(beside, on_refused="skip")["warnings"][1].endswith("may still run: Cannot attach.")


@pytest.mark.parametrize(
    ("refused", "words"),
    [(ApiError("Cannot patch.", 403), "no ephemeral container can be added: Cannot patch"), (None, "does not start")],
)
def test_one_that_cannot_be_had(fake_api: FakeApi, refused: Exception | None, words: str) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_addition(fake_api, refused)
    if not refused:
        lost = at(0, {"name": NAME, "state": NO_IMAGE})
        fake_api.expect_list(POD, NAMESPACE, [lost], field_selector=ONE)
        fake_api.expect_get(POD, NAMESPACE, "cart-1", lost)
    with pytest.raises(Exception, match=words):
        run_beside(fake_api)


def test_none_is_added_where_nothing_would_be_sent(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [pod("cart-1", spec={"hostPID": True})], field_selector=ONE)
    message, result = failed_run(fake_api, via="ephemeral", ephemeral_image="tools:1")
    assert "hostPID" in message
    assert not result["changed"]


def test_check_mode_adds_none(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_addition(fake_api, dry_run=True)
    result = run_beside(fake_api, check_mode=True)
    assert result["changed"]
    assert result["plan"][0]["reason"] == "PID 1 is looked at once its ephemeral container runs"


WARNING = (
    f"The ephemeral container {NAME} stays in Pod shop/cart-1 for as long as the pod exists: none is ever removed."
)


def failed_beside(api: FakeApi) -> tuple[str, dict[str, Any]]:
    """Message and result of a run from an ephemeral container that fails."""
    return failed_run(api, via="ephemeral", ephemeral_image="tools:1")


def test_what_was_added_is_told_of_when_the_look_fails(beside: FakeApi) -> None:
    expect_exec(beside, "cart-1", ApiError("Cannot exec.", 403), NAME)
    expect_end(beside, FakeExec().expect_line("").expect_finish())
    message, result = failed_beside(beside)
    assert (message, result["changed"], result["warnings"]) == ("Cannot exec.", True, [WARNING])
    assert (only(result)["outcome"], only(result)["reason"]) == ("skipped", "Cannot exec")


def test_what_may_have_been_added_is_told_of(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_addition(fake_api, Unreachable("cut."))
    expect_end(fake_api, FakeExec().expect_line("").expect_finish())
    message, result = failed_beside(fake_api)
    assert (message, result["changed"], result["warnings"]) == ("cut.", True, [WARNING])


def test_nothing_is_told_of_where_check_mode_is_cut_off(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector=ONE)
    expect_addition(fake_api, Unreachable("cut."), dry_run=True)
    with pytest.raises(Unreachable, match="cut"):
        run_beside(fake_api, check_mode=True)
