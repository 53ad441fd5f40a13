# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An in-place restart as a fake API serves it: the sessions, and the pod as it changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.come_back import Gate
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_restart import container_restart
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.inline import Inline
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE, container, pod

#: What the sessions of a test are marked with, in the place of something random.
TOKEN = "0123456789abcdef"


#: When the containers of objects.py were started, by their status.
STATUS_START = datetime(2026, 1, 2, 3, tzinfo=UTC).timestamp()


def probe_text(
    *,
    name: str = "app",
    caught: str = "TERM",
    blocked: str = "",
    pending: str = "",
    state: str = "",
    start: int = 4711,
    age: float = 245,
    command: str = "",
    access: int = 0,
    pid: int = 1,
    cgroup: str = "",
    own_cgroup: str = "/",
) -> str:
    """What the probe prints of a process that has handlers for these signals (names with spaces between them).

    Its age is that of the container by its status, unless given.
    """
    masks = {"SigPnd": SignalMask(0), "ShdPnd": SignalMask.from_names(pending.split()), "SigIgn": SignalMask(0)}
    masks |= {"SigBlk": SignalMask.from_names(blocked.split()), "SigCgt": SignalMask.from_names(caught.split())}
    status = [f"Name:\t{name}", f"State:\t{state}", "Uid:\t0\t0\t0\t0", f"NSpid:\t{pid}", "Threads:\t1"]
    status += [f"{label}:\t{mask.hex()}" for label, mask in masks.items()]
    lines = [f"{TOKEN} probe 1", f"{TOKEN} status", *status, f"{TOKEN} start {start}"]
    lines += [f"{TOKEN} uptime {start / 100 + age:.2f}", f"{TOKEN} boot {STATUS_START + 245 - age - start // 100:.0f}"]
    lines += [f"{TOKEN} comm", name]
    lines += [f"{TOKEN} exact", *(f"{TOKEN} word\n{word}" for word in command.split())]
    lines += [f"{TOKEN} own", "Uid:\t7\t7\t7\t7", f"{TOKEN} access {access}"]
    if cgroup:
        lines += [f"{TOKEN} cgroup", f"0::{cgroup}", f"{TOKEN} own_cgroup", f"0::{own_cgroup}"]
    return "\n".join([*lines, f"{TOKEN} end", ""])


def listed(*processes: tuple[int, int, int, str, str], shell: str = "/") -> str:
    """What the list of processes prints: PID, parent, start, name and cgroup of each, and the session's cgroup.

    The session's own shell, 99, is among them.
    """
    lines = [f"{TOKEN} list 1", f"{TOKEN} shell 99", shell]
    for pid, parent, start, name, cgroup in (*processes, (99, 0, 9999, "sh", shell)):
        lines += [f"{TOKEN} process {pid} {parent} S {start}", name, cgroup, f"/bin/{name}"]
    return "\n".join([*lines, f"{TOKEN} listed", ""])


def listing(text: str | Exception) -> FakeExec:
    """A session that lists the processes."""
    return FakeExec().expect_line(lambda line: "listed" in line).expect_read(text)


def finding(text: str, **facts: Any) -> FakeExec:
    """A session that finds a process and reads it."""
    session = listing(text).expect_line(lambda line: " probe 1" in line)
    return session.expect_read(text + probe_text(**facts))


def looking(**facts: Any) -> FakeExec:
    """A session that reads, and nothing is sent in it. `facts` are those of probe_text()."""
    return FakeExec().expect_line(lambda text: " probe 1" in text).expect_read(probe_text(**facts))


def asking(**facts: Any) -> FakeExec:
    """A session that could signal, up to where it is decided."""
    return FakeExec().expect_line(lambda text: "sending" in text).expect_read(probe_text(**facts))


def acting(*reply: str, signal: int = 15, force: bool = False, **facts: Any) -> FakeExec:
    """A session that signals, and the words that it prints about it: none if it is cut with the container's end."""
    answer = f"{TOKEN} {signal}{' force' if force else ''}"
    text = probe_text(**facts) + "".join(f"{TOKEN} {words}\n" for words in reply)
    return asking(**facts).expect_line(lambda line: line.strip() == answer).expect_finish(text)


def answering(*reply: str, signal: int = 15, **facts: Any) -> FakeExec:
    """A session that was left waiting for the answer, and what it prints then."""
    text = probe_text(**facts) + "".join(f"{TOKEN} {words}\n" for words in reply)
    return FakeExec().expect_line(lambda line: line.strip() == f"{TOKEN} {signal}").expect_finish(text)


def expect_exec(api: FakeApi, pod: str, session: FakeExec | Exception, container: str = "app") -> None:
    """A session in a container, in /bin/sh."""
    api.expect_exec(NAMESPACE, pod, container, session, command=["/bin/sh"])


def expect_watch(api: FakeApi, pod: str, *events: WatchEvent | float | Exception, version: str = "100") -> None:
    """The watch of one pod."""
    api.expect_watch(POD, NAMESPACE, events, resource_version=version, field_selector=f"metadata.name={pod}")


def expect_watch_all(api: FakeApi, *events: WatchEvent | float | Exception, version: str = "100") -> None:
    """The watch of the pods with the label app=cart."""
    api.expect_watch(POD, NAMESPACE, events, resource_version=version, label_selector="app=cart")


def expect_in_vain(api: FakeApi, now: JsonObject, *events: WatchEvent | float, version: str = "100") -> None:
    """The watch of one pod that does not show what is waited for, and the last look at it."""
    name = now["metadata"]["name"]
    expect_watch(api, name, *events, version=version)
    api.expect_get(POD, NAMESPACE, name, now)


def modified(obj: JsonObject, version: str = "11") -> WatchEvent:
    """A change of a pod."""
    return WatchEvent("MODIFIED", {**obj, "metadata": {**obj["metadata"], "resourceVersion": version}})


ENDED = {
    "terminated": {"exitCode": 143, "reason": "Error", "finishedAt": "2026-01-02T03:04:06Z"},
}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
STARTED = {"running": {"startedAt": "2026-01-02T03:04:08Z"}}


def at(restarts: int, name: str = "cart-1", **more: Any) -> JsonObject:
    """The pod with one container, so many restarts on."""
    return pod(name, containers=[container("app", restarts, **more)])


def restarted(name: str = "cart-1", **more: Any) -> WatchEvent:
    """The new instance, Ready."""
    return modified(at(1, name, state=STARTED, lastState=ENDED, **more))


#: The module's options, with what asks the cluster for nothing where there is a choice.
OPTIONS: dict[str, Any] = {
    "namespace": NAMESPACE,
    "containers": None,
    "signal": "TERM",
    "shell": "/bin/sh",
    "force": False,
    "on_refused": "fail",
    "grace_seconds": 30,
    "wait_timeout": 300,
    "prestop": "refuse",
    "min_ready_seconds": 0,
    "via": "exec",
    "image_alias": None,
    "ephemeral_image": None,
    "unknown": "refuse",
    "remember": False,
    "on_timeout": "fail",
    "gates": dict.fromkeys(Gate, "ignore"),
    "disruption_budget": "ignore",
    "max_unavailable": None,
    "max_failures": 0,
    "min_started_seconds": 0,
    "older_than": None,
    "on_backoff": "proceed",
    "canary": None,
}


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work, on the pod cart-1 unless another target is given."""
    if "label_selectors" not in params and "name" not in params:
        params["pods"] = ["cart-1"]
    return container_restart(api, api.clock, OPTIONS | params, check_mode, lambda: Inline(api.clock))


def failed_run(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def outcomes(result: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Pod, container, outcome and reason of each container."""
    return [
        (entry["name"], inside["name"], inside["outcome"], inside["reason"])
        for entry in result["pods"]
        for inside in entry["containers"]
    ]


def only(result: dict[str, Any]) -> dict[str, Any]:
    """The one container of the one pod."""
    ((inside,),) = (entry["containers"] for entry in result["pods"])
    found: dict[str, Any] = inside
    return found
