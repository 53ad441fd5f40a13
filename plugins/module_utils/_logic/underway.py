# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers that are being restarted already, by an earlier run that was killed or by somebody else. Pure.

They are not to be signalled again, only waited for. The pod's status tells of it late: the kubelet looks for ended
containers once a second (pkg/kubelet/pleg/generic.go). A session says it at once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import name_to_put_back
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_policy import (
    not_started_again,
    restarts_whole_pod,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod

#: How the kubelet (GetExec in kubelet_pods.go) and runtimes (containerd, CRI-O, runc, crun) say that nothing runs.
_ENDED = re.compile(
    r"container not found|no such container|no running task found|in a (stopped|deleted) (container|state)"
    r"|container is in CONTAINER_EXITED state|is not (created or )?running",
    re.IGNORECASE,
)


def says_ended(words: str) -> bool:
    """Whether a session could not be had because the container has ended."""
    return bool(_ENDED.search(words))


def says_unknown(words: str) -> bool:
    """Whether a kubelet says that it does not know the pod: one that starts again has not been told of its pods yet.

    The API server, which asks it, knows the pod, or says that otherwise (getExec in pkg/kubelet/server/server.go).
    """
    return "pod does not exist" in words


def comes_back(pod: Pod, container: Container, *, whole_pod: bool = False) -> bool:
    """Whether the kubelet starts it again, and, but for `whole_pod`, nothing else, by its own policy and rules."""
    return (
        not pod.terminating
        and pod.phase == "Running"
        and not_started_again(container) is None
        and (whole_pod or restarts_whole_pod(container) is None)
    )


def restarting_all(pod: Pod, moment: datetime) -> str:
    """Why a pod is waited for: its kubelet has been restarting all containers since; empty if that is not so.

    Once the old ones are removed that is so for as long as one of the new ones does not run.
    """
    told = pod.all_restarting
    if told is None or told.since is None or pod.terminating or pod.phase in ("Succeeded", "Failed"):
        return ""
    if told.active:
        return f"the kubelet is restarting all containers of the pod, since {told.since:%H:%M:%SZ} (older_than)"
    made_before = pod.created_at is None or pod.created_at < moment
    if told.since < moment or not made_before or all(entry.running for entry in pod.containers):
        return ""
    return (
        f"the kubelet has ended all containers of the pod at {told.since:%H:%M:%SZ} already, "
        "and is starting them again (older_than)"
    )


def before_restarting_all(pod: Pod, container: Container) -> Container:
    """What a container was before that restart, where it is not what the pod's status tells of."""
    if pod.all_restarting and pod.all_restarting.active:
        return container if container.running else replace(container, restart_count=container.restart_count - 1)
    return replace(container, container_id="", restart_count=container.restart_count - 1)


def ended_since(pod: Pod, container: Container, moment: datetime) -> str:
    """Why a container that is down is waited for: it has ended since that moment; empty if that is not so."""
    ended = container.termination.finished_at if container.termination else None
    if container.running or ended is None or ended < moment or not comes_back(pod, container):
        return ""
    if name_to_put_back(pod, container):
        return ""
    return f"it has ended at {ended:%H:%M:%SZ} already, and is being started again (older_than)"


def not_back_yet(container: Container, now: datetime, patience: float) -> Container | None:
    """What a young container was before it was restarted, where it is not Ready yet and may still become so in time.

    `patience` is how long, in seconds, whoever has restarted it would wait.
    """
    if not container.running or container.ready or container.restart_count < 1 or container.started_at is None:
        return None
    if now >= container.started_at + timedelta(seconds=patience):
        return None
    return replace(container, container_id="", restart_count=container.restart_count - 1)
