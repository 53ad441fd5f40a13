# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The first pod is restarted alone, and has to prove itself before the rest follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.http_check import unanswered
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.condition import condition
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: Between two looks at what has to hold.
PAUSE_SECONDS = 2.0
#: What one answer of a URL may take.
ANSWER_SECONDS = 5.0


class Canary:
    """What the first pod has to prove, and how far it is. Nothing else is under way meanwhile."""

    def __init__(
        self,
        api: ClusterApi,
        clock: Clock,
        target: Target,
        options: Mapping[str, Any] | None,
        ask: Callable[[str, float], str] = unanswered,
    ) -> None:
        """`options` is the module's option canary, checked by require_canary(), None for no canary."""
        self._api, self._clock, self._target, self._ask = api, clock, target, ask
        self.wanted = options is not None
        self._soak = float((options or {}).get("soak_seconds") or 0)
        self._timeout = float((options or {}).get("timeout") or 0)
        self._url: str | None = (options or {}).get("url")
        self._until: str | None = (options or {}).get("until")
        self._holds = None if self._until is None else condition("canary.until", self._until)
        self._pod: Pod | None = None
        self._back: float | None = None
        self.next = float("inf")
        """When to look again, by the monotonic clock."""

    def begin(self, pod: Pod) -> None:
        """The first pod's turn has come."""
        self._pod = self._pod or pod

    def put_off(self, pod: Pod) -> None:
        """Nothing was sent to it after all: its turn comes again, or another one is the first."""
        if self._pod and self._pod.uid == pod.uid:
            self._pod = None

    @property
    def waiting(self) -> bool:
        """The first pod has begun, and has not proved itself yet."""
        return self.wanted and self._pod is not None

    def closed(self, *, away: bool, healthy: bool) -> str:
        """Why no other pod may go yet; empty if it may. `away` and `healthy` are about the first pod, as it is now.

        Raises SafeRestartError where it did not prove itself.
        """
        if not self.waiting:
            return ""
        now = self._clock.monotonic()
        if away:
            return f"{self._pod} is restarted first"
        self._back = now if self._back is None else self._back
        if not healthy:
            raise SafeRestartError(f"{self._pod} was restarted first, and is not Ready {now - self._back:.0f} s later")
        self.next = self._back + self._soak
        if now < self.next:
            return f"{self._pod} was restarted first, and has to stay Ready for {self._soak:g} s"
        missing = self._missing()
        if not missing:
            self.wanted = False
            return ""
        if self._clock.monotonic() >= self._back + self._soak + self._timeout:
            waited = f"within {self._timeout:g} s" if self._timeout else "then"
            raise SafeRestartError(f"{self._pod} was restarted first, and {missing} {waited}")
        self.next = self._clock.monotonic() + PAUSE_SECONDS
        return f"{self._pod} was restarted first, and {missing} yet"

    def _missing(self) -> str:
        """What does not hold; empty if all does."""
        try:
            if self._holds and not self._holds(self._objects()):
                return f"canary.until ({self._until}) was not true"
        except (ApiError, Unreachable) as error:
            return f"canary.until could not be looked at ({str(error).rstrip('.')})"
        if self._url and (reason := self._ask(self._url, ANSWER_SECONDS)):
            return f"canary.url was not answered: {reason},"
        return ""

    def _objects(self) -> JsonObject:
        """The pod and its workload as they are now."""
        workload, pod = self._target.workload, self._pod
        found: JsonObject = {"pod": None, "workload": None}
        if pod:
            found["pod"] = self._api.get(POD, pod.namespace, pod.name)
        if workload:
            found["workload"] = self._api.get(workload.type.resource, workload.namespace, workload.name)
        return found
