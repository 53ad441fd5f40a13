# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Ephemeral containers to look from: added, waited for, and ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.debug_container import (
    CannotStart,
    addition,
    is_running,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    POD,
    STRATEGIC_MERGE_PATCH,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: To pull an image of some size, and start it.
START_SECONDS = 120.0
#: For the container to read its last line. It takes milliseconds.
END_SECONDS = 5.0


class DebugContainers:
    """The ephemeral containers of one run. Those that still run at the end of the `with` block are told to end."""

    def __init__(self, api: ClusterApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self.added: dict[tuple[str, str], str] = {}
        """Their names, by the pod's UID and the name of the container that each looks into."""
        self.warnings: list[str] = []
        self._pods: dict[str, Pod] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for (uid, _target), name in self.added.items():
            self._end(self._pods[uid], name)

    def add(
        self, target: Target, pairs: Sequence[tuple[Pod, Container]], image: str, shell: str, *, dry_run: bool
    ) -> dict[tuple[str, str], str]:
        """Add one for each, and wait until they run; the reasons, by the same keys, of those that cannot be had.

        Raises Unreachable; the one whose request was cut off counts as added, which it may be.
        """
        objects = {obj["metadata"]["uid"]: obj for obj in target.listing.items}
        failed: dict[tuple[str, str], str] = {}
        for pod, container in pairs:
            name = f"saferestart-{secrets.token_hex(4)}"
            body = addition(objects[pod.uid], container.name, name, image, shell)
            try:
                self._patch(pod, body, dry_run=dry_run)
            except ApiError as error:
                failed[pod.uid, container.name] = f"no ephemeral container can be added: {error}".rstrip(".")
            except Unreachable:
                if not dry_run:
                    self._note(pod, container, name)
                raise
            else:
                if not dry_run:
                    self._note(pod, container, name)
        for key, name in self.added.items():
            try:
                self._wait(self._pods[key[0]], name)
            except CannotStart as error:
                failed[key] = str(error)
        return failed

    def _note(self, pod: Pod, container: Container, name: str) -> None:
        """Keep that it was added."""
        self._pods[pod.uid] = pod
        self.added[pod.uid, container.name] = name
        self.warnings.append(
            f"The ephemeral container {name} stays in {pod} for as long as the pod exists: none is ever removed."
        )

    def _patch(self, pod: Pod, body: JsonObject, *, dry_run: bool) -> None:
        self._api.patch(
            POD,
            pod.namespace,
            pod.name,
            body,
            STRATEGIC_MERGE_PATCH,
            dry_run=dry_run,
            subresource="ephemeralcontainers",
        )

    def _wait(self, pod: Pod, name: str) -> None:
        """Until it runs. Raises CannotStart."""
        deadline = Deadline(self._clock, START_SECONDS)
        only = f"metadata.name={pod.name}"
        for objects in observe(self._api, self._clock, deadline, POD, pod.namespace, field_selector=only):
            if pod.uid not in objects:
                raise CannotStart("the pod was deleted meanwhile")
            if is_running(objects[pod.uid], name):
                return
        raise CannotStart(f"the ephemeral container {name} does not run after {START_SECONDS:g} s")

    def _end(self, pod: Pod, name: str) -> None:
        """Give it the line that it waits for, if it has not ended with its target."""
        try:
            obj = self._api.get(POD, pod.namespace, pod.name)
            if obj["metadata"]["uid"] != pod.uid or not is_running(obj, name):
                return
            with self._api.attach(pod.namespace, pod.name, name) as session:
                session.send_line("")
                session.finish(END_SECONDS)
        except CannotStart:  # it has ended
            return
        except SafeRestartError as error:
            self.warnings.append(f"The ephemeral container {name} of {pod} may still run: {error}")
