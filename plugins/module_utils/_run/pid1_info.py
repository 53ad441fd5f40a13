# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""pid1_info: what PID 1 of each container would do with a signal. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import without_secrets
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import chosen, decide
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, look_at
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import resolve


def pid1_info(api: ClusterApi, clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module: `pods`, each with its `containers` and their facts and verdicts, and a `summary`."""
    began = clock.monotonic()
    signal = signal_number(params["signal"])
    target = resolve(api, params)
    looks = look_at(
        api,
        [(pod, container) for pod in target.pods for container in chosen(pod, params["containers"])],
        signal,
        params["shell"],
    )
    acting = [look for look in looks if _refusal(look) is None]
    return {
        "changed": False,
        "workload": target.workload.to_result() if target.workload else None,
        "pods": [_pod(list(group)) for _uid, group in groupby(looks, key=lambda look: look.pod.uid)],
        "all_in_place": bool(looks) and len(acting) == len(looks),
        "summary": {
            "pods": len(target.pods),
            "containers": len(looks),
            "in_place": len(acting),
            "seconds": round(clock.monotonic() - began, 2),
            "api_requests": api.requests,
        },
    }


def _pod(looks: list[Look]) -> dict[str, Any]:
    """One entry of `pods`."""
    pod = looks[0].pod
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "ip": pod.ip,
        "node": pod.node,
        "containers": [_container(look) for look in looks],
    }


def _container(look: Look) -> dict[str, Any]:
    """One entry of `pods[].containers`."""
    return {
        "name": look.container.name,
        "image": look.container.image,
        "container_id": look.container.container_id,
        "restart_count": look.container.restart_count,
        **look.verdict.to_result(),
        "in_place": _refusal(look) is None,
        "refusal": _refusal(look),
        "process": _process(look.facts) if look.facts else None,
    }


def _process(facts: ProcessFacts) -> dict[str, object]:
    """What was read about PID 1, as far as it may be shown."""
    result = facts.to_result()
    return result | {"command": without_secrets(facts.command) if facts.command is not None else None}


def _refusal(look: Look) -> str | None:
    """Why container_restart would send nothing to this container, or None."""
    return decide(look.pod, look.container, look.facts, look.verdict)
