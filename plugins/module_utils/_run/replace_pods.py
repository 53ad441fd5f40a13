# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods replaced by deletion: by their controllers, some at a time; new ones are Ready before the next ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import PodOutcome
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod


@dataclass(frozen=True, slots=True)
class How:
    """How pods are replaced.

    `groups` are the owners of all the pods, as read_groups() in owners.py reads them: each with its max_unavailable.
    """

    groups: Sequence[Group]
    method: Literal["delete", "evict"] = "evict"
    grace_seconds: int | None = None
    """None: the pod's own; 0 removes the object at once, without word from the kubelet."""
    min_ready_seconds: int | None = None
    """None: as the owner says, and a moment where no probe speaks for a container."""
    renew: bool = False
    """Count the deadline's seconds anew whenever one more pod is replaced."""


def replace_pods(
    api: ClusterApi,
    clock: Clock,
    deadline: Deadline,
    namespace: str,
    selector: str,
    listing: Listing,
    pods: Sequence[Pod],
    how: How,
) -> tuple[list[PodOutcome], str | None]:
    """Replace `pods` in that order, each owner's in a window of their own, until all are replaced or one cannot be.

    `listing` was made with the label selector `selector`, and has all pods of the owners, also those that are to stay.
    Returns what became of each of `pods`, as far as it got, and what went wrong: a text without a full stop, or None.
    """
    raise NotImplementedError
