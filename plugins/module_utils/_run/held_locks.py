# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Locks that a run holds: renewed by a thread of their own, and let go at the end."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import is_away
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.lease import (
    LEASE_SECONDS,
    RENEW_SECONDS,
    Lockable,
    holder_of,
    is_trusted,
    renewed,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    LockLost,
    NotFound,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import LEASE, JsonObject

#: How often a lock is tried to be kept that was not renewed in time; each time the server may be waited for.
TRIES = 3
PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class _Held:
    """One of them: the Lease as this run wrote it, and when it did, by the monotonic clock."""

    lease: JsonObject
    sent: float
    problem: SafeRestartError | None = None

    @property
    def away(self) -> bool:
        """Whether the server could not answer the last time."""
        return self.problem is not None and is_away(self.problem)


class HeldLocks:
    """Safe to use from several threads. The thread begins with the first lock, and ends with `release`."""

    def __init__(self, api: ClusterApi, clock: Clock, every: float = RENEW_SECONDS) -> None:
        self._api, self._clock, self._every = api, clock, every
        self._held: dict[Lockable, _Held] = {}
        self._lost = ""
        self._turn = threading.RLock()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._renew_on, name="locks", daemon=True)

    def add(self, what: Lockable, lease: JsonObject, sent: float) -> None:
        """From now on this one too, which was asked for at `sent` (monotonic)."""
        with self._turn:
            self._held[what] = _Held(lease, sent)
        if not self._thread.is_alive():
            self._thread.start()

    def require(self) -> None:
        """Raises LockLost unless all of them are this run's for certain.

        One that was not renewed in time, because the server was away, is still ours if nobody has taken it since: a
        renewal names the version that it changes.
        """
        with self._turn:
            for left in reversed(range(TRIES)):
                if self._lost or not (late := self._late()):
                    break
                self.renew()
                still = [held for held in late if not self._is_trusted(held)]
                if not left or any(held.problem and not held.away for held in still):
                    break
                if any(held.away for held in still):
                    self._clock.sleep(PAUSE_SECONDS)
            for what, held in self._held.items():
                if not self._lost and not self._is_trusted(held):
                    words = f": {held.problem}" if held.problem else ""
                    self._lost = f"The lock of {what} could not be renewed in time{words}".rstrip(".")
            if self._lost:
                raise LockLost(f"{self._lost}. Another run may be at it by now: nothing more is changed by this one.")

    def renew(self) -> None:
        """Renew them all. What goes wrong is told by `require`."""
        with self._turn:
            for what, held in self._held.items():
                if not self._lost:
                    self._renew(what, held)

    def release(self) -> list[str]:
        """Let go of all of them; nothing may be changed from then on. Returns warnings, of those left to expire."""
        self._ends.set()
        with self._turn:
            lost, self._lost = self._lost, self._lost or "The run is over"
            held, self._held = dict(self._held), {}
        if self._thread.is_alive():
            self._thread.join()
        warnings = []
        for what, mine in held.items():
            meta = mine.lease["metadata"]
            try:
                # Of this very version: by another one it is somebody else's.
                version = meta["resourceVersion"]
                self._api.delete(LEASE, what.namespace, what.lease_name, uid=meta["uid"], resource_version=version)
            except SafeRestartError as error:
                if not lost and not isinstance(error, NotFound):
                    warnings.append(f"The lock of {what} ends by itself in {LEASE_SECONDS} s: {error}")
        return warnings

    def _renew_on(self) -> None:
        while not self._ends.wait(self._every):
            self.renew()

    def _late(self) -> list[_Held]:
        return [held for held in self._held.values() if not self._is_trusted(held)]

    def _is_trusted(self, held: _Held) -> bool:
        return is_trusted(held.sent, self._clock.monotonic())

    def _renew(self, what: Lockable, held: _Held) -> None:
        sent, mine = self._clock.monotonic(), holder_of(held.lease).identity
        name, body = what.lease_name, renewed(held.lease, self._clock.now())
        try:
            held.lease = self._api.replace(LEASE, what.namespace, name, body, dry_run=False)
        except SafeRestartError as error:
            held.problem = error
            self._look_again(what, held, mine)
        else:
            held.sent, held.problem = sent, None

    def _look_again(self, what: Lockable, held: _Held, mine: str) -> None:
        """After a renewal that did not work: the lock may be somebody else's, or ours with an answer that was lost."""
        name = what.lease_name
        try:
            lease = self._api.get(LEASE, what.namespace, name)
        except NotFound:
            self._lost = f"The lock of {what} is gone: somebody has deleted its Lease {what.namespace}/{name}"
            return
        except SafeRestartError:
            return
        other = holder_of(lease).identity
        if other != mine:
            self._lost = f"The lock of {what} was taken over by {other or 'somebody who has let go of it since'}"
            return
        held.lease = lease
