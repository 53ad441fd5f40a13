# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A context of a kubeconfig: which cluster, as whom. Names only, nothing that anybody could log in with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KubeContext:
    """One context, and what it takes to use it."""

    name: str
    kubeconfig: str
    """Path of its file, or of several with colons between them, which clients merge."""
    cluster: str
    """Name of the cluster's entry."""
    server: str
    """URL of the API server, without a user in it; empty where there is no such entry."""
    user: str
    """Name of the user's entry."""
    namespace: str
    current: bool
    """It is the kubeconfig's current context."""
