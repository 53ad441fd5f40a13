# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.sandbox import decide, events_seen, refusal
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

ENDED = container("web", state={"terminated": {"exitCode": 0, "reason": "Completed"}})
NO_SIGNALS = SignalMask(0)
PAUSE = ProcessFacts(
    1, "pause", *[NO_SIGNALS] * 5, nspid=(1,), cgroup=("0::/../5a4d",), own_cgroup=("0::/",), uid=0, own_uid=1000
)
ENDS = Verdict(VerdictKind.HANDLED, "SIGTERM", "PID 1 has a handler for SIGTERM")


def shared(*containers: JsonObject, **spec: Any) -> Pod:
    """A pod that shares its PID namespace."""
    entries = list(containers) or [container("app")]
    return Pod.from_object(pod("cart-1", containers=entries, spec={"shareProcessNamespace": True} | spec))


def entry(**more: Any) -> list[JsonObject]:
    """The spec of one container."""
    return [{"name": "app"} | more]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (shared(hostPID=True), "hostPID: PID 1 is the node's own init"),
        (shared(shareProcessNamespace=False), "there is no way to end it from inside the pod"),
        (shared(restartPolicy="Never"), "the restartPolicy of app is Never"),
        (shared(ENDED), "none of its containers is running"),
        (shared(containers=entry(lifecycle={"preStop": {"exec": {}}})), "the preStop hook of app would not run"),
    ],
)
def test_it_is_refused(found: Pod, words: str) -> None:
    assert words in (refusal(found, skip_prestop=False) or "")


@pytest.mark.parametrize(
    ("found", "skip"),
    [
        (shared(), False),
        (shared(container("app"), ENDED, restartPolicy="OnFailure"), False),
        (shared(containers=entry(lifecycle={"preStop": {"exec": {}}})), True),
    ],
)
def test_it_is_not_refused(found: Pod, skip: bool) -> None:
    assert refusal(found, skip_prestop=skip) is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (None, "PID 1 has a handler"),
        (dataclasses.replace(PAUSE, pid=7, nspid=(7,)), "PID 7 is not the first process"),
        (dataclasses.replace(PAUSE, cgroup=()), "the cgroup of PID 1 could not be read"),
        (dataclasses.replace(PAUSE, cgroup=("0::/",)), "PID 1 (pause) belongs to container app by its cgroup"),
        (dataclasses.replace(PAUSE, cgroup=("0::/../web-0",)), "PID 1 (pause) belongs to container web by its cgroup"),
        (dataclasses.replace(PAUSE, may_signal=False), "(uid 1000) is not permitted to signal PID 1 (uid 0)"),
    ],
)
def test_what_is_not_known_to_be_the_sandbox_is_not_signalled(facts: ProcessFacts | None, words: str) -> None:
    found = shared(container("app"), container("web"))
    assert words in (decide(found, found.containers[0], facts, ENDS) or "")


@pytest.mark.parametrize(
    ("path", "own"), [("/../5a4d", "/"), ("/kube/pod1/5a4d", "/kube/pod1/app-0")], ids=["private", "host"]
)
def test_the_sandbox_is_known_by_its_cgroup(path: str, own: str) -> None:
    found, facts = shared(), dataclasses.replace(PAUSE, cgroup=(f"0::{path}",), own_cgroup=(f"0::{own}",))
    assert decide(found, found.containers[0], facts, ENDS) is None
    deaf = Verdict(VerdictKind.DEFAULT, "SIGTERM", "the kernel drops it")
    assert decide(found, found.containers[0], facts, deaf) == "the kernel drops it"


def test_events_are_counted() -> None:
    events: list[JsonObject] = [
        {"metadata": {"uid": "a"}, "reason": "SandboxChanged", "count": 3},
        {"metadata": {"uid": "b"}, "reason": "SandboxChanged", "series": {"count": 4}},
        {"metadata": {"uid": "c"}, "reason": "SandboxChanged"},
        {"metadata": {"uid": "d"}, "reason": "Started"},
    ]
    assert events_seen(events) == {"a": 3, "b": 4, "c": 1}
