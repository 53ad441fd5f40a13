# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which process of a container is meant: its first one, or one by name. Pure.

Where a pod shares its PID namespace, the cgroup of a process tells whose it is. With a cgroup namespace of its own a
container sees itself at / and its siblings at /../NAME; otherwise everybody sees the whole path. Either way the runtime
has put the container's ID into NAME (man 7 cgroup_namespaces; containerd, CRI-O and cri-dockerd, each with both of the
kubelet's cgroup drivers).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import (
    MAX_PROCESSES,
    ListedProcess,
    ProcessList,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts

#: What comm has room for.
COMM_LENGTH = 15
MOST_NAMED = 20


class ProcessNotFound(SafeRestartError):
    """No such process was found, or more than one: the message has what was found instead."""


class NoSuchName(ProcessNotFound):
    """None of the container's processes has the name that was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in each container: the first process, or the one called `name`.

    `workers`: its children are asked for as well. `sandbox`: PID 1 of the pod's shared PID namespace, whosever it is.
    """

    name: str | None = None
    workers: bool = False
    sandbox: bool = False

    def needs_list(self, pod: Pod) -> bool:
        """Whether the processes have to be listed: PID 1 of a container with its own PID namespace needs no search."""
        return not self.sandbox and (self.name is not None or self.workers or pod.share_process_namespace)

    def find(self, listing: ProcessList, pod: Pod, container: Container, *, own: bool) -> ListedProcess:
        """The process. `own`: the session is in this very container, not in a sibling. Raises ProcessNotFound."""
        if not listing.complete:
            raise ProcessNotFound(f"more than {MAX_PROCESSES} processes are there, not all of them could be looked at")
        mine: Sequence[ListedProcess] = listing.processes
        if pod.share_process_namespace:
            mine = _of_container(listing, container, own=own)
        return _first(mine) if self.name is None else _named(mine, self.name)


#: The first process, whichever it is.
FIRST = Wanted()


def belongs(path: str, shell: str, container: Container, *, own: bool) -> bool:
    """Whether a process with that cgroup is one of the container's; `shell` is the cgroup of the session's shell."""
    if (found := _has_id(path, container)) or not own:
        return found
    return not _has_id(shell, container) and not path.startswith("/..")


def foreign_init(container: Container, facts: ProcessFacts, *, own: bool) -> bool:
    """Whether the PID 1 that was read is another's: that of the pod's sandbox, or of the session's own container.

    `own`: the session is in this very container. False too where its cgroup could not be read.
    """
    path = longest(facts.cgroup)
    return facts.pid == 1 and bool(path) and not belongs(path, longest(facts.own_cgroup), container, own=own)


def longest(lines: Iterable[str]) -> str:
    """The path that says most of the lines of /proc/PID/cgroup: with cgroup v1 a process is at the root of some."""
    return max((line.split(":", 2)[-1] for line in lines), key=len, default="")


def _has_id(path: str, container: Container) -> bool:
    """Whether a part of the path has the container's ID in it."""
    identifier = container.container_id.rpartition("/")[2]
    return bool(identifier) and identifier in path


def _of_container(listing: ProcessList, container: Container, *, own: bool) -> list[ListedProcess]:
    """The container's processes. PID 1 never is among them: it is the sandbox's."""
    mine = [entry for entry in listing.processes if belongs(entry.cgroup, listing.own_cgroup, container, own=own)]
    if not mine:
        raise ProcessNotFound(f"no process has the ID of container {container.name} in its cgroup{_there(listing)}")
    if any(entry.pid == 1 for entry in mine):
        raise ProcessNotFound("the processes' cgroups do not tell the pod's containers apart")
    return mine


def _first(processes: Iterable[ListedProcess]) -> ListedProcess:
    """The one that the runtime started first: sessions in the container have a parent outside as well, but came later.

    Raises ProcessNotFound.
    """
    started = [entry for entry in processes if entry.ppid == 0]
    if not started:
        raise ProcessNotFound("no process of the container has a parent outside the PID namespace")
    first = min(started, key=lambda entry: (entry.start_time, entry.pid))
    if first.ended:  # its other threads may live on: the next one is no first process, but somebody's session
        raise ProcessNotFound(f"the first process of the container, {first}, has ended or lost its first thread")
    return first


def _named(processes: Sequence[ListedProcess], name: str) -> ListedProcess:
    """The one of that name whose parent does not have it as well: of a master and its workers, the master."""
    found = {entry.pid: entry for entry in processes if _is_called(entry, name) and not entry.ended}
    if not found:
        there = some_of((entry for entry in processes if not entry.ended), MOST_NAMED)
        raise NoSuchName(f"no process is called {name!r}; there are {there}")
    heads = [entry for entry in found.values() if entry.ppid not in found]
    if len(heads) != 1:
        found_them = some_of(heads, MOST_NAMED)
        raise ProcessNotFound(f"{len(heads)} processes are called {name!r}, none the other's parent: {found_them}")
    return heads[0]


def _is_called(process: ListedProcess, name: str) -> bool:
    program = posixpath.basename(process.program)
    return name in (process.name, program) or (not program and name[:COMM_LENGTH] == process.name)


def _there(listing: ProcessList) -> str:
    return f"; there are {some_of(listing.processes, MOST_NAMED)}" if listing.processes else ""
