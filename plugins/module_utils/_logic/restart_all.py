# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One container whose end restarts all containers of its pod, by a rule of its own (RestartAllContainers). Pure.

What the kubelet does then (Kubernetes 1.36, pkg/kubelet): it ends the other containers, without their preStop hooks,
and with 2 seconds between SIGTERM and SIGKILL (SyncPod and killContainer in kuberuntime), removes all of them, those
that had ended too, and starts the pod from its first init container on. The sandbox stays, with the pod's IP, and so do
volumes. As nothing is left of the old containers it makes none of the new ones wait (doBackOff).
"""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.back_off import BackOff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import not_running
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_policy import (
    EXIT_CODES,
    WHOLE_POD,
    ranges,
    whole_pod_codes,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod

#: The way's name, as the option `via` has it.
RESTART_ALL = "restart_all_containers"
#: Seconds that the kubelet makes them wait.
NO_BACK_OFF = BackOff(0, 0, 0, "the kubelet removes all containers of the pod before it starts them")
#: What a program that ends on a signal ends with, as a rule: 0, or this and the signal's number.
_BY_SIGNAL = 128


def can_trigger(container: Container) -> bool:
    """Whether the end of this one may restart all containers of its pod."""
    return bool(whole_pod_codes(container))


def no_trigger(pod: Pod) -> str:
    """Why a pod cannot be restarted in this way."""
    names = ", ".join(entry.name for entry in pod.containers if can_trigger(entry))
    if names:
        return f"of the containers that are named none has a rule {WHOLE_POD}; in this pod {names} has"
    return (
        f"no container of the pod has a rule {WHOLE_POD} in its restartPolicyRules, so that none brings about the "
        "restart of all"
    )


def unlikely(container: Container, signal: int, signal_name: str) -> str | None:
    """Why the rule of this one will hardly come into effect on the signal, or None. `force` overrides it."""
    codes, usual = whole_pod_codes(container), (0, _BY_SIGNAL + signal)
    if any(code in codes for code in usual):
        return None
    return (
        f"all containers of the pod are restarted only if it ends with exit code {ranges(codes)}, and what ends on "
        f"{signal_name} mostly ends with {usual[0]} or {usual[1]} (force: true sends it all the same)"
    )


def what_follows(container: Container, along: int) -> str:
    """What its end brings about, in a few words for the plan; `along` is how many others there are."""
    codes = whole_pod_codes(container)
    others = f"its rule {WHOLE_POD} restarts {along} more container{'s' * (along != 1)} of the pod with it"
    if len(codes) == len(EXIT_CODES):
        return others
    return f"{others} if it ends with exit code {ranges(codes)}, and otherwise it alone is restarted"


def cannot_go_along(pod: Pod, container: Container, *, skip_prestop: bool) -> str | None:
    """Why this container of the pod must not be restarted with the others, or None."""
    if container in pod.run_once:
        return None
    if reason := not_running(pod, container):
        return reason
    if container.pre_stop and not skip_prestop:
        return "it has a preStop hook, which the kubelet does not run then (prestop: skip accepts that)"
    return None


def goes_along(pod: Pod, container: Container, trigger: Container) -> str:
    """What happens to it, for the plan."""
    again = "runs once more" if container in pod.run_once else "is ended, killed after 2 s, and started again"
    return f"it {again} when container {trigger.name} ends"


def became(before: Container, after: Container | None, kind: OutcomeKind, *, once: bool) -> tuple[OutcomeKind, str]:
    """What became of one that was to go along, and why that is known. `kind` is the outcome of the one that ended.

    `once`: an init container, which is over when the others run.
    """
    if kind == "unchanged":
        return "unchanged", "the container that it was to go along with has not ended"
    if after is None:
        return "failed", "what became of it was not seen"
    if after.container_id and after.container_id == before.container_id:
        return "unchanged", "it was not restarted with the others"
    counted = after.restart_count > before.restart_count
    if counted and once and _succeeded(after):
        return "restarted", "it ran again"
    if counted and after.running and after.ready:
        return "restarted", "a new instance of the container is Ready"
    state = f"{after.state} {after.state_reason}".strip()
    return "failed", f"it was not restarted as it was before ({state}, restart count {after.restart_count})"


def _succeeded(container: Container) -> bool:
    """Whether it ran to its end, and well."""
    ended = container.termination
    return container.state == "terminated" and ended is not None and ended.exit_code == 0
