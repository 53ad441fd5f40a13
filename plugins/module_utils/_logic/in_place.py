# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Decisions of an in-place restart: may this container be signalled, and how far has it come since. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict


def chosen(pod: Pod, names: Sequence[str] | None) -> tuple[Container, ...]:
    """The containers of those names, or all of the pod. Raises TargetError for a name that the pod does not have."""
    if not names:
        return pod.containers
    found = {name: pod.container(name) for name in names}
    if missing := [name for name, container in found.items() if container is None]:
        there = ", ".join(container.name for container in pod.containers)
        raise TargetError(f"{pod} has no container {', '.join(missing)}; it has {there}.")
    return tuple(container for container in found.values() if container is not None)


def unreadable(pod: Pod, container: Container) -> str | None:
    """Why no session can look at PID 1 of this container, or None if one can."""
    if pod.terminating:
        return "the pod is terminating"
    if pod.phase in ("Succeeded", "Failed"):
        return f"the pod has ended (phase {pod.phase}), nothing runs in it"
    if not container.running:
        detail = f" ({container.state_reason})" if container.state_reason else ""
        return f"it is not running: {container.state}{detail}, pod phase {pod.phase}"
    return None


def refusal(pod: Pod, container: Container) -> str | None:
    """Why this container must not be signalled, whatever its PID 1 would do; None if nothing speaks against it.

    The reason is worded for a reader who knows which container it is about. No option overrides it. The kubelet's side
    is in pkg/kubelet/container/helpers.go, ShouldContainerBeRestarted.
    """
    if reason := unreadable(pod, container):
        return reason
    if pod.host_pid:
        return "the pod uses hostPID: PID 1 is the node's own init, which is never signalled"
    if pod.share_process_namespace:
        return (
            "the pod shares its PID namespace: PID 1 is the pod's sandbox, "
            "and ending it would restart all containers and may change the IP"
        )
    if container.restart_policy == "Never":
        return "it would not be started again: its restartPolicy is Never"
    if container.restart_policy == "OnFailure":
        return (
            "it would be started again only after a non-zero exit code "
            "(restartPolicy OnFailure), and a process that handles a signal mostly exits with 0"
        )
    return None


def decide(
    pod: Pod, container: Container, facts: ProcessFacts | None, verdict: Verdict, *, force: bool = False
) -> str | None:
    """Why nothing is sent to this container, or None if the signal may go out.

    `force` overrides the verdict and nothing else: what cannot be reached, or would not come back, stays refused.
    """
    if reason := refusal(pod, container):
        return reason
    if facts is None:
        return verdict.reason
    if facts.may_signal is False:
        return f"the session's user (uid {facts.own_uid}) is not permitted to signal PID 1 (uid {facts.uid})"
    return None if verdict.acts or force else verdict.reason


class Stage(StrEnum):
    """How far a container has come since it was signalled."""

    UNTOUCHED = "untouched"
    """The same instance still runs."""
    DOWN = "down"
    """The old instance has ended, no new one runs yet."""
    STARTED = "started"
    """A new instance runs and is not Ready."""
    READY = "ready"
    """A new instance runs and is Ready: done."""
    LOST = "lost"
    """The pod is gone or going: this was no in-place restart."""


def stage(before: Container, now: Pod | None) -> Stage:
    """Compare the container as it was before the signal with its pod as it is now (None: the pod is gone).

    A success is a new container ID and a higher restart count, nothing less.
    """
    container = now.container(before.name) if now and not now.terminating else None
    if container is None:
        return Stage.LOST
    if not container.running:
        return Stage.DOWN
    if container.container_id == before.container_id or container.restart_count <= before.restart_count:
        return Stage.UNTOUCHED
    return Stage.READY if container.ready else Stage.STARTED
