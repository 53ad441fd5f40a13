# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods and their containers, as far as a restart is concerned: read once from the API's JSON, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.container_start import (
    EnvSource,
    RestartRule,
    env_sources,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import PreStop
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Of a pod that a kubelet made from a file: the object in the API only mirrors it (pkg/kubelet/types/pod_update.go).
MIRROR = "kubernetes.io/config.mirror"
#: How long a container without a readiness probe has to run before it counts: it is Ready as soon as it runs, and one
#: that cannot start ends at once.
UNPROBED_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Termination:
    """How a container instance ended: exit code, the kubelet's reason (Completed, Error, OOMKilled ...), and when."""

    exit_code: int
    reason: str
    finished_at: datetime | None
    started_at: datetime | None = None

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Termination | None:
        """From `state` or `lastState` of a containerStatus; None if that state is not `terminated`."""
        ended = state.get("terminated")
        if not ended:
            return None
        started_at, finished_at = parse_time(ended.get("startedAt")), parse_time(ended.get("finishedAt"))
        return cls(int(ended.get("exitCode", 0)), ended.get("reason", ""), finished_at, started_at)


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod: what the spec asks for and what the kubelet last said about it."""

    name: str
    pointer: str
    """Where the pod's object has it, as a JSON pointer."""
    image: str
    image_id: str
    """What the runtime calls the image that it runs: a `repository@digest`, or a bare digest."""
    pull_policy: str
    restart_policy: str
    """What decides whether the kubelet starts it again: its own policy where it has one, otherwise the pod's."""
    probed: bool
    """It has a readiness probe."""
    killed_by_probe: bool
    """It has a liveness or a startup probe, and the kubelet stops it when one fails."""
    pre_stop: PreStop | None
    """Its preStop hook, which the kubelet runs only when it stops the container itself."""
    restart_rules: tuple[RestartRule, ...]
    """What decides before its policy does."""
    env_sources: tuple[EnvSource, ...]
    container_id: str
    restart_count: int
    ready: bool
    state: str
    """`running`, `waiting`, `terminated`, or `unknown` while the kubelet has not said anything."""
    state_reason: str
    state_message: str
    started_at: datetime | None
    termination: Termination | None
    """The end of the instance now gone, or of the one before the running one."""

    @property
    def running(self) -> bool:
        """True while its process is there."""
        return self.state == "running"

    @property
    def sidecar(self) -> bool:
        """True for a native sidecar: an init container that the kubelet starts first, and keeps running."""
        return self.pointer.startswith("/spec/initContainers/")

    @classmethod
    def from_objects(
        cls, pointer: str, spec: Mapping[str, Any], status: Mapping[str, Any], pod_policy: str
    ) -> Container:
        """From its entry in spec.containers, its containerStatus (or {}), and the pod's restartPolicy."""
        state: Mapping[str, Any] = status.get("state") or {}
        kind = next(iter(state), "unknown")
        detail: Mapping[str, Any] = state.get(kind) or {}
        return cls(
            name=spec["name"],
            pointer=pointer,
            image=spec.get("image", ""),
            image_id=status.get("imageID", ""),
            pull_policy=spec.get("imagePullPolicy", ""),
            restart_policy=spec.get("restartPolicy") or pod_policy,
            probed="readinessProbe" in spec,
            killed_by_probe="livenessProbe" in spec or "startupProbe" in spec,
            pre_stop=PreStop.from_object(spec),
            restart_rules=tuple(map(RestartRule.from_object, spec.get("restartPolicyRules") or [])),
            env_sources=env_sources(spec),
            container_id=status.get("containerID", ""),
            restart_count=int(status.get("restartCount", 0)),
            ready=bool(status.get("ready", False)),
            state=kind,
            state_reason=detail.get("reason", ""),
            state_message=detail.get("message", ""),
            started_at=parse_time(detail.get("startedAt")) if kind == "running" else None,
            termination=Termination.from_state(state) or Termination.from_state(status.get("lastState") or {}),
        )


@dataclass(frozen=True, slots=True)
class AllRestarting:
    """What a kubelet says of a restart of all containers (AllContainersRestarting, KEP-5532).

    It is `active` from the end of the container with the rule until the old ones are removed, before any is started.
    Source: GenerateAllContainersRestartingCondition in pkg/kubelet/status/generate.go.
    """

    active: bool
    since: datetime | None
    """When it began, or has come to its end, by the kubelet's clock, in whole seconds."""

    @classmethod
    def from_object(cls, obj: Mapping[str, Any]) -> AllRestarting | None:
        """From a pod; None where no container has such a rule, or the kubelet does not know it."""
        told = _condition(obj, "AllContainersRestarting")
        return cls(told["status"] == "True", parse_time(told.get("lastTransitionTime"))) if told else None


@dataclass(frozen=True, slots=True)
class Owner:
    """The controller in a pod's ownerReferences."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod. `containers` are the regular ones and the native sidecars (init containers that always restart)."""

    namespace: str
    name: str
    uid: str
    ip: str
    node: str
    phase: str
    created_at: datetime | None
    terminating: bool
    ready: bool
    host_pid: bool
    share_process_namespace: bool
    grace_seconds: int
    """How long the kubelet gives its containers to end."""
    owner: Owner | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    containers: tuple[Container, ...]
    run_once: tuple[Container, ...]
    """Init containers that ran to their end before any of those was started."""
    ready_since: datetime | None = None
    """Since when the kubelet calls it Ready, by its own clock, in whole seconds; None while it does not."""
    all_restarting: AllRestarting | None = None

    @classmethod
    def from_object(cls, obj: JsonObject) -> Pod:
        """From a v1 Pod as the API serves it."""
        meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
        pod_policy = spec.get("restartPolicy", "Always")
        entries = [(f"/spec/containers/{index}", entry) for index, entry in enumerate(spec["containers"])]
        inits = [
            (f"/spec/initContainers/{index}", entry) for index, entry in enumerate(spec.get("initContainers") or [])
        ]
        entries += [(pointer, entry) for pointer, entry in inits if entry.get("restartPolicy") == "Always"]
        statuses = {
            entry["name"]: entry
            for key in ("containerStatuses", "initContainerStatuses")
            for entry in status.get(key) or []
        }
        owner = next((entry for entry in meta.get("ownerReferences") or [] if entry.get("controller")), None)
        return cls(
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            ip=status.get("podIP", ""),
            node=spec.get("nodeName", ""),
            phase=status.get("phase", "Unknown"),
            created_at=parse_time(meta.get("creationTimestamp")),
            terminating="deletionTimestamp" in meta,
            ready=is_ready(obj),
            host_pid=bool(spec.get("hostPID", False)),
            share_process_namespace=bool(spec.get("shareProcessNamespace", False)),
            grace_seconds=int(spec.get("terminationGracePeriodSeconds", 30)),
            owner=Owner(owner["kind"], owner["name"], owner["uid"]) if owner else None,
            labels=meta.get("labels") or {},
            annotations=meta.get("annotations") or {},
            containers=tuple(
                Container.from_objects(pointer, entry, statuses.get(entry["name"], {}), pod_policy)
                for pointer, entry in entries
            ),
            run_once=tuple(
                Container.from_objects(pointer, entry, statuses.get(entry["name"], {}), pod_policy)
                for pointer, entry in inits
                if entry.get("restartPolicy") != "Always"
            ),
            ready_since=ready_since(obj),
            all_restarting=AllRestarting.from_object(obj),
        )

    @property
    def active(self) -> bool:
        """Whether it is there to stay: neither being deleted nor over (IsPodActive, controller_utils.go)."""
        return not self.terminating and self.phase not in ("Succeeded", "Failed")

    def __str__(self) -> str:
        return f"Pod {self.namespace}/{self.name}"

    @property
    def mirror(self) -> bool:
        """True where it shows a static pod, which a kubelet has from a file: changes of the object do not reach it."""
        return MIRROR in self.annotations

    @property
    def event_uid(self) -> str:
        """What the kubelet calls it in its events: a static pod has a UID of its own, which its mirror tells.

        `kubectl describe` looks for no other events then (PodDescriber in kubectl/pkg/describe/describe.go).
        """
        return self.annotations.get(MIRROR) or self.uid

    def container(self, name: str) -> Container | None:
        """The container of that name, or None."""
        return next((entry for entry in self.containers if entry.name == name), None)

    def any_container(self, name: str) -> Container | None:
        """The same, with the init containers that ran once."""
        return next((entry for entry in (*self.containers, *self.run_once) if entry.name == name), None)


def unprobed_seconds(containers: Iterable[Container]) -> int:
    """How long these have to be Ready before that counts: not at all where each of them has a readiness probe."""
    return 0 if all(container.probed for container in containers) else UNPROBED_SECONDS


def is_ready(obj: Mapping[str, Any]) -> bool:
    """Whether the kubelet calls the pod Ready; read without the rest of it."""
    return _ready(obj) is not None


def ready_since(obj: Mapping[str, Any]) -> datetime | None:
    """Since when it does (PodCondition.lastTransitionTime, staging/src/k8s.io/api/core/v1/types.go)."""
    return parse_time((_ready(obj) or {}).get("lastTransitionTime"))


def _ready(obj: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The condition that says so."""
    told = _condition(obj, "Ready")
    return told if told and told["status"] == "True" else None


def _condition(obj: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The pod's condition of that type."""
    conditions = (obj.get("status") or {}).get("conditions") or []
    return next((entry for entry in conditions if entry["type"] == kind), None)
