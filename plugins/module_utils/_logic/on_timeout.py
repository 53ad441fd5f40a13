# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Decisions about a container that did not end in time. Pure."""

from __future__ import annotations

from signal import SIGKILL

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts

OTHERWISE = (
    "with via: image_alias the kubelet kills it after its grace period, with on_timeout: rollout its pod is replaced"
)


def cannot_be_killed(facts: ProcessFacts) -> str | None:
    """Why SIGKILL could not end this process from inside, and what to do; None if it could."""
    verdict = judge(facts, SIGKILL)
    if verdict.ends:
        return None
    return f"on_timeout is kill, and {verdict.reason}; {OTHERWISE}"
