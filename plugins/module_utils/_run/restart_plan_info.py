# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""restart_plan_info: what container_restart would do, and why. Nothing is touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_restart import container_restart

#: What container_restart does with a container.
_ACTS = ("signal", "patch", "along")


def restart_plan_info(api: ClusterApi, clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module: the plan of container_restart's check mode, and what follows from it.

    A refusal is an answer. What container_restart calls wrong before it looks at anything (TargetError) is an error.
    """
    reason = ""
    try:
        result = container_restart(api, clock, params, check_mode=True)
    except RestartFailed as error:
        result, reason = error.result, str(error)
    acts = [entry for entry in result["plan"] if entry["action"] in _ACTS]
    containers = [entry for entry in result["plan"] if "container" in entry]
    if not reason and not acts:
        reason = "There is no container that would be restarted."
    other = "rollout_restart" if result["workload"] else "none"
    return {
        "changed": False,
        "possible": not reason,
        "strategy": other if reason else "in_place",
        "reason": reason,
        "workload": result["workload"],
        "plan": result["plan"],
        "summary": {
            "containers": len(containers),
            "restarted": 0 if reason else len(acts),
            "left": len(containers) if reason else len(containers) - len(acts),
            "seconds": result["summary"]["seconds"],
            "api_requests": result["summary"]["api_requests"],
        },
        "warnings": result["warnings"],
    }
