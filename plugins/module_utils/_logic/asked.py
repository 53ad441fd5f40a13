# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What of a module's options is told where a run is recorded: what it was asked to do, and never a secret. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: An option that is not among these is left out: definitions, patches, the values of variables and addresses may hold
#: what is nobody's business, and how the cluster was reached is not what was asked.
TOLD = (
    "namespace",
    "kind",
    "name",
    "pod",
    "pods",
    "label_selectors",
    "select",
    "containers",
    "older_than",
    "signal",
    "expect",
    "process",
    "via",
    "method",
    "to_revision",
    "max_unavailable",
    "max_failures",
    "disruption_budget",
    "gates",
    "prestop",
    "unknown",
    "force",
    "on_refused",
    "on_backoff",
    "on_timeout",
    "on_failure",
    "below_partition",
    "remember",
    "grace_seconds",
    "min_ready_seconds",
    "wait",
    "wait_timeout",
    "lock",
)


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that may be told and have a value, those first that say what it is about."""
    return {name: options[name] for name in TOLD if options.get(name) not in (None, "", [], {})}
