# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A preStop hook that is run from here, before the signal, as the kubelet would run it before its own. Pure.

What the kubelet does is in pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer, executePreStopHook) and
pkg/kubelet/lifecycle/handlers.go: the hook has the pod's grace period, what it takes of that the process has less, and
a hook that fails holds nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Patience
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container

#: Headers that the API server takes for its own, or that steer the connection to it.
NOT_PASSED_ON = frozenset(
    {"authorization", "connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}
)
NOT_PASSED_ON_BEGIN = ("impersonate-", "proxy-", "x-remote-")
#: However much the hook took: the kubelet leaves a process 2 seconds and tells of its end a moment later. Nobody kills
#: it here, so that there is no harm in waiting a little longer.
LEAST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class HookEnd:
    """How a hook ended: what it took, in seconds, and why it failed, empty if it did not."""

    seconds: float
    failure: str = ""
    unsent: str = ""
    """Why no signal was sent afterwards: the hook has ended the process itself, mostly."""

    def __str__(self) -> str:
        words = f"its preStop hook was run first, for {self.seconds:.1f} s"
        return f"{words}, and failed: {self.failure}" if self.failure else words

    def less(self, patience: Patience) -> Patience:
        """What is left for the process to end in."""
        return replace(patience, grace=max(patience.grace - self.seconds, LEAST_SECONDS))


def cannot_run(container: Container, prestop: str) -> str | None:
    """Why the container's hook, which `prestop` (`run`) says is to be run, cannot be run from here; None if it can.

    One that the kubelet could not run either is none of these: it fails, as it does there.
    """
    if prestop != "run" or container.pre_stop is None or container.pre_stop.http is None:
        return None
    reason = _not_through_the_server(container.pre_stop.http)
    return f"its preStop hook cannot be run from here (prestop: skip does without it): {reason}" if reason else None


def runs_first(container: Container, prestop: str) -> str:
    """What the plan says of a hook that is run, after a reason; empty where there is none, or it is not run."""
    if prestop != "run" or container.pre_stop is None:
        return ""
    return f"; its preStop hook ({container.pre_stop.kind}) is run first"


def _not_through_the_server(request: HttpGet) -> str:
    """Why the API server cannot make this request in the kubelet's place; empty if it can."""
    names = [name for name, _value in request.headers]
    taken = [name for name in names if name.lower() in NOT_PASSED_ON or name.lower().startswith(NOT_PASSED_ON_BEGIN)]
    if request.host:
        return f"it asks the host {request.host}, as the pod's node sees it"
    if taken:
        return f"the API server would take its header {', '.join(taken)} for its own"
    if ".." in request.path.partition("?")[0].split("/"):
        return "its path has '..', which would lead out of the API server's way to the pod"
    return ""
