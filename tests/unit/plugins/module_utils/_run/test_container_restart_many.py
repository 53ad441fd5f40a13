# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several pods and containers."""

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecFailed, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run import rolling_in_place
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_turns import STARTING_SECONDS
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    at,
    expect_exec,
    expect_watch,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    outcomes,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")


def expect_two(api: FakeApi, *sessions: FakeExec | Exception) -> None:
    """Two pods by their label, looked at; the looks may come in any order."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, [at(0), at(0, "cart-2")], label_selector="app=cart")
    for name, session in zip(("cart-1", "cart-2"), sessions, strict=True):
        expect_exec(api, name, session)


def test_one_after_the_other(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(), looking())
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15"))
    expect_watch_all(fake_api, 2.0, restarted("cart-1"), 3.0, restarted("cart-2"))
    result = run(fake_api, label_selectors=["app=cart"])
    assert [row[2] for row in outcomes(result)] == ["restarted", "restarted"]
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [2, 3]


@pytest.mark.parametrize(
    ("most", "before", "began"),
    [(2, 4.0, 0.0), (1, 4.0, 14.0), (1, STARTING_SECONDS, STARTING_SECONDS)],
    ids=["no more than that are meant", "until the first one runs", "but not for long"],
)
def test_a_node_gets_so_many_to_start_at_a_time(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, most: int, before: float, began: float
) -> None:
    monkeypatch.setattr(rolling_in_place, "MOST_STARTING", most)
    expect_two(fake_api, looking(), looking())
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15"))
    same = modified(at(0))
    expect_watch_all(fake_api, before, same, 14 - before, restarted("cart-1"), 3.0, restarted("cart-2"))
    result = run(fake_api, label_selectors=["app=cart"], max_unavailable="100%", grace_seconds=60)
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [14, 17 - began]


def test_one_that_ends_again_while_others_are_restarted(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(), looking())
    for name in ("cart-1", "cart-2"):
        expect_exec(fake_api, name, acting("sending 15"))
    crashed = at(1, ready=False, state={"waiting": {"reason": "CrashLoopBackOff"}})
    expect_watch_all(fake_api, restarted("cart-1"), modified(crashed), restarted("cart-2"))
    message, result = failed_run(fake_api, label_selectors=["app=cart"])
    assert "container app of Pod shop/cart-1: its new instance ended, or is not Ready, after all" in message
    assert [row[2] for row in outcomes(result)] == ["failed", "restarted"]


def test_the_first_failure_ends_it(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(), looking())
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch_all(fake_api)
    fake_api.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(fake_api, "cart-1", ExecFailed("the node is busy"))
    message, result = failed_run(fake_api, label_selectors=["app=cart"])
    assert message.startswith("Not restarted, container app of Pod shop/cart-1")
    assert message.endswith("1 more were not touched: container app of Pod shop/cart-2.")
    waited = "the signal was sent, and it did not end within 30 s"
    assert [row[2:] for row in outcomes(result)] == [
        ("unchanged", f"{waited}; why cannot be told: PID 1 could not be read: the node is busy"),
        ("skipped", "not tried"),
    ]


def test_what_was_restarted_before_the_failure_is_in_the_result(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(), looking())
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    expect_watch_all(fake_api, restarted())
    expect_exec(fake_api, "cart-2", ExecFailed("gone"))
    _message, result = failed_run(fake_api, label_selectors=["app=cart"])
    assert [row[2] for row in outcomes(result)] == ["restarted", "failed"]
    assert result["changed"]
    assert (result["summary"]["restarted"], result["summary"]["failed"]) == (1, 1)


def test_one_refusal_means_that_nothing_is_sent_to_any(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(), looking(caught=""))
    message, result = failed_run(fake_api, label_selectors=["app=cart"])
    assert message.startswith("Nothing was sent, 1 of 2 containers cannot be restarted in place: container app of Pod ")
    assert outcomes(result)[0][2:] == ("skipped", "not tried")
    assert not result["changed"]


def test_the_others_are_restarted_where_refusals_are_skipped(fake_api: FakeApi) -> None:
    expect_two(fake_api, looking(caught=""), looking())
    expect_exec(fake_api, "cart-2", acting("sending 15"))
    expect_watch_all(fake_api, restarted("cart-2"))
    result = run(fake_api, label_selectors=["app=cart"], on_refused="skip")
    assert [row[2] for row in outcomes(result)] == ["skipped", "restarted"]
    assert result["changed"]


def test_two_containers_of_one_pod(fake_api: FakeApi) -> None:
    def both(app: int, web: int) -> JsonObject:
        return pod("cart-1", containers=[container("app", app), container("web", web)])

    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [both(0, 0)], field_selector="metadata.name=cart-1")
    for name in ("app", "web"):
        expect_exec(fake_api, "cart-1", looking(), name)
        expect_exec(fake_api, "cart-1", acting("sending 15"), name)
    expect_watch(fake_api, "cart-1", modified(both(1, 0)), modified(both(1, 1), "12"))
    result = run(fake_api)
    assert [row[1:3] for row in outcomes(result)] == [("app", "restarted"), ("web", "restarted")]
    assert result["summary"]["pods"] == 1


def test_only_the_containers_that_are_named(fake_api: FakeApi) -> None:
    fake_api.expect_list(
        POD,
        NAMESPACE,
        [pod("cart-1", containers=[container("app"), container("web")])],
        field_selector="metadata.name=cart-1",
    )
    expect_exec(fake_api, "cart-1", looking(), "web")
    assert [row["container"] for row in run(fake_api, containers=["web"], check_mode=True)["plan"]] == ["web"]


def test_no_pods_where_that_is_allowed(fake_api: FakeApi) -> None:
    fake_api.expect_list(POD, NAMESPACE, [], label_selector="app=cart")
    result = run(fake_api, label_selectors=["app=cart"], allow_empty=True)
    assert (result["changed"], result["plan"], result["pods"]) == (False, [], [])


def expect_three(api: FakeApi) -> None:
    """A pod of two containers and a native sidecar, which is listed last and started first; each is looked at."""
    api.ordered = False
    api.expect_list(POD, NAMESPACE, [three()], field_selector="metadata.name=cart-1")
    for name in ("app", "web", "proxy"):
        expect_exec(api, "cart-1", looking(), name)
        expect_exec(api, "cart-1", acting("sending 15"), name)


def three(**restarts: int) -> JsonObject:
    """Its pod, with so many restarts of each."""
    app, web, proxy = (container(name, restarts.get(name, 0)) for name in ("app", "web", "proxy"))
    spec = {
        "containers": [{"name": "app"}, {"name": "web"}],
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
    }
    return pod("cart-1", spec=spec, containers=[app, web], initContainerStatuses=[proxy])


def sessions(api: FakeApi) -> list[str]:
    """The containers in the order in which sessions were opened in them to signal: the last three."""
    return [arguments["container"] for method, arguments in api.calls if method == "exec"][-3:]


@pytest.mark.parametrize("names", [None, ["web", "proxy", "app"]])
def test_the_order_of_a_pods_containers(fake_api: FakeApi, names: list[str] | None) -> None:
    expect_three(fake_api)
    order = names or ["proxy", "app", "web"]
    states = [three(**dict.fromkeys(order[: index + 1], 1)) for index in range(3)]
    expect_watch(fake_api, "cart-1", *(modified(state, str(11 + index)) for index, state in enumerate(states)))
    result = run(fake_api, containers=names)
    assert [entry["container"] for entry in result["plan"]] == order
    assert [row[1:3] for row in outcomes(result)] == [(name, "restarted") for name in order]
    assert sessions(fake_api) == order


def test_the_next_container_waits_until_the_one_before_has_run_for_long_enough(fake_api: FakeApi) -> None:
    expect_three(fake_api)
    proxy, app = three(proxy=1), three(proxy=1, app=1)
    unready = three(proxy=1)
    unready["status"]["conditions"][0]["status"] = "False"
    # The sidecar is seen to run at 2 s, and the pod to be Ready at 5 s. Whatever happens, nothing is begun before 9 s.
    events = [2.0, modified(unready), 3.0, modified(proxy), 3.0, modified(proxy, "12"), 1.0, modified(proxy, "13")]
    events += [4.0, modified(app, "14"), 7.0, modified(app, "15"), 1.0, modified(three(proxy=1, app=1, web=1), "16")]
    expect_watch(fake_api, "cart-1", *events)
    result = run(fake_api, min_started_seconds=7)
    assert [entry["seconds"] for entry in result["pods"][0]["containers"]] == [5, 4, 1]


def test_an_instance_that_takes_the_place_of_the_new_one_begins_anew(fake_api: FakeApi) -> None:
    expect_three(fake_api)
    once, twice, app = three(proxy=1), three(proxy=2), three(proxy=2, app=1)
    once["status"]["conditions"][0]["status"] = "False"
    events = [2.0, modified(once), 3.0, modified(twice), 4.0, modified(twice, "12"), 3.0, modified(twice, "13")]
    events += [1.0, modified(app, "14"), 7.0, modified(app, "15"), 1.0, modified(three(proxy=2, app=1, web=1), "16")]
    expect_watch(fake_api, "cart-1", *events)
    result = run(fake_api, min_started_seconds=7)
    assert [entry["seconds"] for entry in result["pods"][0]["containers"]] == [5, 1, 1]


def test_a_pause_that_makes_no_sense(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="min_started_seconds is -1"):
        run(fake_api, min_started_seconds=-1)
