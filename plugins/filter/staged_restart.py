# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role staged_restart: the stages, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stages import plan_stages, staged_summary


def restart_stages(stages: Any, namespace: str = "", start: str = "") -> dict[str, Any]:
    """Return the `stages` in their order, complete, and `faults`."""
    planned, faults = plan_stages(stages, namespace, start)
    return {"stages": planned, "faults": faults}


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., dict[str, Any]]]:
        return {"restart_stages": restart_stages, "restart_stages_summary": staged_summary}
