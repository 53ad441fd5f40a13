# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import (
    NoSuchName,
    ProcessNotFound,
    Wanted,
    longest,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import ListedProcess, ProcessList
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

SHARED = Pod.from_object(
    pod("cart-1", containers=[container("app"), container("web")], spec={"shareProcessNamespace": True})
)
ALONE = Pod.from_object(pod("cart-1"))
#: What a container of that pod sees: with cgroup namespaces from inside `app`, and without them.
PRIVATE = {"sandbox": "/../5a4d", "app": "/", "web": "/../cri-web-0.scope"}
HOST = {"sandbox": "/kube/pod1/5a4d", "app": "/kube/pod1/app-0", "web": "/kube/pod1/web-0"}


def process(pid: int, cgroup: str, ppid: int = 0, start: int = 0, name: str = "", **more: Any) -> ListedProcess:
    """One process, started in the order of the PIDs."""
    more = {"state": "S", "program": ""} | more
    return ListedProcess(pid, ppid, start_time=start or pid, name=name or f"p{pid}", cgroup=cgroup, **more)


def listing(paths: dict[str, str], *more: ListedProcess) -> ProcessList:
    """A pod's processes as seen from `app`: 7 is its first one, with a child, and 30 a session that came later."""
    own = [process(7, paths["app"], name="init"), process(8, paths["app"], 7, name="worker")]
    own += [process(30, paths["app"], name="sh"), process(31, paths["app"], 1, name="orphan")]
    others = [process(1, paths["sandbox"], name="pause"), process(9, paths["web"], name="web")]
    return ProcessList(paths["app"], (*others, *own, *more))


def find(seen: ProcessList, name: str = "app", called: str | None = None, *, own: bool = True) -> int:
    """The PID that is found for a container of the pod that shares its PID namespace."""
    meant = SHARED.container(name)
    assert meant
    return Wanted(called).find(seen, SHARED, meant, own=own).pid


@pytest.mark.parametrize("paths", [PRIVATE, HOST])
def test_the_first_process_of_a_container(paths: dict[str, str]) -> None:
    assert find(listing(paths)) == 7
    assert find(listing(paths), "web", own=False) == 9


def test_with_nested_cgroups() -> None:
    assert find(listing(PRIVATE | {"app": "/init.scope"})) == 7
    assert find(listing(HOST | {"web": HOST["web"] + "/init.scope"}), "web", own=False) == 9


def test_the_one_that_started_first_whatever_its_pid_is() -> None:
    seen = listing(PRIVATE, process(4, "/", start=999, name="wrapped"))
    assert find(seen) == 7


def test_a_session_is_no_first_process() -> None:
    seen = listing(PRIVATE, process(4, "/", start=999, name="sh"), process(3, "/", start=2, state="Z"))
    with pytest.raises(ProcessNotFound, match=r"the first process of the container, 3 .*, has ended"):
        find(seen)


@pytest.mark.parametrize(
    ("seen", "own", "words"),
    [
        (listing(PRIVATE), False, "no process has the ID of container app in its cgroup; there are 1 pause, 9 web, 7"),
        (listing(dict.fromkeys(PRIVATE, "/")), True, "the processes' cgroups do not tell the pod's containers apart"),
        (ProcessList("/", ()), True, "no process has the ID of container app in its cgroup"),
        (ProcessList("/", (process(8, "/", 7),)), True, "no process of the container has a parent outside"),
        (ProcessList("/", (), complete=False), True, "more than 800 processes are there"),
    ],
)
def test_no_first_process(seen: ProcessList, own: bool, words: str) -> None:
    with pytest.raises(ProcessNotFound, match=words):
        find(seen, own=own)


@pytest.mark.parametrize(
    ("called", "pid"), [("init", 7), ("nginx", 40), ("my-very-long-program-name", 50), ("a-name-cut-at-15-letters", 60)]
)
def test_by_name(called: str, pid: int) -> None:
    seen = listing(
        PRIVATE,
        process(40, "/", 7, name="nginx"),
        process(41, "/", 40, name="nginx"),
        process(42, "/", 40, name="nginx"),
        process(43, PRIVATE["web"], name="nginx"),
        process(44, "/", 1, name="nginx", state="Z"),
        process(50, "/", 7, name="my-very-long-pr", program="/bin/my-very-long-program-name"),
        process(60, "/", 7, name="a-name-cut-at-1"),
    )
    assert find(seen, called=called) == pid


def test_no_such_name_lists_what_is_there() -> None:
    with pytest.raises(NoSuchName, match="no process is called 'apache'; there are 7 init, 8 worker, 30 sh, 31 orphan"):
        find(listing(PRIVATE), called="apache")
    many = [process(pid, "/", 7) for pid in range(100, 140)]
    with pytest.raises(NoSuchName, match=r"and 24 more$"):
        find(listing(PRIVATE, *many), called="apache")


def test_an_ambiguous_name_lists_them() -> None:
    two = (process(40, "/", 7, name="nginx"), process(50, "/", 7, name="nginx"), process(51, "/", 50, name="nginx"))
    with pytest.raises(ProcessNotFound, match="2 processes are called 'nginx', none the other's parent: 40 nginx, 50 "):
        find(listing(PRIVATE, *two), called="nginx")


def test_in_a_namespace_of_its_own_every_process_is_the_containers() -> None:
    seen = ProcessList("", (process(1, "", name="tini"), process(5, "", 1, name="nginx")))
    assert Wanted("nginx").find(seen, ALONE, ALONE.containers[0], own=True).pid == 5
    assert Wanted(workers=True).find(seen, ALONE, ALONE.containers[0], own=True).pid == 1


@pytest.mark.parametrize(
    ("wanted", "alone", "shared"),
    [
        (Wanted(), False, True),
        (Wanted("nginx"), True, True),
        (Wanted(workers=True), True, True),
        (Wanted(sandbox=True), False, False),
    ],
)
def test_when_processes_have_to_be_listed(wanted: Wanted, alone: bool, shared: bool) -> None:
    assert (wanted.needs_list(ALONE), wanted.needs_list(SHARED)) == (alone, shared)


@pytest.mark.parametrize(
    ("lines", "path"),
    [((), ""), (("0::/a",), "/a"), (("3:cpu:/", "2:memory:/kube/x:y", "0::/"), "/kube/x:y"), (("rubbish",), "rubbish")],
)
def test_the_longest_path(lines: tuple[str, ...], path: str) -> None:
    assert longest(lines) == path
