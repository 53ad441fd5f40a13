# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is done around every restart: it holds a lock, and the cluster's users are told what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import Holder
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_event import restart_events
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._run.events import write_events
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock import locked

Work = Callable[[ClusterApi, Clock, Mapping[str, Any], bool], dict[str, Any]]


def accounted(work: Work, holder: Holder) -> Work:
    """The same work, for a module with the options of ACCOUNT.

    Raises LockHeld with nothing touched, and what the work raises.
    """

    def run(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
        failure = None
        with locked(api, clock, params, check_mode, holder) as guard:
            try:
                result = work(guard.api, clock, params, check_mode)
            except RestartFailed as error:
                failure, result = error, error.result
        warnings = guard.warnings
        if params["events"] and not check_mode:
            who, why = holder.identity, params["reason"]
            events = restart_events(result, who, why, clock.now(), failed=failure is not None)
            warnings += write_events(api, clock, events)
        result["warnings"] = [*result.get("warnings", []), *warnings]
        result["summary"]["api_requests"] = api.requests
        if failure:
            raise failure
        return result

    return run
