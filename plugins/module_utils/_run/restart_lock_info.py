# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""restart_lock_info: which runs hold the locks of workloads, and waiting for their end. Reads only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder, Lockable, holder_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.holder import is_there, this_run
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock import seen_lock
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock_targets import lockables
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload


def restart_lock_info(api: ClusterApi, clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module. Raises TargetError, and LockHeld where one is held for longer than `lock_timeout`."""
    began, own = clock.monotonic(), this_run(os.environ)
    if params.get("name") is not None:  # whose lock nobody holds may also be misspelt
        get_workload(api, params["kind"], params["namespace"], params["name"])
    with waiting() as tell:
        wanted = lockables(api, params)
        seen = [(what, seen_lock(api, clock, what, own, params["lock_timeout"], tell)) for what in wanted]
    return {
        "changed": False,
        "locks": [_entry(what, lease, own) for what, lease in seen if lease],
        "summary": {
            "workloads": len(wanted),
            "seconds": round(clock.monotonic() - began, 2),
            "api_requests": api.requests,
        },
    }


def _entry(what: Lockable, lease: JsonObject, own: Holder) -> JsonObject:
    """One entry of `locks`."""
    spec, holder = lease["spec"], holder_of(lease)
    return {
        "namespace": what.namespace,
        "kind": what.kind,
        "name": what.name,
        "lease": what.lease_name,
        "holder": holder.identity,
        "acquired": spec.get("acquireTime"),
        "renewed": spec.get("renewTime"),
        "there": is_there(holder, own),
    }
