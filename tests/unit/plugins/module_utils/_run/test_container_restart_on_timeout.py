# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container does not end in time, and is killed, or its workload is rolled."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, RestartFailed, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS
from ansible_collections.saferestart.k8s.tests.unit import rollout_script
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod, workload
from ansible_collections.saferestart.k8s.tests.unit.rollout_script import DONE
from ansible_collections.saferestart.k8s.tests.unit.shared_script import processes, shared_pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    expect_exec,
    failed_run,
    finding,
    looking,
    modified,
    only,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

KILL = {"on_timeout": "kill", "containers": ["app"]}
KILLED = {"terminated": {"exitCode": 137, "reason": "Error", "finishedAt": "2026-01-02T03:04:35Z"}}


# SIGKILL


def expect_stuck(api: FakeApi) -> None:
    """A container in a shared PID namespace, whose process has not ended within 30 s."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, [shared_pod()], field_selector="metadata.name=cart-1")
    expect_exec(api, "cart-1", finding(processes(), pid=7))
    expect_exec(api, "cart-1", acting("sending 15", "sent 0", pid=7))
    expect_watch(api)
    expect_asked(api)
    expect_exec(api, "cart-1", looking(pid=7))


def expect_watch(api: FakeApi, *events: Any) -> None:
    """The watch of the pod."""
    api.expect_watch(POD, NAMESPACE, events, resource_version="100", field_selector="metadata.name=cart-1")


def expect_asked(api: FakeApi) -> None:
    """The last look, when the time is up: nothing has changed."""
    api.expect_get(POD, NAMESPACE, "cart-1", shared_pod())


def test_it_is_killed(fake_api: FakeApi) -> None:
    expect_stuck(fake_api)
    expect_exec(fake_api, "cart-1", acting("sending 9", signal=9, force=True, pid=7))
    new = shared_pod(container("app", 1, lastState=KILLED), container("web"))
    api_list = [new]
    fake_api.expect_list(POD, NAMESPACE, api_list, field_selector="metadata.name=cart-1")
    result = run(fake_api, **KILL)
    inside = only(result)
    assert (inside["outcome"], inside["verdict"], inside["exit_code"]) == ("restarted", "handled", 137)
    assert inside["reason"] == (
        "it did not end within 30 s, and was killed then (SIGKILL): a new instance of the container is Ready"
    )
    assert result["changed"]


def test_it_does_not_even_end_then(fake_api: FakeApi) -> None:
    expect_stuck(fake_api)
    expect_exec(fake_api, "cart-1", acting("sending 9", "sent 0", signal=9, force=True, pid=7))
    fake_api.expect_list(POD, NAMESPACE, [shared_pod()], field_selector="metadata.name=cart-1")
    expect_watch(fake_api)
    expect_asked(fake_api)
    message, result = failed_run(fake_api, **KILL)
    assert "neither the signal nor SIGKILL ended it, it did not end within 30 s" in message
    assert only(result)["outcome"] == "unchanged"


def test_it_cannot_be_killed_any_more(fake_api: FakeApi) -> None:
    expect_stuck(fake_api)
    expect_exec(fake_api, "cart-1", ApiError("No such pod.", 404))
    message, _result = failed_run(fake_api, **KILL)
    assert "a longer grace_seconds may help; SIGKILL was not sent: No such pod" in message


def test_pid_1_is_refused(one: FakeApi) -> None:
    expect_exec(one, "cart-1", looking())
    message, result = failed_run(one, on_timeout="kill")
    assert "on_timeout is kill, and the kernel drops SIGKILL for PID 1" in message
    assert "with via: image_alias the kubelet kills it" in message
    assert not result["changed"]


# A rollout


OWNER = workload("Deployment", spec={"replicas": 1})
RESOURCE = WORKLOADS["Deployment"].resource
OLD = pod("cart-a", OWNER)
NEW = pod("cart-b", OWNER, hash_label="bbb")


def expect_look(api: FakeApi, owner: JsonObject = OWNER) -> None:
    """The workload, its pod, and the look at it."""
    api.expect_get(RESOURCE, NAMESPACE, "cart", owner)
    api.expect_list(POD, NAMESPACE, [OLD], label_selector="app=cart")
    expect_exec(api, "cart-a", looking())


def expect_in_vain(api: FakeApi, now: JsonObject = OLD) -> None:
    """The signal, and a pod that is still there after 30 s."""
    expect_exec(api, "cart-a", acting("sending 15", "sent 0"))
    api.expect_watch(POD, NAMESPACE, [], resource_version="100", label_selector="app=cart")
    api.expect_get(POD, NAMESPACE, "cart-a", now)


def roll(api: FakeApi, **params: Any) -> dict[str, Any]:
    return run(api, kind="Deployment", name="cart", on_timeout="rollout", **params)


def expect_rollout(api: FakeApi, *after: JsonObject, **status: Any) -> None:
    """From first to last, 30 s later."""
    rollout_script.expect_start(api, OWNER, [OLD], "2026-01-02T03:04:35Z")
    changed = rollout_script.modified(OWNER, **status)
    changed.object["spec"]["template"]["metadata"]["annotations"] = {rollout_script.ANNOTATION: "2026-01-02T03:04:35Z"}
    rollout_script.expect_events(api, OWNER, changed)
    rollout_script.expect_pods(api, list(after))


def test_its_workload_is_rolled(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    expect_in_vain(fake_api)
    expect_exec(fake_api, "cart-a", looking())
    expect_rollout(fake_api, NEW, **DONE["Deployment"] | {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1})
    result = roll(fake_api)
    assert (result["strategy"], result["changed"]) == ("rollout_restart", True)
    assert [entry["action"] for entry in result["plan"]] == ["signal", "rollout"]
    (signalled,) = result["signalled"][0]["containers"]
    assert (signalled["outcome"], signalled["via"]) == ("unchanged", "exec")
    assert [entry["uid_after"] for entry in result["pods"]] == [None, "uid-cart-b"]
    assert result["summary"]["seconds"] == 30
    assert result["summary"]["restarted"] == 1


def test_the_rollout_fails(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    expect_in_vain(fake_api)
    expect_exec(fake_api, "cart-a", looking())
    fake_api.expect_get(RESOURCE, NAMESPACE, "cart", OWNER | {"spec": OWNER["spec"] | {"paused": True}})
    with pytest.raises(RestartFailed, match=r"\(on_timeout\) was not begun: .* is paused") as caught:
        roll(fake_api)
    assert caught.value.result["strategy"] == "in_place"


def test_the_plan_tells_of_it(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    result = roll(fake_api, check_mode=True)
    assert [entry["action"] for entry in result["plan"]] == ["signal", "rollout_on_timeout"]
    assert result["plan"][1]["reason"] == (
        "if a container has not ended in time (on_timeout): its controller replaces all pods, update strategy "
        "RollingUpdate"
    )


def test_what_ends_in_time_is_not_rolled(fake_api: FakeApi) -> None:
    expect_look(fake_api)
    expect_exec(fake_api, "cart-a", acting("sending 15"))
    new = pod("cart-a", OWNER, containers=[container("app", 1)])
    fake_api.expect_watch(POD, NAMESPACE, [modified(new)], resource_version="100", label_selector="app=cart")
    result = roll(fake_api)
    assert (result["strategy"], only(result)["outcome"]) == ("in_place", "restarted")
    assert "signalled" not in result


def test_what_is_refused_is_not_rolled(fake_api: FakeApi) -> None:
    fake_api.expect_get(RESOURCE, NAMESPACE, "cart", OWNER)
    fake_api.expect_list(POD, NAMESPACE, [OLD], label_selector="app=cart")
    expect_exec(fake_api, "cart-a", looking(caught=""))
    _message, result = failed_run(fake_api, kind="Deployment", name="cart", on_timeout="rollout")
    assert [entry["action"] for entry in result["plan"]] == ["skip"]


def test_what_could_not_be_rolled_is_not_signalled(fake_api: FakeApi) -> None:
    expect_look(fake_api, OWNER | {"spec": OWNER["spec"] | {"paused": True}})
    with pytest.raises(TargetError, match="is paused"):
        roll(fake_api)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"on_timeout": "rollout"}, "on_timeout: rollout needs kind and name"),
        ({"on_timeout": "kill", "via": "image_alias"}, "the kubelet itself kills what has not ended"),
    ],
)
def test_options_that_make_no_sense(fake_api: FakeApi, params: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, **params)
