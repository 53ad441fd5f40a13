# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Begun, and not brought to an end: the backup stays."""

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    EVENT,
    POD,
    JsonObject,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.replace_script import (
    NAME,
    ONLY,
    REFUSED_BY_QUOTA,
    bare,
    expect_checks,
    expect_delete,
    expect_gone,
    expect_look,
    expect_removed,
    failed_run,
    going,
    manifest,
    run,
    stored,
    uids,
    unready,
)

NONE = NotFound("no", 404)
FORBIDDEN = ApiError("forbidden.", 403, "Forbidden")
FULL = ApiError(f"Cannot create: {REFUSED_BY_QUOTA}.", 403, "Forbidden")


def expect_deleted(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api)


def test_no_answer_to_the_delete(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api, Unreachable("No answer."))
    message, result = failed_run(fake_api)
    assert message.endswith(
        f"No answer. Its manifest is in ConfigMap shop/{NAME}: the next run makes it again from there."
    )
    assert uids(result) == ("old", None, "failed")


def test_a_proxy_that_failed_may_have_passed_the_delete_on(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api, ApiError("Bad gateway.", 502))
    message, _result = failed_run(fake_api)
    assert message.endswith(f"Its manifest is in ConfigMap shop/{NAME}: the next run makes it again from there.")


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"finalizers": ["shop.example/wait"]}, "it has the finalizers shop.example/wait; whoever put them there"),
        ({}, "its node worker has not confirmed its end"),
    ],
)
def test_it_does_not_go(fake_api: FakeApi, meta: JsonObject, words: str) -> None:
    expect_deleted(fake_api)
    events = [WatchEvent("MODIFIED", going(**meta))]
    fake_api.expect_watch(POD, NAMESPACE, events, resource_version="100", field_selector=ONLY)
    message, result = failed_run(fake_api)
    assert f"is not gone after 60 s (wait_timeout): {words}" in message
    assert f"is in ConfigMap shop/{NAME}: the next run makes it again" in message
    assert result["changed"]


@pytest.mark.parametrize("reason", ["AlreadyExists", "Invalid"])
def test_the_new_one_is_refused_after_all(fake_api: FakeApi, reason: str) -> None:
    expect_deleted(fake_api)
    expect_gone(fake_api)
    status = 409 if reason == "AlreadyExists" else 422
    fake_api.expect_create(POD, NAMESPACE, manifest(), ApiError(f"{reason}.", status, reason))
    message, result = failed_run(fake_api)
    assert f"the new one was refused: {reason}" in message
    assert uids(result) == ("old", None, "failed")


def test_a_quota_that_is_never_released(fake_api: FakeApi) -> None:
    expect_deleted(fake_api)
    expect_gone(fake_api)
    for _attempt in range(4):
        fake_api.expect_create(POD, NAMESPACE, manifest(), FULL)
    message, _result = failed_run(fake_api, wait_timeout=5)
    assert "exceeded quota: team" in message


@pytest.mark.parametrize("answer", [ApiError("Timeout.", 504, "Timeout"), Unreachable("Cut off.")])
def test_an_unclear_answer_that_was_a_success(fake_api: FakeApi, answer: Exception) -> None:
    expect_deleted(fake_api)
    expect_gone(fake_api)
    fake_api.expect_create(POD, NAMESPACE, manifest(), answer)
    fake_api.expect_create(POD, NAMESPACE, manifest(), ApiError("There.", 409, "AlreadyExists"))
    fake_api.expect_get(POD, NAMESPACE, "toolbox", bare("new"))
    expect_removed(fake_api)
    assert uids(run(fake_api)) == ("old", "new", "restarted")


def test_the_new_one_is_not_ready(fake_api: FakeApi) -> None:
    expect_deleted(fake_api)
    expect_gone(fake_api)
    fake_api.expect_create(POD, NAMESPACE, manifest(), unready())
    fake_api.expect_watch(POD, NAMESPACE, [], resource_version="10", field_selector=ONLY)
    fake_api.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=new,type=Warning")
    fake_api.expect_log(NAMESPACE, "toolbox", "app", "waiting for a database")
    message, result = failed_run(fake_api)
    where = f"Its manifest is in ConfigMap shop/{NAME}: the next run waits for it."
    assert message.splitlines() == [
        f"Pod shop/toolbox was to be made again, and the new one is not Ready after 60 s (wait_timeout). {where}",
        "Pod shop/toolbox: container app is running and not Ready, its readiness probe does not pass.",
        "Last log lines of container app:",
        "waiting for a database",
    ]
    assert uids(result) == ("old", "new", "failed")


def test_the_new_one_is_deleted_meanwhile(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare("new", ready=False), stored())
    gone = [WatchEvent("DELETED", bare("new"))]
    fake_api.expect_watch(POD, NAMESPACE, gone, resource_version="10", field_selector=ONLY)
    message, _result = failed_run(fake_api)
    assert "the new one was deleted meanwhile" in message


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_ends(fake_api: FakeApi, phase: str) -> None:
    ended = bare("new", ready=False, phase=phase)
    expect_look(fake_api, ended, stored())
    if phase == "Succeeded":
        expect_removed(fake_api)
        assert uids(run(fake_api)) == ("old", "new", "restarted")
        return
    fake_api.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=new,type=Warning")
    fake_api.expect_log(NAMESPACE, "toolbox", "app", "")
    message, _result = failed_run(fake_api)
    assert "the new one has failed" in message
