# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Why a pod is not Ready, in the words that a person needs, and whose log says more.

Sources: Kubernetes' pkg/kubelet/kubelet_pods.go for the states and their reasons, and for which instance has a log
(validateContainerLogStatus); staging/src/k8s.io/api/core/v1/types.go for the conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Waiting reasons of a start that is simply under way (pkg/kubelet/kubelet_pods.go).
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})
#: So many are told of in a warning.
_MOST_TOLD = 3


class Severity(IntEnum):
    """How much a finding explains: the greatest is shown first."""

    STARTING = 1
    """Nothing is wrong yet, it only takes long."""
    NOT_READY = 2
    """The processes run, the pod is not Ready."""
    UNSCHEDULED = 3
    """No node takes the pod."""
    BROKEN = 4
    """A container cannot be started, or ends."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """A container whose log is worth showing; `previous` means the instance before the present one."""

    container: str
    previous: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, half a sentence, and the log that may say more."""

    severity: Severity
    reason: str
    log: LogSource | None = None


@dataclass(frozen=True, slots=True)
class PodFailure:
    """Why one pod is not Ready. `reasons` has the most telling one first."""

    namespace: str
    pod: str
    uid: str
    severity: Severity
    reasons: tuple[str, ...]
    log: LogSource | None

    def __str__(self) -> str:
        return f"Pod {self.namespace}/{self.pod}: {'; '.join(self.reasons)}"


def pod_failure(obj: JsonObject) -> PodFailure | None:
    """Why this v1 Pod is not Ready; None if it is, or if it is being deleted."""
    meta, status = obj["metadata"], obj.get("status") or {}
    conditions = {entry["type"]: entry for entry in status.get("conditions") or []}
    if "deletionTimestamp" in meta or conditions.get("Ready", {}).get("status") == "True":
        return None
    findings = [*_of_pod(obj, conditions), *_of_containers(obj)]
    findings.sort(key=lambda entry: -entry.severity)
    if not findings:
        findings = [Finding(Severity.STARTING, f"is {status.get('phase', 'Pending')}, its kubelet has not said why")]
    elif findings[0].severity > Severity.STARTING:  # what only waits for the broken one explains nothing
        findings = [entry for entry in findings if entry.severity > Severity.STARTING]
    return PodFailure(
        namespace=meta["namespace"],
        pod=meta["name"],
        uid=meta["uid"],
        severity=findings[0].severity,
        reasons=tuple(dict.fromkeys(entry.reason for entry in findings)),
        log=next((entry.log for entry in findings if entry.log), None),
    )


def worst(pods: Iterable[JsonObject]) -> PodFailure | None:
    """The pod that explains most; the first by name among equals. None if all of them are Ready."""
    failures = [failure for pod in pods if (failure := pod_failure(pod))]
    return min(failures, key=lambda failure: (-failure.severity, failure.pod), default=None)


def ended_meanwhile(pods: Iterable[JsonObject]) -> list[str]:
    """A warning of new pods whose containers have ended already, though they are available now."""
    found = []
    for obj in pods:
        where = f"{obj['metadata']['namespace']}/{obj['metadata']['name']}"
        for status in (obj.get("status") or {}).get("containerStatuses") or []:
            states = [status.get("state") or {}, status.get("lastState") or {}]
            ended = next((state["terminated"] for state in states if "terminated" in state), None)
            if ended or status.get("restartCount"):
                found.append(f"container {status['name']} of Pod {where}{_ending(ended, '') or ' was restarted'}")
    if not found:
        return []
    return [f"New pods did not run on at once: {some_of(found, _MOST_TOLD, '; ')}."]


def _of_pod(obj: JsonObject, conditions: Mapping[str, Mapping[str, Any]]) -> Iterable[Finding]:
    """What is wrong with the pod as a whole."""
    status = obj.get("status") or {}
    if status.get("phase") in ("Failed", "Unknown") and status.get("reason"):
        yield Finding(Severity.BROKEN, _said(status["reason"], status.get("message")))
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        yield Finding(
            Severity.UNSCHEDULED, "not scheduled: " + _said(scheduled.get("reason"), scheduled.get("message"))
        )
    for gate in obj["spec"].get("readinessGates") or []:
        condition = conditions.get(gate["conditionType"], {})
        if condition.get("status") != "True":
            words = f"its readiness gate {gate['conditionType']} is not True"
            yield Finding(Severity.NOT_READY, _said(words, condition.get("message")))


def _of_containers(obj: JsonObject) -> Iterable[Finding]:
    """What is wrong with each container, init containers first, as the kubelet starts them."""
    spec, status = obj["spec"], obj.get("status") or {}
    for key, init in (("initContainers", True), ("containers", False)):
        statuses = {entry["name"]: entry for entry in status.get(f"{key[:-1]}Statuses") or []}
        for container in spec.get(key) or []:
            sidecar = init and container.get("restartPolicy") == "Always"
            found = _of_container(container, statuses.get(container["name"], {}), ends=init and not sidecar)
            if found:
                yield found


def _of_container(spec: Mapping[str, Any], status: Mapping[str, Any], *, ends: bool) -> Finding | None:
    """What is wrong with one container; `ends` for an init container, which is meant to end with code 0."""
    state = status.get("state") or {}
    last = (status.get("lastState") or {}).get("terminated")
    if waiting := state.get("waiting"):
        return _of_waiting(spec["name"], waiting, last)
    if ended := state.get("terminated"):
        if ends and ended.get("exitCode") == 0:
            return None
        log = LogSource(spec["name"], previous=False)
        return Finding(Severity.BROKEN, f"container {spec['name']}{_ending(ended, '')}", log)
    if "running" in state and (ends or not status.get("ready", False)):
        return _of_running(spec, status, last, ends=ends)
    return None


def _of_waiting(name: str, waiting: Mapping[str, Any], last: Mapping[str, Any] | None) -> Finding | None:
    """A container that has no process. It has a log if there was one before."""
    reason = waiting.get("reason", "")
    if reason in _STARTING and not last:
        return Finding(Severity.STARTING, f"container {name}: {reason}") if reason else None
    words = _said(f"container {name}: {reason or 'waiting'}", waiting.get("message"))
    return Finding(Severity.BROKEN, words + _ending(last), LogSource(name, previous=True) if last else None)


def _of_running(
    spec: Mapping[str, Any], status: Mapping[str, Any], last: Mapping[str, Any] | None, *, ends: bool
) -> Finding:
    """A container whose process runs, and that the pod still waits for."""
    name = spec["name"]
    if ends:
        words = f"init container {name} has not ended yet{_ending(last)}"
        return Finding(Severity.STARTING, words, LogSource(name, previous=False))
    if status.get("started") is False and "startupProbe" in spec:
        words = ", its startup probe has not passed"
    else:
        words = ", its readiness probe does not pass" if "readinessProbe" in spec else ""
    words = f"container {name} is running and not Ready{words}{_ending(last)}"
    return Finding(Severity.NOT_READY, words, LogSource(name, previous=bool(last)))


def _ending(ended: Mapping[str, Any] | None, lead: str = "; it") -> str:
    """How an instance ended, as an addition; nothing if none did."""
    if not ended:
        return ""
    detail = _said(ended.get("reason", ""), ended.get("message"))
    return f"{lead} ended with exit code {ended.get('exitCode')}" + (f" ({detail})" if detail else "")


def _said(reason: str | None, message: str | None) -> str:
    """A reason and its message, on one line, without a full stop."""
    return " ".join(": ".join(part for part in (reason, message) if part).split()).rstrip(".")
