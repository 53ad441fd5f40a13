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


def comes_back(pod: Pod, container: Container) -> bool:
    """Whether the kubelet starts it again, and nothing else, as far as its own policy and rules say."""
    return (
        not pod.terminating
        and pod.phase == "Running"
        and not_started_again(container) is None
        and restarts_whole_pod(container) is None
    )


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
