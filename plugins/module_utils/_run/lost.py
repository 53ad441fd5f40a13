# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers that were restarted and are not well any more: they ended, or are not Ready, while others were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.window import Window
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import ContainerOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step


def lost(steps: Iterable[Step], window: Window) -> Iterator[tuple[Step, ContainerOutcome]]:
    """Those of which the watch says so, and what their outcomes really are."""
    for step in (one for leader in steps for one in (leader, *leader.followers)):
        pod, outcome = window.pod(step.pod.uid), step.outcome
        now = pod.container(step.container.name) if pod else None
        if outcome is None or outcome.outcome != "restarted" or outcome.after is None or now is None:
            continue
        # The watch may be behind of what the outcome was told by.
        same = now.container_id == outcome.after.container_id
        if now.restart_count > outcome.after.restart_count or (same and not (now.running and now.ready)):
            state = f"{now.state} {now.state_reason}".strip()
            reason = f"its new instance ended, or is not Ready, after all ({state})"
            yield step, replace(outcome, outcome="failed", reason=reason, after=now)


def is_well(api: ClusterApi, step: Step) -> bool:
    """Whether the pod itself says otherwise: its new instance is the same, and Ready."""
    try:
        pod = Pod.from_object(api.get(POD, step.pod.namespace, step.pod.name))
    except SafeRestartError:
        return False
    now = pod.container(step.container.name) if pod.uid == step.pod.uid else None
    after = step.outcome.after if step.outcome else None
    return bool(now and after and now.container_id == after.container_id and now.running and now.ready)
