# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""May a pod's sandbox be ended from inside, and has the kubelet said that it was. Pure.

What follows is decided in pkg/kubelet/kuberuntime: PodSandboxChanged (util/util.go) and computePodActions.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import belongs, longest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    HOST_PID,
    not_permitted,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict

#: The reason of the kubelet's event (pkg/kubelet/events/event.go).
SANDBOX_CHANGED = "SandboxChanged"


def refusal(pod: Pod, *, skip_prestop: bool) -> str | None:
    """Why the sandbox of this pod cannot or must not be ended, whatever its process would do; None if it may."""
    running = [container for container in pod.containers if container.running]
    never = ", ".join(container.name for container in running if container.restart_policy == "Never")
    hooks = ", ".join(container.name for container in running if container.pre_stop)
    reasons = (
        (
            pod.host_pid,
            HOST_PID,
        ),
        (
            not pod.share_process_namespace,
            (
                "the pod does not share its PID namespace (shareProcessNamespace), so that its containers do not see"
                " the sandbox's process: there is no way to end it from inside the pod; delete the pod instead"
            ),
        ),
        (pod.terminating, "the pod is terminating"),
        (not running, f"none of its containers is running (phase {pod.phase})"),
        (never, f"not everything would be started again: the restartPolicy of {never} is Never"),
        (hooks and not skip_prestop, f"the preStop hook of {hooks} would not run"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def not_the_sandbox(pod: Pod, inside: Container, facts: ProcessFacts) -> str | None:
    """Why PID 1, as seen from inside this container, is not known to be the sandbox's; None if it is.

    A sandbox is no container of the pod: its cgroup has the ID of none of them.
    """
    path, own = longest(facts.cgroup), longest(facts.own_cgroup)
    if facts.pid != 1 or not facts.is_init:
        return f"PID {facts.pid} is not the first process of the PID namespace"
    if not path:
        return "the cgroup of PID 1 could not be read"
    owner = next((entry for entry in pod.containers if belongs(path, own, entry, own=entry.name == inside.name)), None)
    return f"PID 1 ({facts.name}) belongs to container {owner.name} by its cgroup" if owner else None


def decide(pod: Pod, inside: Container, facts: ProcessFacts | None, verdict: Verdict) -> str | None:
    """Why nothing is sent to the sandbox's process, or None if the signal may go out. No option overrides it."""
    if facts is None:
        return verdict.reason
    if reason := not_the_sandbox(pod, inside, facts) or not_permitted(facts):
        return reason
    return None if verdict.ends else verdict.reason


def events_seen(events: Sequence[JsonObject]) -> dict[str, int]:
    """How often the kubelet has said so, by the event's UID: it counts one up rather than writing another."""
    return {
        event["metadata"]["uid"]: int((event.get("series") or {}).get("count") or event.get("count") or 1)
        for event in events
        if event.get("reason") == SANDBOX_CHANGED
    }
