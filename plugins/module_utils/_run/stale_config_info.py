# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""stale_config_info: pods that run with what their ConfigMaps and Secrets were. Reads metadata only, never a value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.owner import owner_of
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stale_config import Stale, changed_at, stale
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.config_use import config_uses
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, POD, SECRET, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.nodes import PARALLEL
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import require_name, require_namespace

#: Of objects that a warning names.
MOST_NAMED = 3
_RESOURCES = {resource.kind: resource for resource in (CONFIG_MAP, SECRET)}
#: Kind and name of an object.
_Key = tuple[str, str]


def stale_config_info(api: ClusterApi, clock: Clock, params: Mapping[str, Any], _check_mode: bool) -> dict[str, Any]:
    """The result of the module. Raises TargetError for a namespace that does not exist."""
    began, namespace = clock.monotonic(), params["namespace"]
    require_name("namespace", namespace)
    found = [
        (pod, uses)
        for obj in api.list(POD, namespace, ",".join(params["label_selectors"])).items
        if not (pod := Pod.from_object(obj)).terminating
        for uses in [[use for use in config_uses(obj) if use.use in params["uses"]]]
    ]
    if not found:
        require_namespace(api, namespace)
    keys = dict.fromkeys((use.kind, use.name) for _pod, uses in found for use in uses)
    changes, warnings = _changes(api, namespace, keys)
    pods = [_entry(pod, old) for pod, uses in found if (old := stale(uses, changes))]
    pods.sort(key=lambda entry: entry["name"])
    workloads = _workloads(pods)
    return {
        "changed": False,
        "pods": pods,
        "workloads": workloads,
        "summary": {
            "pods": len(found),
            "stale": len(pods),
            "workloads": len(workloads),
            "seconds": round(clock.monotonic() - began, 2),
            "api_requests": api.requests,
        },
        "warnings": warnings,
    }


def _changes(api: ClusterApi, namespace: str, keys: Collection[_Key]) -> tuple[dict[_Key, datetime], list[str]]:
    """When each object changed, as far as that is known, and a warning for those of which it is not."""

    def ask(key: _Key) -> datetime | ApiError | None:
        try:
            return changed_at(api.get(_RESOURCES[key[0]], namespace, key[1], metadata_only=True))
        except ApiError as error:
            return error

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        answers = dict(zip(keys, pool.map(ask, keys), strict=True))
    unknown: dict[int, dict[str, str]] = {}
    for key, answer in answers.items():
        # What is not there (it may be optional) has not been changed.
        if not isinstance(answer, (datetime, NotFound)):
            why, status = (str(answer), answer.status) if answer else ("it has no metadata.managedFields.", 0)
            unknown.setdefault(status, {})[" ".join(key)] = why
    changes = {key: answer for key, answer in answers.items() if isinstance(answer, datetime)}
    return changes, [
        f"Whether {some_of(names, MOST_NAMED)} changed is not known: {next(iter(names.values()))}"
        for names in unknown.values()
    ]


def _entry(pod: Pod, old: Sequence[Stale]) -> JsonObject:
    """A pod as the module returns it."""
    owner = owner_of(pod)
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "workload": "/".join(owner) if owner else None,
        "stale": [
            {
                "container": entry.use.container,
                "init": entry.use.init,
                "kind": entry.use.kind,
                "name": entry.use.name,
                "use": entry.use.use,
                "started_at": time_text(entry.use.started_at),
                "changed_at": time_text(entry.changed_at),
                "settled_at": time_text(entry.settled_at),
            }
            for entry in old
        ],
    }


def _workloads(pods: Iterable[JsonObject]) -> list[JsonObject]:
    """The workloads of these pods, each once, with what a restart of each is about."""
    found: dict[str, JsonObject] = {}
    for pod in pods:
        if pod["workload"]:
            new = {"workload": pod["workload"], "pods": 0, "new_pods": False, "stale": []}
            entry = found.setdefault(pod["workload"], new)
            entry["pods"] += 1
            entry["new_pods"] |= any(use["init"] for use in pod["stale"])
            entry["stale"] = sorted({*entry["stale"], *(f"{use['kind']} {use['name']}" for use in pod["stale"])})
    return [found[name] for name in sorted(found)]
