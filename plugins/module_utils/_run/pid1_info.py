# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""pid1_info: what PID 1 of each container would do with a signal. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import without_secrets
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import Basis
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import chosen, decide
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.prestop import cannot_run
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_counts
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import left_at_zero
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import known
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, look_at
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: Of a reason why a pod is not Ready: a container may leave a message of any length.
MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out about PID 1 of a container, and why container_restart would send nothing to it, or None.

    `basis` is what that rests on.
    """

    look: Look
    refusal: str | None
    basis: Basis


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
    seen = [_seen(target, look, params["prestop"]) for look in looks]
    acting = [entry for entry in seen if entry.refusal is None]
    return {
        "changed": False,
        "workload": target.workload.to_result() if target.workload else None,
        "wanted": rollout_counts(target.obj)["wanted"] if target.obj else None,
        "pods": [_pod(target, list(group)) for _uid, group in groupby(seen, key=lambda entry: entry.look.pod.uid)],
        "left_at_zero": (left_at_zero(target.obj) if target.obj else "") or None,
        "all_in_place": bool(seen) and len(acting) == len(seen),
        "summary": {
            "pods": len(target.pods),
            "containers": len(seen),
            "in_place": len(acting),
            "seconds": round(clock.monotonic() - began, 2),
            "api_requests": api.requests,
        },
    }


def _seen(target: Target, look: Look, prestop: str) -> Seen:
    """The decision, as container_restart makes it with that option."""
    before, skip = known(target, look), prestop != "refuse"
    refused = decide(look.pod, look.container, look.facts, look.verdict, skip_prestop=skip, own=look.own, known=before)
    basis = before.basis(refused) if before else "forecast"
    return Seen(look, refused or cannot_run(look.container, prestop), basis)


def _pod(target: Target, entries: list[Seen]) -> dict[str, Any]:
    """One entry of `pods`."""
    pod = entries[0].look.pod
    not_ready = {} if pod.ready else {"not_ready": _why_not_ready(target, pod.uid)}
    return not_ready | {
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "ip": pod.ip,
        "node": pod.node,
        "ready": pod.ready,
        "containers": [_container(entry) for entry in entries],
    }


def _why_not_ready(target: Target, uid: str) -> str:
    """What the pod's status says of that."""
    # Only here: mostly all pods are Ready, and what is not read takes no time.
    from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import pod_failure

    failure = pod_failure(next(obj for obj in target.listing.items if obj["metadata"]["uid"] == uid))
    return "; ".join(failure.reasons)[:MOST_CHARACTERS] if failure else "it is being deleted"


def _container(entry: Seen) -> dict[str, Any]:
    """One entry of `pods[].containers`."""
    container, facts = entry.look.container, entry.look.facts
    return {
        "name": container.name,
        "image": container.image,
        "container_id": container.container_id,
        "restart_count": container.restart_count,
        **entry.look.verdict.to_result(),
        "in_place": entry.refusal is None,
        "refusal": entry.refusal,
        "basis": entry.basis,
        "process": _process(facts) if facts else None,
    }


def _process(facts: ProcessFacts) -> dict[str, object]:
    """What was read about PID 1, as far as it may be shown."""
    command = None if facts.command is None else without_secrets(facts.command)
    return facts.to_result() | {"command": command}
