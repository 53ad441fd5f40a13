# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""rollout_info: how far a rollout is, and which revisions there are. Two requests, nothing changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import without_secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.revisions import (
    Revision,
    comparable,
    current,
    find,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import (
    rollout_counts,
    rollout_status,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.template_text import unified
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.plugins.module_utils._run.history import read_history
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import template_diff
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import get_workload


def rollout_info(api: ClusterApi, _clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module. Raises TargetError for a workload or a revision that does not exist."""
    compare: Sequence[int] | None = params["compare"]
    if compare is not None and len(compare) != 2:
        raise TargetError(f"compare takes two revisions, and {len(compare)} are given; 0 is the current template.")
    workload, obj = get_workload(api, params["kind"], params["namespace"], params["name"])
    revisions = read_history(api, workload)
    now = current(workload, obj, revisions)

    def template(number: int) -> JsonObject:
        found = workload.type.template(obj) if number == 0 else find(workload, obj, revisions, number).template
        return comparable(found)

    result: dict[str, Any] = {
        "changed": False,
        "workload": workload.to_result(),
        "status": _status(workload, obj),
        "revisions": [_entry(entry, now) for entry in revisions],
    }
    if params["revision"] is not None:
        result["template"] = without_secret_values(template(params["revision"]))
    if compare is not None:
        before, after = (template(number) for number in compare)
        headers = [f"{workload}, {f'revision {number}' if number else 'the current template'}" for number in compare]
        names = {"before_header": headers[0], "after_header": headers[1]}
        result["diff"] = template_diff(workload, before, after) | names
        result["diff_text"] = unified(before, after, *headers)
    return result


def _status(workload: Workload, obj: JsonObject) -> JsonObject:
    """How far the rollout is."""
    status = rollout_status(obj)
    return {
        "done": status.done,
        "failed": status.failed,
        "message": status.message,
        "paused": workload.paused,
        "generation": obj["metadata"].get("generation"),
        "observed_generation": (obj.get("status") or {}).get("observedGeneration"),
        **rollout_counts(obj),
    }


def _entry(revision: Revision, now: Revision | None) -> JsonObject:
    """A revision as the module returns it."""
    return {
        "revision": revision.number,
        "name": revision.name,
        "created": revision.created,
        "change_cause": revision.change_cause,
        "current": revision == now,
        "replicas": revision.replicas,
        "ready": revision.ready,
    }
