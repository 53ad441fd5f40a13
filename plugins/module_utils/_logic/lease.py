# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One Lease for each workload, so that two runs never restart it at once: what to write, and when it is free. Pure.

The rules are those of client-go's leader election (tools/leaderelection/leaderelection.go): a lock ends when its record
has not changed for its duration by the clock of whoever looks at it, every write names the version that it changes, and
a holder that could not renew in time takes it for lost, long before anybody else may take it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.object_name import named_after
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.owner import maker_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import LEASE, JsonObject

#: Seconds without a renewal after which a lock may be taken from its holder.
LEASE_SECONDS = 30
#: How often it is renewed, and for how long after the last renewal its holder counts on it.
RENEW_SECONDS = 5.0
TRUST_SECONDS = 20.0
#: How often it is looked at by whoever wants it.
LOOK_SECONDS = 2.0

#: The kind of what is locked, and the process that holds it (see Holder).
LABEL = "saferestart.k8s/lock"
ANNOTATION = "saferestart.k8s/process"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: in words, and as a process that others on the same machine can look for."""

    identity: str
    """Unlike that of any other run."""
    process: str = ""
    """Boot ID, PID namespace, PID and start time, with slashes between; empty where that is not known."""


@dataclass(frozen=True, slots=True, order=True)
class Lockable:
    """What is locked: a workload, or a pod that belongs to none."""

    namespace: str
    kind: str
    name: str

    @classmethod
    def owner_of(cls, pod: Pod) -> Lockable:
        """The workload that the pod belongs to, by what the pod says; otherwise the pod itself."""
        return cls(pod.namespace, *(maker_of(pod) or ("Pod", pod.name)))

    @property
    def lease_name(self) -> str:
        """The name of its Lease."""
        return named_after(f"saferestart-{self.kind.lower()}-", self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def new_lease(what: Lockable, holder: Holder, now: datetime) -> JsonObject:
    """A Lease that is held from now on."""
    return _lease({"namespace": what.namespace, "name": what.lease_name}, what, holder, now, 0)


def taken_over(lease: JsonObject, what: Lockable, holder: Holder, now: datetime) -> JsonObject:
    """The same Lease, at that very version, in the hands of another holder."""
    meta = lease["metadata"]
    kept = {key: meta[key] for key in ("namespace", "name", "uid", "resourceVersion")}
    return _lease(kept, what, holder, now, int(_spec(lease).get("leaseTransitions") or 0) + 1)


def renewed(lease: JsonObject, now: datetime) -> JsonObject:
    """The same Lease, at that very version, held on."""
    return lease | {"spec": _spec(lease) | {"renewTime": _micro_time(now)}}


def holder_of(lease: JsonObject) -> Holder:
    """Who holds it; with an empty identity nobody does."""
    annotations = lease["metadata"].get("annotations") or {}
    return Holder(str(_spec(lease).get("holderIdentity") or ""), str(annotations.get(ANNOTATION, "")))


class LockState(enum.Enum):
    """What is known of somebody else's lock."""

    FREE = "nobody holds it, or its holder has not renewed it in time, or is gone"
    ALIVE = "its holder is there"
    UNKNOWN = "its holder may be there"


class Watched:
    """Somebody else's lock, as it is seen again and again. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._version: tuple[str, str] | None = None
        self._since = 0.0
        self._changed = False

    def see(self, lease: JsonObject, now: float, *, there: bool | None = None) -> LockState:
        """The state of the lock, seen as `lease` just now; `there`: whether its holder's process exists, if known."""
        version = (lease["metadata"]["uid"], lease["metadata"]["resourceVersion"])
        if version != self._version:
            self._changed = self._version is not None
            self._version, self._since = version, now
        duration = int(_spec(lease).get("leaseDurationSeconds") or LEASE_SECONDS)
        if not holder_of(lease).identity or there is False or now - self._since >= duration:
            return LockState.FREE
        return LockState.ALIVE if there or self._changed else LockState.UNKNOWN


def is_trusted(sent: float, now: float) -> bool:
    """Whether a holder may count on its lock, of which the last renewal that worked was sent at `sent` (monotonic)."""
    return now - sent < TRUST_SECONDS


def _lease(meta: JsonObject, what: Lockable, holder: Holder, now: datetime, transitions: int) -> JsonObject:
    return {
        "apiVersion": LEASE.api_version,
        "kind": LEASE.kind,
        "metadata": {**meta, "labels": {LABEL: what.kind.lower()}, "annotations": {ANNOTATION: holder.process}},
        "spec": {
            "holderIdentity": holder.identity,
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": _micro_time(now),
            "renewTime": _micro_time(now),
            "leaseTransitions": transitions,
        },
    }


def _spec(lease: JsonObject) -> JsonObject:
    return lease.get("spec") or {}


def _micro_time(now: datetime) -> str:
    """RFC 3339 with six digits, as MicroTime is written (apimachinery, meta/v1 micro_time.go)."""
    return f"{now:%Y-%m-%dT%H:%M:%S.%f}Z"
