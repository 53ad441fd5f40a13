# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""via: restart_all_containers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.come_back import Gate
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, EVENT, POD, JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    acting,
    expect_exec,
    expect_watch,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    outcomes,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")

WAY = {"via": "restart_all_containers"}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
KILLED = {"waiting": {"reason": "PodInitializing"}}
RULE = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [0, 143]}}


def whole(
    *, spec: JsonObject | None = None, once: JsonObject | None = None, told: JsonObject | None = None, **containers: Any
) -> JsonObject:
    """A pod with an init container, a program, and a watcher with a rule; with these statuses, and `told` of it."""
    statuses = [containers.get(name) or container(name) for name in ("app", "watcher")]
    entries = [
        {"name": "app"} | (spec or {}),
        {"name": "watcher", "restartPolicy": "Always", "restartPolicyRules": [RULE]},
    ]
    return pod(
        "cart-1",
        containers=statuses,
        spec={"containers": entries, "initContainers": [{"name": "setup"}]},
        initContainerStatuses=[once or container("setup", state=DONE)],
        conditions=[{"type": "Ready", "status": str(told is None)}, *([told] if told else [])],
        meta={"creationTimestamp": "2026-01-02T03:00:00Z"},
    )


def anew(**more: Any) -> JsonObject:
    """The pod, all of it once more."""
    state = {"once": container("setup", 1, state=DONE), "app": container("app", 1), "watcher": container("watcher", 1)}
    return whole(**state | more)


def expect_pod(api: FakeApi, obj: JsonObject) -> None:
    """The pod as it is listed."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, [obj], field_selector="metadata.name=cart-1")


def expect_signal(api: FakeApi) -> None:
    """The watcher is looked at and signalled, and nothing else."""
    expect_pod(api, whole())
    expect_exec(api, "cart-1", looking(), "watcher")
    expect_exec(api, "cart-1", acting("sending 15"), "watcher")


def test_the_proof_is_about_all_of_them(fake_api: FakeApi) -> None:
    expect_signal(fake_api)
    ended = whole(watcher=container("watcher", ready=False, state=ENDED))
    removed = anew(app=container("app", 1, ready=False, state=KILLED), watcher=container("watcher", 1, state=KILLED))
    expect_watch(fake_api, "cart-1", 1.0, modified(ended), 3.0, modified(removed, "12"), 1.0, modified(anew(), "13"))
    result = run(fake_api, **WAY)
    assert [(row["container"], row["action"]) for row in result["plan"]] == [
        ("watcher", "signal"),
        ("setup", "along"),
        ("app", "along"),
    ]
    assert [row[1:3] for row in outcomes(result)] == [
        ("watcher", "restarted"),
        ("setup", "restarted"),
        ("app", "restarted"),
    ]
    assert {row["via"] for row in result["pods"][0]["containers"]} == {"restart_all_containers"}
    assert [row["restart_count_after"] for row in result["pods"][0]["containers"]] == [1, 1, 1]
    assert result["summary"]["restarted"] == 3


def test_another_exit_code_restarts_it_alone(fake_api: FakeApi) -> None:
    expect_signal(fake_api)
    ended = {"terminated": {"exitCode": 7, "reason": "Error"}}
    expect_watch(fake_api, "cart-1", modified(whole(watcher=container("watcher", 1, lastState=ended))))
    message, result = failed_run(fake_api, **WAY)
    assert "it alone was restarted, and not all containers of the pod: it ended with exit code 7" in message
    assert [row[2] for row in outcomes(result)] == ["failed", "unchanged", "unchanged"]
    assert result["changed"]


def test_an_init_container_that_did_not_run_again_is_a_failure(fake_api: FakeApi) -> None:
    expect_signal(fake_api)
    expect_watch(fake_api, "cart-1", modified(anew(once=container("setup", state=DONE))))
    message, result = failed_run(fake_api, **WAY)
    assert "container setup of the pod: it was not restarted with the others" in message
    assert [row[2] for row in outcomes(result)] == ["failed", "unchanged", "restarted"]


def test_one_that_goes_along_and_ends_again_is_lost(fake_api: FakeApi) -> None:
    expect_signal(fake_api)
    crashed = anew(app=container("app", 2))
    expect_watch(fake_api, "cart-1", modified(anew()), modified(crashed, "12"))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", crashed)
    canary = {"soak_seconds": 1, "until": None, "url": None, "timeout": 5}
    message, _result = failed_run(fake_api, **WAY, canary=canary)
    assert "container app of Pod shop/cart-1: its new instance ended" in message


def test_what_it_did_not_end_on(fake_api: FakeApi) -> None:
    expect_signal(fake_api)
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", whole())
    expect_exec(fake_api, "cart-1", looking(), "watcher")
    _message, result = failed_run(fake_api, **WAY)
    assert [row[2] for row in outcomes(result)] == ["unchanged"] * 3


def test_nothing_is_touched_in_check_mode(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole())
    expect_exec(fake_api, "cart-1", looking(), "watcher")
    result = run(fake_api, **WAY, check_mode=True)
    assert result["changed"]
    assert [row[2] for row in outcomes(result)] == ["skipped"] * 3


def test_a_container_that_may_not_go_along_holds_up_all(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole(spec={"lifecycle": {"preStop": {"exec": {"command": ["/drain"]}}}}))
    expect_exec(fake_api, "cart-1", looking(), "watcher")
    message, result = failed_run(fake_api, **WAY)
    assert "container app would go along, and cannot: it has a preStop hook" in message
    assert {row["action"] for row in result["plan"]} == {"skip"}


def test_what_one_that_goes_along_needs_to_start_has_to_be_there(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole(spec={"envFrom": [{"configMapRef": {"name": "settings"}}]}))
    expect_exec(fake_api, "cart-1", looking(), "watcher")
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, "settings", NotFound("No such ConfigMap.", 404))
    gates = dict.fromkeys(Gate, "ignore") | {Gate.ENV: "refuse"}
    message, _result = failed_run(fake_api, **WAY, gates=gates)
    assert "there is no ConfigMap settings" in message


def test_a_pod_without_a_rule(fake_api: FakeApi) -> None:
    expect_pod(fake_api, pod("cart-1"))
    message, _result = failed_run(fake_api, **WAY)
    assert "no container of the pod has a rule RestartAllContainers" in message


def test_the_one_with_the_rule_has_to_be_among_those_that_are_named(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole())
    message, _result = failed_run(fake_api, **WAY, containers=["app"])
    assert "of the containers that are named none has a rule RestartAllContainers; in this pod watcher has" in message


def test_one_that_does_not_act_on_the_signal(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole())
    expect_exec(fake_api, "cart-1", looking(caught=""), "watcher")
    message, _result = failed_run(fake_api, **WAY)
    assert "container app of Pod shop/cart-1: container watcher, whose end would restart all, is refused" in message
    assert "PID 1 has no handler for SIGTERM" in message


def test_a_pod_is_due_where_one_of_its_containers_is(fake_api: FakeApi) -> None:
    young = {"running": {"startedAt": "2026-01-02T03:04:00Z"}}
    expect_pod(fake_api, whole(watcher=container("watcher", state=young)))
    expect_exec(fake_api, "cart-1", looking(start=4711, age=5), "watcher")
    result = run(fake_api, **WAY, older_than="60s", check_mode=True)
    assert [row["action"] for row in result["plan"]] == ["signal", "along", "along"]


def test_a_pod_is_left_where_none_is(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole())
    result = run(fake_api, **WAY, older_than="1h")
    assert (result["changed"], {row["action"] for row in result["plan"]}) == (False, {"leave"})


# One that is being restarted as a whole already.

#: When the first run began, 65 s ago, and since when the kubelet is at it.
FIRST, SINCE = "2026-01-02T03:03:00Z", "2026-01-02T03:04:00Z"
YOUNG = {"running": {"startedAt": "2026-01-02T03:04:03Z"}}


def told(status: str, since: str = SINCE) -> JsonObject:
    """What the kubelet says of it."""
    return {"type": "AllContainersRestarting", "status": status, "lastTransitionTime": since}


DOWN = [
    pytest.param(
        whole(told=told("True"), watcher=container("watcher", ready=False, state=ENDED)),
        "it is restarting all containers",
        id="the one with the rule has ended",
    ),
    pytest.param(
        whole(
            told=told("False"),
            once=container("setup", 1, ready=False, state=YOUNG),
            app=container("app", 1, ready=False, state=KILLED, containerID=""),
            watcher=container("watcher", 1, ready=False, state=KILLED, containerID=""),
        ),
        "it has ended all containers",
        id="it begins with the first one",
    ),
    pytest.param(
        whole(
            told=told("False"),
            once=container("setup", 1, state=DONE),
            app=container("app", 1, ready=False, state=KILLED, containerID=""),
            watcher=container("watcher", 1, state=YOUNG),
        ),
        "it has ended all containers",
        id="one runs anew",
    ),
]


@pytest.mark.parametrize(("down", "words"), DOWN)
def test_what_an_earlier_run_has_begun_is_waited_for(fake_api: FakeApi, down: JsonObject, words: str) -> None:
    expect_pod(fake_api, down)
    starting = anew(told=told("False"), app=container("app", 1, ready=False, state=YOUNG))
    expect_watch(fake_api, "cart-1", 4.0, modified(starting), 2.0, modified(anew(), "12"))
    result = run(fake_api, **WAY, older_than=FIRST)
    assert [(row["container"], row["action"], row["via"]) for row in result["plan"]] == [
        ("watcher", "leave", None),
        ("setup", "leave", None),
        ("app", "leave", None),
    ]
    assert [row[1:3] for row in outcomes(result)] == [
        ("watcher", "restarted"),
        ("setup", "restarted"),
        ("app", "restarted"),
    ]
    assert all(words.removeprefix("it ") in row[3] and "(older_than): " in row[3] for row in outcomes(result))
    assert {row["via"] for row in result["pods"][0]["containers"]} == {None}
    assert (result["changed"], result["summary"]["seconds"]) == (False, 6)


def test_what_does_not_come_back_is_a_failure(fake_api: FakeApi) -> None:
    expect_pod(fake_api, DOWN[1].values[0])
    crashing = {"waiting": {"reason": "CrashLoopBackOff"}}
    now = anew(told=told("False"), app=container("app", 1, ready=False, state=crashing))
    expect_watch(fake_api, "cart-1", modified(now))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", now)
    fake_api.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=uid-cart-1,type=Warning")
    message, result = failed_run(fake_api, **WAY, older_than=FIRST, wait_timeout=10)
    assert "again (older_than): of container app: it was restarted, but has ended again within 10 s" in message
    assert [row[1:3] for row in outcomes(result)] == [
        ("watcher", "failed"),
        ("setup", "restarted"),
        ("app", "failed"),
    ]
    assert not result["changed"]


def test_what_never_started_is_not_said_to_have_ended_again(fake_api: FakeApi) -> None:
    """The kubelet counts a restart when it removes the old container; the new one has no ID before it is made."""
    expect_pod(fake_api, DOWN[1].values[0])
    expect_watch(fake_api, "cart-1")
    fake_api.expect_get(POD, NAMESPACE, "cart-1", DOWN[1].values[0])
    fake_api.expect_list(EVENT, NAMESPACE, [], field_selector="involvedObject.uid=uid-cart-1,type=Warning")
    fake_api.expect_log(NAMESPACE, "cart-1", "setup", "")
    message, result = failed_run(fake_api, **WAY, older_than=FIRST, wait_timeout=10)
    assert "again (older_than): it ended and was not started again within 10 s (waiting PodInitializing)" in message
    assert [row[2] for row in outcomes(result)] == ["failed"] * 3


def test_a_pod_is_waited_for_beside_others_that_are_restarted(fake_api: FakeApi) -> None:
    other = whole()
    other["metadata"] |= {"name": "cart-2", "uid": "uid-cart-2"}
    ready = anew()
    ready["metadata"] |= {"name": "cart-2", "uid": "uid-cart-2"}
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [DOWN[0].values[0], other], label_selector="app=cart")
    expect_exec(fake_api, "cart-2", looking(), "watcher")
    expect_exec(fake_api, "cart-2", acting("sending 15"), "watcher")
    expect_watch_all(fake_api, 1.0, modified(anew()))
    expect_watch_all(fake_api, 1.0, modified(ready, "12"), version="11")
    result = run(fake_api, **WAY, older_than=FIRST, label_selectors=["app=cart"])
    assert [(row["pod"], row["action"]) for row in result["plan"]] == [
        *[("cart-1", "leave")] * 3,
        ("cart-2", "signal"),
        *[("cart-2", "along")] * 2,
    ]
    assert (result["summary"]["restarted"], result["changed"]) == (6, True)


@pytest.mark.parametrize(
    ("older_than", "condition"),
    [(None, told("False")), ("30s", told("False", "2026-01-02T03:03:00Z")), ("2s", told("False"))],
    ids=["of no earlier run", "ended before", "before the first run"],
)
def test_what_is_down_otherwise_is_refused(fake_api: FakeApi, older_than: str | None, condition: JsonObject) -> None:
    expect_pod(fake_api, whole(told=condition, watcher=container("watcher", ready=False, state=ENDED)))
    message, _result = failed_run(fake_api, **WAY, older_than=older_than)
    assert "it is not running: terminated (Error)" in message


def test_one_whose_session_says_that_it_has_ended_is_waited_for_with_all(fake_api: FakeApi) -> None:
    expect_pod(fake_api, whole())
    ended = ApiError('Cannot exec: unable to upgrade connection: container not found ("watcher").', 500)
    expect_exec(fake_api, "cart-1", ended, "watcher")
    expect_watch(fake_api, "cart-1", 2.0, modified(anew()))
    result = run(fake_api, **WAY)
    assert [row[1:3] for row in outcomes(result)] == [
        ("watcher", "restarted"),
        ("setup", "restarted"),
        ("app", "restarted"),
    ]
    assert outcomes(result)[2][3].startswith("it has ended just now: ")
    assert not result["changed"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"on_timeout": "kill"}, "goes by that code"),
        ({"remember": True, "name": "cart", "kind": "Deployment"}, "remember needs the exit code"),
    ],
)
def test_options_that_do_not_go_with_it(fake_api: FakeApi, options: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        run(fake_api, **WAY, **options)
