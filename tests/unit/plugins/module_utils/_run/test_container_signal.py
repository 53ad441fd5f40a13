# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecCut, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.container_signal_script import (
    HUP,
    expect_pod,
    failed,
    family,
    run,
    sessions,
    signalled,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.shared_script import no_shell, processes, shared_pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    asking,
    at,
    expect_watch,
    finding,
    listed,
    listing,
    looking,
    modified,
    only,
    restarted,
)

pytestmark = pytest.mark.usefixtures("_known_token")

# What is expected happens.


def test_nothing(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="HUP"), listing(family(7)), acting("sent 0", signal=HUP, caught="HUP"))
    expect_watch(fake_api, "cart-1", modified(at(0, ready=False)))
    sessions(fake_api, listing(family(7)))
    result = run(fake_api)
    assert (result["changed"], result["strategy"]) == (True, "signal")
    assert result["plan"] == [
        {
            "pod": "cart-1",
            "container": "app",
            "action": "signal",
            "pid": 1,
            "process": "app",
            "verdict": "handled",
            "reason": "PID 1 has a handler for SIGHUP",
        }
    ]
    seen = only(result)
    assert (seen["outcome"], seen["reason"], seen["via"], seen["seconds"]) == (
        "unchanged",
        "the process and the container are the same",
        "exec",
        5.0,
    )
    assert seen["process"] == {
        "pid": 1,
        "name": "app",
        "start_time": 4711,
        "same": True,
        "workers_before": [7],
        "workers_after": [7],
    }


def test_a_signal_that_is_ignored_changes_nothing(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught=""), listing(family()), acting("sent 0", signal=HUP, caught=""))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(family()))
    assert not run(fake_api)["changed"]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ([(21, 22)], "its children were replaced: 7, 8 before, 21, 22 after"),
        ([(7, 8), (7, 8, 21, 22), (21, 22)], "its children were replaced: 7, 8 before, 21, 22 after"),
        ([(7, 8, 21)], "its children were replaced: 7, 8 before, 21, 22 after"),
    ],
)
def test_reload(fake_api: FakeApi, after: list[tuple[int, ...]], words: str) -> None:
    expect_pod(fake_api)
    sessions(fake_api, finding(family(7, 8), caught="HUP"), listing(family(7, 8)))
    sessions(fake_api, acting("sent 0", signal=HUP, caught="HUP"), *(listing(family(*pids)) for pids in after))
    if after[-1] == (7, 8, 21):
        sessions(fake_api, listing(family(21, 22)))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(family(21, 22)))
    result = run(fake_api, expect="reload")
    seen = only(result)
    assert (result["changed"], result["summary"]["reloaded"]) == (True, 1)
    assert (seen["outcome"], seen["reason"]) == ("reloaded", words)
    assert seen["container_id_before"] == seen["container_id_after"]
    assert seen["process"]["workers_after"] == [21, 22]


def test_old_workers_may_finish_what_they_do(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, finding(family(7), caught="HUP"), listing(family(7)))
    sessions(fake_api, acting("sent 0", signal=HUP, caught="HUP"))
    sessions(fake_api, *(listing(family(7, 21)) for _second in range(3)))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(family(7, 21)))
    seen = only(run(fake_api, expect="reload", grace_seconds=2))
    assert seen["reason"] == "its children were replaced: 7 before, 7, 21 after, 1 of the old ones still finish"


def test_restart(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(), acting("sending 15"))
    expect_watch(fake_api, "cart-1", restarted())
    result = run(fake_api, signal="TERM", expect="restart")
    seen = only(result)
    assert (seen["outcome"], seen["restart_count_after"], seen["process"]["same"]) == ("restarted", 1, None)


def test_check_mode_sends_nothing(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="HUP"))
    result = run(fake_api, check_mode=True)
    assert (result["changed"], only(result)["outcome"]) == (True, "skipped")


# A process by name.


def test_a_process_by_name(fake_api: FakeApi) -> None:
    found = family(more=((5, 1, 50, "tini", "/"), (6, 5, 60, "nginx", "/")))
    expect_pod(fake_api)
    sessions(fake_api, finding(found, pid=5, start=50, caught="HUP"), listing(found))
    sessions(fake_api, acting("sent 0", signal=HUP, pid=5, start=50, caught="HUP"))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(found))
    assert only(run(fake_api, process="tini"))["process"]["pid"] == 5


def test_it_is_searched_in_all_containers(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    expect_pod(fake_api, pod("cart-1", containers=[container("app"), container("web")]))
    sessions(fake_api, listing(listed((1, 0, 1, "other", "/"))))
    sessions(fake_api, finding(family(7), caught="HUP"), name="web")
    result = run(fake_api, process="nginx", check_mode=True)
    assert [entry["container"] for entry in result["plan"]] == ["web"]


def test_it_has_to_be_in_one_of_them(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    expect_pod(fake_api, pod("cart-1", containers=[container("app"), container("web")]))
    for name in ("app", "web"):
        sessions(fake_api, finding(family(7), caught="HUP"), name=name)
    with pytest.raises(TargetError, match="more than once: PID 1 in app, PID 1 in web"):
        run(fake_api, process="nginx")


def test_no_such_process(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, listing(family(7)))
    message, result = failed(fake_api, process="apache")
    assert message == (
        "Nothing was sent, 1 of 1 signals are refused: container app of Pod shop/cart-1: no process is called 'apache';"
        " there are 1 nginx, 7 nginx."
    )
    assert (result["changed"], only(result)["process"]) == (False, None)


def test_a_container_that_was_named_has_to_have_it(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    expect_pod(fake_api, pod("cart-1", containers=[container("app"), container("web")]))
    sessions(fake_api, listing(listed((1, 0, 1, "other", "/"))))
    sessions(fake_api, finding(family(7), caught="HUP"), name="web")
    message, _result = failed(fake_api, process="nginx", containers=["app", "web"])
    assert "1 of 2 signals are refused: container app" in message


# A shared PID namespace.


def test_a_sibling_signals_a_container_that_has_no_shell(fake_api: FakeApi) -> None:
    expect_pod(fake_api, shared_pod())
    sessions(fake_api, no_shell())
    seen = processes((8, 7, 80, "worker", "/../app-0"), of="web")
    facts = {"pid": 7, "start": 70, "caught": "HUP"}
    sessions(fake_api, finding(seen, **facts), listing(seen), acting("sent 0", signal=HUP, **facts), name="web")
    sessions(fake_api, listing(processes((18, 7, 180, "worker", "/../app-0"), of="web")), name="web")
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(processes((18, 7, 180, "worker", "/../app-0"), of="web")), name="web")
    seen_after = only(run(fake_api, containers=["app"], expect="reload"))
    assert (seen_after["outcome"], seen_after["via"]) == ("reloaded", "sibling")


# It is refused, and nothing is sent.


@pytest.mark.parametrize(
    ("facts", "params", "words"),
    [
        ({"caught": ""}, {"expect": "restart"}, "restart is expected, but PID 1 has no handler for SIGHUP"),
        ({}, {"signal": "TERM"}, "nothing is expected, but PID 1 has a handler for SIGTERM, and programs"),
        ({"command": "node", "caught": "TERM"}, {"expect": "restart", "signal": "TERM"}, "but Node.js catches SIGTERM"),
        ({"caught": "HUP", "access": 1}, {"force": True}, "is not permitted to signal PID 1"),
        ({"caught": "HUP", "cgroup": "/../5a4d"}, {"force": True}, "PID 1 is the pod's sandbox"),
    ],
)
def test_it_is_refused(fake_api: FakeApi, facts: dict[str, Any], params: dict[str, Any], words: str) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(**facts))
    message, result = failed(fake_api, **params)
    assert "Nothing was sent, 1 of 1 signals are refused" in message
    assert words in message
    assert (result["changed"], only(result)["outcome"]) == (False, "skipped")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("expect", ["restart", "reload", "nothing"])
def test_host_pids_are_refused_before_any_session(fake_api: FakeApi, expect: str, force: bool) -> None:
    expect_pod(fake_api, pod("cart-1", spec={"hostPID": True}))
    assert "hostPID" in failed(fake_api, expect=expect, force=force, process="app", via="sibling")[0]


def test_what_would_not_come_back_is_not_restarted(fake_api: FakeApi) -> None:
    expect_pod(fake_api, pod("cart-1", spec={"restartPolicy": "Never"}))
    sessions(fake_api, looking())
    assert "restartPolicy is Never" in failed(fake_api, signal="TERM", expect="restart", force=True)[0]


def test_without_workers_there_is_no_proof_of_a_reload(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, finding(family(), caught="HUP"))
    assert "PID 1 (app) has no children" in failed(fake_api, expect="reload", force=True)[0]


@pytest.mark.parametrize("option", ["grace_seconds", "watch_seconds"])
def test_no_time(fake_api: FakeApi, option: str) -> None:
    with pytest.raises(TargetError, match=f"{option} has to be 1 or more"):
        run(fake_api, **{option: 0})


def test_no_name(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="process is empty: leave it out"):
        run(fake_api, process="")


def test_what_may_end_all_the_same_has_to_come_back(fake_api: FakeApi) -> None:
    expect_pod(fake_api, pod("cart-1", spec={"restartPolicy": "Never"}))
    sessions(fake_api, looking(caught="TERM"))
    assert "restartPolicy is Never" in failed(fake_api, signal="TERM", force=True)[0]


def test_another_pod_has_taken_its_name(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="TERM", age=9000), asking(caught="TERM", age=9000))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", pod("cart-1", uid="another", spec={"hostPID": True}))
    message, result = failed(fake_api, signal="TERM", expect="restart")
    assert "nothing was sent: another pod has taken its name since it was looked at" in message
    assert not result["changed"]


def test_an_older_process_of_the_same_pod_is_signalled(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="TERM", age=9000), acting("sent 0", caught="TERM", age=9000))
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_watch(fake_api, "cart-1", restarted())
    assert run(fake_api, signal="TERM", expect="restart")["changed"]


def test_a_session_that_was_cut_off_proves_no_signal(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="HUP"), listing(family(7)), acting(signal=HUP, caught="HUP"))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(family(7)))
    message, result = failed(fake_api)
    assert "the session was cut off, the signal may not have been sent; nothing has changed" in message
    assert result["changed"]


def test_children_that_come_and_go_prove_no_reload(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, finding(family(7), caught="HUP"), listing(family(8)))
    message, result = failed(fake_api, expect="reload")
    assert "its children come and go without a signal" in message
    assert not result["changed"]


def test_a_look_that_fails_once_ends_no_reload(fake_api: FakeApi) -> None:
    signalled(fake_api)
    sessions(fake_api, listing(ExecCut("cut")), listing(family(21)))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(family(21)))
    assert only(run(fake_api, expect="reload"))["outcome"] == "reloaded"


def test_force_sends_against_the_forecast(fake_api: FakeApi) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught=""), acting("sent 0", signal=HUP, force=True, caught=""))
    expect_watch(fake_api, "cart-1")
    message, result = failed(fake_api, expect="restart", force=True)
    assert message == "Not as expected (restart), container app of Pod shop/cart-1: it did not end within 30 s."
    assert not result["changed"]
