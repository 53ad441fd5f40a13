# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the containers of a pod take from ConfigMaps and Secrets, and when they took it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Where the parts of a container, and of a volume, name an object.
_ENV_FROM = {"configMapRef": ("ConfigMap", "name"), "secretRef": ("Secret", "name")}
_ENV = {"configMapKeyRef": ("ConfigMap", "name"), "secretKeyRef": ("Secret", "name")}
_VOLUME = {"configMap": ("ConfigMap", "name"), "secret": ("Secret", "secretName")}
_PROJECTED = {"configMap": ("ConfigMap", "name"), "secret": ("Secret", "name")}


@dataclass(frozen=True, slots=True)
class ConfigUse:
    """One container, one object, one way to take something from it."""

    container: str
    init: bool
    """It is an init container that has run to its end: only a new pod runs it again."""
    kind: str
    name: str
    use: str
    """`env`, `env_from`, `sub_path`, or `volume`, which the kubelet brings up to date while the container runs."""
    started_at: datetime
    """When the container was started, and took it."""
    pod_started_at: datetime
    """When the kubelet took the pod on, and made its volumes after that."""


def config_uses(pod: JsonObject) -> tuple[ConfigUse, ...]:
    """All of a v1 Pod, each once. A container that does not run takes everything anew when it starts: not its."""
    return tuple(dict.fromkeys(_uses(pod)))


def _uses(pod: JsonObject) -> Iterator[ConfigUse]:
    spec, status = pod["spec"], pod.get("status") or {}
    volumes = {volume["name"]: list(_of_volume(volume)) for volume in spec.get("volumes") or []}
    pod_started_at = parse_time(status.get("startTime"))
    for containers, statuses in (
        ("initContainers", "initContainerStatuses"),
        ("containers", "containerStatuses"),
    ):
        states = {entry["name"]: entry.get("state") or {} for entry in status.get(statuses) or []}
        for container in spec.get(containers) or []:
            init = containers == "initContainers" and container.get("restartPolicy") != "Always"
            state = states.get(container["name"], {})
            found = state.get("running") or (state.get("terminated") if init else None) or {}
            started_at = parse_time(found.get("startedAt"))
            if started_at is None:
                continue
            for kind, name, use in _of_container(container, volumes):
                yield ConfigUse(container["name"], init, kind, name, use, started_at, pod_started_at or started_at)


def _of_container(
    container: Mapping[str, Any], volumes: Mapping[str, list[tuple[str, str]]]
) -> Iterator[tuple[str, str, str]]:
    """Kind, name, and in which way."""
    for entry in container.get("env") or []:
        yield from ((*named, "env") for named in _named(entry.get("valueFrom") or {}, _ENV))
    for entry in container.get("envFrom") or []:
        yield from ((*named, "env_from") for named in _named(entry, _ENV_FROM))
    for mount in container.get("volumeMounts") or []:
        use = "sub_path" if mount.get("subPath") or mount.get("subPathExpr") else "volume"
        yield from ((*named, use) for named in volumes.get(mount["name"], []))


def _of_volume(volume: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _named(volume, _VOLUME)
    for source in (volume.get("projected") or {}).get("sources") or []:
        yield from _named(source, _PROJECTED)


def _named(entry: Mapping[str, Any], places: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Kind and name of what the entry refers to."""
    for field, (kind, key) in places.items():
        name = (entry.get(field) or {}).get(key)
        if name:
            yield kind, name
