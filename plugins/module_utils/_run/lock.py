# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Locks are taken before a run looks at anything, renewed while it lasts, and let go: one Lease for each workload."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.fenced import FencedApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import (
    LEASE_SECONDS,
    LOOK_SECONDS,
    Holder,
    Lockable,
    LockState,
    Watched,
    holder_of,
    new_lease,
    taken_over,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    CONFLICT,
    FORBIDDEN,
    ApiError,
    LockHeld,
    NotFound,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import LEASE, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.held_locks import HeldLocks
from ansible_collections.saferestart.k8s.plugins.module_utils._run.holder import is_there
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lock_targets import lockables
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting

#: How long, with lock: fail, it is looked for a sign of the holder: at the end of that its lock has expired.
LOOK_FOR_SECONDS = 2 * LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Guard:
    """The cluster for a run that holds its locks: it refuses to be changed when one is lost."""

    api: ClusterApi
    warnings: list[str] = field(default_factory=list)


@contextmanager
def locked(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool, holder: Holder
) -> Iterator[Guard]:
    """Hold a lock for each workload that `params` mean, as their `lock` and `lock_timeout` say.

    Raises LockHeld, naming the holder, where another run is at one of them, and holds none of them then. In check mode
    none is taken, and a warning tells who holds one.
    """
    mode = params["lock"]
    if mode == "none":
        yield Guard(api)
        return
    wanted = lockables(api, params)
    if check_mode:
        yield Guard(api, _held_by_others(api, clock, wanted, holder))
        return
    held = HeldLocks(api, clock)
    guard = Guard(FencedApi(api, held.require))
    try:
        with waiting() as tell:
            for what in wanted:
                try:
                    held.add(what, *_take(api, clock, what, holder, params, tell))
                except NotFound:
                    break  # there is no such namespace: the module says so
                except ApiError as error:
                    if mode != "auto" or error.status != FORBIDDEN:
                        raise
                    guard.warnings.append(f"{what} is not locked, another run may be at it at the same time: {error}")
                    break
        yield guard
    finally:
        guard.warnings.extend(held.release())


def _take(
    api: ClusterApi,
    clock: Clock,
    what: Lockable,
    holder: Holder,
    params: Mapping[str, Any],
    tell: Callable[[str], None],
) -> tuple[JsonObject, float]:
    """The Lease that is held now, and when that was asked for. Raises LockHeld, and NotFound for the namespace."""
    waits = params["lock"] == "wait"
    deadline = Deadline(clock, params["lock_timeout"] if waits else LOOK_FOR_SECONDS)
    watched = Watched()
    while True:
        sent = clock.monotonic()
        try:
            return api.create(LEASE, what.namespace, new_lease(what, holder, clock.now()), dry_run=False), sent
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
        with suppress(NotFound):  # let go just now
            lease = api.get(LEASE, what.namespace, what.lease_name)
            other = holder_of(lease)
            state = watched.see(lease, clock.monotonic(), there=is_there(other, holder))
            if state is LockState.FREE:
                sent = clock.monotonic()
                if taken := _take_over(api, clock, lease, what, holder):
                    return taken, sent
                continue
            if state is LockState.ALIVE and not waits:
                raise LockHeld(_words(what, other, waits=waits, seconds=deadline.seconds))
            _wait_for(other, clock, what, deadline, tell, waits=waits)


def seen_lock(
    api: ClusterApi, clock: Clock, what: Lockable, holder: Holder, seconds: float, tell: Callable[[str], None]
) -> JsonObject | None:
    """The Lease by which another run holds the lock; None as soon as none does, waited for up to so many seconds.

    Raises LockHeld, naming the holder, when they are over; with 0 seconds it is looked once.
    """
    deadline, watched = Deadline(clock, seconds), Watched()
    with suppress(NotFound):  # nobody holds it
        while True:
            lease = api.get(LEASE, what.namespace, what.lease_name)
            other = holder_of(lease)
            if watched.see(lease, clock.monotonic(), there=is_there(other, holder)) is LockState.FREE:
                break
            if not seconds:
                return lease
            _wait_for(other, clock, what, deadline, tell, waits=True)
    return None


def _wait_for(
    other: Holder, clock: Clock, what: Lockable, deadline: Deadline, tell: Callable[[str], None], *, waits: bool
) -> None:
    """Wait until it is time to look again. Raises LockHeld where there is none left."""
    if deadline.passed():
        raise LockHeld(_words(what, other, waits=waits, seconds=deadline.seconds))
    tell(f"waiting for the lock of {what}, which {other.identity} holds")
    clock.sleep(min(LOOK_SECONDS, deadline.remaining()))


def _take_over(api: ClusterApi, clock: Clock, lease: JsonObject, what: Lockable, holder: Holder) -> JsonObject | None:
    """The Lease in our hands; None where somebody else was quicker."""
    try:
        body = taken_over(lease, what, holder, clock.now())
        return api.replace(LEASE, what.namespace, what.lease_name, body, dry_run=False)
    except NotFound:
        return None
    except ApiError as error:
        if error.status != CONFLICT:
            raise
        return None


def _words(what: Lockable, other: Holder, *, waits: bool, seconds: float) -> str:
    advice = "Wait for its end and run again, or set lock to wait."
    if waits:
        advice = f"It was waited for {seconds:g} s (lock_timeout)."
    where = f"Lease {what.namespace}/{what.lease_name}"
    return f"{what} is locked by another run ({where}): {other.identity}. {advice} Nothing was touched."


def _held_by_others(api: ClusterApi, clock: Clock, wanted: Sequence[Lockable], holder: Holder) -> list[str]:
    """Warnings, of what a real run would have to wait for. What cannot be read is no reason for one."""
    warnings: list[str] = []
    for what in wanted:
        try:
            lease = seen_lock(api, clock, what, holder, 0, lambda _words: None)
        except SafeRestartError:
            break
        if lease:
            warnings.append(f"{what} is locked by another run now, or was until lately: {holder_of(lease).identity}.")
    return warnings
