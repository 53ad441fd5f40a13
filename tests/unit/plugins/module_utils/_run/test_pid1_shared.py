# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that share their PID namespace: the container's own first process is the one that is meant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import Wanted
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import decide
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, ExecCut
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import (
    Gone,
    Look,
    NothingSent,
    OutOfReach,
    look_at,
    signal_pid1,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import container
from ansible_collections.saferestart.k8s.tests.unit.shared_script import NO_SHELL, no_shell, processes, shared_pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import acting, expect_exec, finding, listing, looking

pytestmark = pytest.mark.usefixtures("_known_token")


def look(api: FakeApi, name: str = "app", **options: Any) -> Look:
    """The call under test, for SIGTERM and one container."""
    found = Pod.from_object(options.pop("pod", shared_pod()))
    meant = found.container(name)
    assert meant
    (seen,) = look_at(api, [(found, meant)], 15, "/bin/sh", **options)
    return seen


def test_its_own_first_process_is_looked_at(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", finding(processes((8, 7, 80, "worker", "/")), pid=7, caught=""))
    seen = look(fake_api)
    assert seen.facts
    assert (seen.facts.pid, seen.via, seen.verdict.acts) == (7, "exec", True)
    assert seen.family
    assert [entry.pid for entry in seen.family.workers] == [8]


@pytest.mark.parametrize("via", ["auto", "sibling"])
def test_a_sibling_looks_where_there_is_no_shell(fake_api: FakeApi, via: str) -> None:
    if via == "auto":
        expect_exec(fake_api, "cart-1", no_shell())
    expect_exec(fake_api, "cart-1", finding(processes(of="web"), pid=7), "web")
    seen = look(fake_api, via=via)
    assert seen.facts
    assert (seen.facts.pid, seen.via, seen.inside) == (7, "sibling", "web")


def test_and_signals(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", finding(processes(of="web"), pid=7), "web")
    seen = look(fake_api, via="sibling")
    expect_exec(fake_api, "cart-1", acting("sending 15", "sent 0", pid=7), "web")

    def refuse(facts: ProcessFacts, verdict: Verdict) -> str | None:
        return decide(seen.pod, seen.container, facts, verdict, skip_prestop=True, own=seen.own)

    assert signal_pid1(fake_api, seen, 15, "/bin/sh", force=False, refuse=refuse).seen


def test_a_sibling_that_may_signal_is_preferred(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", finding(processes(), pid=7, access=1))
    expect_exec(fake_api, "cart-1", finding(processes(of="web"), pid=7), "web")
    assert look(fake_api).via == "sibling"


def test_what_was_read_is_told_if_nobody_may_signal(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", finding(processes(), pid=7, access=1))
    expect_exec(fake_api, "cart-1", no_shell(), "web")
    seen = look(fake_api)
    assert seen.facts
    assert (seen.via, seen.facts.may_signal) == ("exec", False)


def test_no_shell_anywhere(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", no_shell())
    expect_exec(fake_api, "cart-1", no_shell(), "web")
    assert "the image has no /bin/sh" in look(fake_api).verdict.reason


def test_only_siblings_that_run_are_asked(fake_api: FakeApi) -> None:
    ended = container("web", state={"terminated": {"exitCode": 0}})
    seen = look(fake_api, pod=shared_pod(container("app"), ended), via="sibling")
    assert seen.verdict.reason == "no other container of the pod is running"


def test_without_a_shared_namespace_there_is_no_sibling(fake_api: FakeApi) -> None:
    seen = look(fake_api, pod=shared_pod(shareProcessNamespace=False), via="sibling")
    assert "does not share its PID namespace" in seen.verdict.reason


@pytest.mark.parametrize("via", ["exec", "auto"])
def test_only_a_shared_namespace_asks_siblings(fake_api: FakeApi, via: str) -> None:
    expect_exec(fake_api, "cart-1", no_shell())
    found = shared_pod(shareProcessNamespace=via == "exec")
    assert NO_SHELL.partition(":")[0] not in look(fake_api, pod=found, via=via).verdict.reason


def test_a_name_that_is_not_there(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", listing(processes()))
    seen = look(fake_api, wanted=Wanted("nginx"), via="exec")
    assert seen.nameless
    assert seen.verdict.reason == "no process is called 'nginx'; there are 7 app"


def test_a_list_that_breaks_off(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", listing(ExecCut("cut.")))
    assert look(fake_api, via="exec").verdict.reason == "PID 1 could not be read: cut"


def test_the_sandbox_is_looked_at_only_if_asked_for(fake_api: FakeApi) -> None:
    expect_exec(fake_api, "cart-1", looking(cgroup="/../5a4d"))
    seen = look(fake_api, wanted=Wanted(sandbox=True), via="exec")
    assert seen.facts
    assert (seen.facts.pid, seen.family) == (1, None)


@pytest.mark.parametrize(("via", "kind"), [("exec", Gone), ("sibling", OutOfReach)])
def test_a_sibling_that_has_ended_says_nothing_of_the_container(
    fake_api: FakeApi, via: str, kind: type[NothingSent]
) -> None:
    inside = "app" if via == "exec" else "web"
    expect_exec(fake_api, "cart-1", finding(processes(of=inside), pid=7, start=70), inside)
    seen = look(fake_api, via=via)
    expect_exec(fake_api, "cart-1", ApiError('Cannot exec: container not found ("web").', 500), inside)
    with pytest.raises(kind):
        signal_pid1(fake_api, seen, 15, "/bin/sh", force=False, refuse=lambda _facts, _verdict: None)
