# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role staged_restart: the stages, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stages import (
    fixed_time,
    plan_stages,
    staged_summary,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError


def restart_stages(stages: Any, namespace: str = "", start: str = "") -> dict[str, Any]:
    """Return the `stages` in their order, complete, and `faults`."""
    if isinstance(stages, str):
        try:
            stages = yaml.safe_load(stages)
        except yaml.YAMLError as error:
            return {"stages": [], "faults": [f"it is no YAML: {' '.join(str(error).split())}"]}
    planned, faults = plan_stages(stages, namespace, start)
    return {"stages": planned, "faults": faults}


def restart_since(older_than: str) -> str:
    """Return what it means now as a time. Raises AnsibleFilterError."""
    try:
        return fixed_time(older_than, datetime.now(UTC))
    except TargetError as error:
        raise AnsibleFilterError(f"restart_since: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "restart_stages": restart_stages,
            "restart_since": restart_since,
            "restart_stages_summary": staged_summary,
        }
