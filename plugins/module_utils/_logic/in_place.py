# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Decisions of an in-place restart: may this container be signalled, and how far has it come since. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import Measured
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import foreign_init
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_policy import (
    not_started_again,
    restarts_whole_pod,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import ONLY_KERNEL
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind

#: A kubelet reports a restart within seconds; a minute is on the safe side.
YOUNG_SECONDS = 60.0
#: Boot time and status have whole seconds; more than that is another instance.
LATE_SECONDS = 3.0
#: Why nothing is sent into such a pod.
HOST_PID = "the pod uses hostPID: PID 1 is the node's own init, and no process of such a pod is ever signalled"
#: The runtime makes the process a moment before it starts the container.
EARLY_SECONDS = 10.0


def chosen(pod: Pod, names: Sequence[str] | None) -> tuple[Container, ...]:
    """The containers of those names, or all of the pod for None. Raises TargetError for names that it does not have."""
    if names is None:
        return pod.containers
    if not names:
        raise TargetError("containers is an empty list: leave it out to take all containers.")
    found = {name: pod.container(name) for name in names}
    if missing := [name for name, container in found.items() if container is None]:
        there = ", ".join(container.name for container in pod.containers)
        raise TargetError(f"{pod} has no container {', '.join(missing)}; it has {there}.")
    return tuple(container for container in found.values() if container is not None)


def in_turn(pod: Pod, names: Sequence[str] | None) -> tuple[Container, ...]:
    """The same, in the order in which they are restarted: as they are named, or else as the kubelet starts them.

    Native sidecars come first, in their order, then the others in theirs: what was started after another one, because
    it needs it, finds the new instance and not the old one.
    """
    return chosen(pod, names) if names else tuple(sorted(chosen(pod, names), key=lambda entry: not entry.sidecar))


def unreadable(pod: Pod, container: Container) -> str | None:
    """Why no session can look at PID 1 of this container, or None if one may and can."""
    if pod.host_pid:
        return HOST_PID
    return not_running(pod, container)


def not_running(pod: Pod, container: Container) -> str | None:
    """Why there is nothing to be restarted, or None if there is."""
    if pod.terminating:
        return "the pod is terminating"
    if pod.phase in ("Succeeded", "Failed"):
        return f"the pod has ended (phase {pod.phase}), nothing runs in it"
    if not container.running:
        detail = f" ({container.state_reason})" if container.state_reason else ""
        return f"it is not running: {container.state}{detail}, pod phase {pod.phase}"
    return None


def refusal(pod: Pod, container: Container, *, whole_pod: bool = False) -> str | None:
    """Why this container must not be signalled, whatever its PID 1 would do; None if nothing speaks against it.

    The reason is worded for a reader who knows which container it is about. No option overrides it. `whole_pod`: all
    containers of the pod are meant to be restarted.
    """
    reason = unreadable(pod, container) or not_started_again(container)
    return reason or (None if whole_pod else restarts_whole_pod(container))


def decide(
    pod: Pod,
    container: Container,
    facts: ProcessFacts | None,
    verdict: Verdict,
    *,
    skip_prestop: bool,
    force: bool = False,
    try_unknown: bool = False,
    own: bool = True,
    known: Measured | None = None,
    whole_pod: bool = False,
) -> str | None:
    """Why nothing is sent to this container, or None if the signal may go out. `own`: the session is in the container.

    `force` overrides the verdict, `try_unknown` one that is `unknown`, `skip_prestop` that there is a preStop hook, and
    none of them anything else: what cannot be reached, or would not come back, stays refused. `known` is what the
    signal did to the same program before, which counts for more than the verdict. For `whole_pod` see refusal().
    """
    reason = refusal(pod, container, whole_pod=whole_pod) or hook_is_skipped(container, skip_prestop=skip_prestop)
    if reason:
        return reason
    if facts is None:
        return verdict.reason
    if reason := not_to_be_signalled(pod, container, facts, own=own):
        return reason
    if known and not force and known.decides(container, facts, verdict):
        return None if known.ended else known.reason
    if verdict.ends or (try_unknown and verdict.kind is VerdictKind.UNKNOWN):
        return None
    # What is certain to be dropped is not sent just because somebody insists.
    return None if force and verdict.signal not in ONLY_KERNEL else verdict.reason


def not_to_be_signalled(pod: Pod, container: Container, facts: ProcessFacts, *, own: bool = True) -> str | None:
    """Why this process must not, or cannot, be signalled on behalf of the container, whatever is asked for.

    `own`: the session is in the container, not in another one.
    """
    foreign = foreign_init(container, facts, own=own)
    if foreign and not own:
        return "PID 1 is not the container's, by its cgroup: the session is not in the container's PID namespace"
    if foreign or (pod.share_process_namespace and facts.pid == 1):
        return (
            "the pod shares its PID namespace: PID 1 is the pod's sandbox, "
            "and ending it would restart all containers and may change the IP"
        )
    return not_permitted(facts)


def not_permitted(facts: ProcessFacts) -> str | None:
    """Why the kernel would not let the session signal this process; None if it would, or that is not known."""
    if facts.may_signal is False:
        return f"the session's user (uid {facts.own_uid}) is not permitted to signal PID {facts.pid} (uid {facts.uid})"
    return None


def hook_is_skipped(container: Container, *, skip_prestop: bool) -> str | None:
    """Why a container with a preStop hook is not to be signalled; None if it has none or that is accepted."""
    if not container.pre_stop or skip_prestop:
        return None
    return "it has a preStop hook, which would not run (prestop: skip accepts that, container_restart can run it first)"


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


def is_another_instance(told: Container, facts: ProcessFacts) -> bool:
    """Whether PID 1 was started after the container that the pod's status tells of: the status was behind.

    A restart in between would be taken for ours. Both times are of the node's clock. Only a young process can be the
    result of such a restart; of an old one the clock may have been set since.
    """
    if told.started_at is None or facts.started_at is None or facts.age is None or facts.age > YOUNG_SECONDS:
        return False
    return (facts.started_at - told.started_at).total_seconds() > LATE_SECONDS


def is_told_instance(told: Container, facts: ProcessFacts) -> bool:
    """Whether the process was started when the container was, by the pod's status: then it is no other pod's."""
    if told.started_at is None or facts.started_at is None:
        return False
    return -EARLY_SECONDS <= (facts.started_at - told.started_at).total_seconds() <= LATE_SECONDS


def stage(before: Container, pod_was_ready: bool, now: Pod | None) -> Stage:
    """Compare the container as it was before the signal with its pod as it is now (None: the pod is gone).

    A success is a new container ID and a higher restart count, nothing less, and a pod that is Ready if it was before:
    readiness gates and other containers count.
    """
    container = now.container(before.name) if now and not now.terminating else None
    if now is None or container is None:
        return Stage.LOST
    if not container.running:
        return Stage.DOWN
    if container.container_id == before.container_id or container.restart_count <= before.restart_count:
        return Stage.UNTOUCHED
    return Stage.READY if container.ready and (now.ready or not pod_was_ready) else Stage.STARTED
