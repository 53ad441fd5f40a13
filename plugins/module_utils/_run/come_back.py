# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Will containers come back? What that takes is looked up, each object once, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.come_back import (
    Gate,
    Level,
    Note,
    gone_node,
    judge,
    keys_of,
    needs_node,
    refusal,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, NotFound
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import CONFIG_MAP, SECRET, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.nodes import PARALLEL, Nodes

#: Of containers that a warning names, and of objects.
MOST_NAMED = 3
_NEEDED = {resource.kind: resource for resource in (CONFIG_MAP, SECRET)}


class Gates:
    """What may keep the containers of one run from coming back, and what is done about each of it.

    A Secret's values are dropped as soon as it has been read: only the names of its keys are kept. What cannot be read
    becomes a warning.
    """

    def __init__(self, api: ClusterApi, nodes: Nodes, levels: Mapping[str, str]) -> None:
        self.nodes = nodes
        self._api = api
        self._levels = {gate: Level(levels[gate]) for gate in Gate}
        self._keys: dict[tuple[str, str], frozenset[str] | ApiError | None] = {}

    def refusals(self, pairs: Sequence[tuple[Pod, Container]]) -> dict[tuple[str, str], str]:
        """Why containers may not be restarted, by the UID of the pod and the container's name. Raises Unreachable."""
        self._read(pairs)
        reasons = {(pod.uid, container.name): refusal(self._notes(pod, container)) for pod, container in pairs}
        return {key: reason for key, reason in reasons.items() if reason}

    def apply(self, steps: Iterable[Step]) -> list[str]:
        """Write into the steps what was found, and refuse those that have to be. Returns warnings. Raises Unreachable.

        Not for those that are refused already, nor for a container that is down, unless it has to start again because
        another one does: nothing is lost with it.
        """
        todo = [step for step in steps if not step.refused and (step.container.running or step.leader)]
        self._read([(step.pod, step.container) for step in todo])
        found: dict[Note, list[Step]] = {}
        for step in todo:
            image = step.image or step.container.image
            step.gates = self._notes(step.pod, replace(step.container, image=image))
            step.refused = refusal(step.gates)
            for note in () if step.refused else step.gates:
                found.setdefault(note, []).append(step)
        risks = [
            f"{some_of(group, MOST_NAMED)} might stay down: {note.text} (gates.{note.gate})."
            for note, group in found.items()
        ]
        return risks + self._not_checked([step.pod for step in todo])

    def _read(self, pairs: Sequence[tuple[Pod, Container]]) -> None:
        """Ask for what the containers need and is not known yet, side by side."""
        if needs_node(self._levels):
            self.nodes.fetch(pod.node for pod, _container in pairs if pod.node)
        if self._levels[Gate.ENV] is Level.IGNORE:
            return
        wanted = dict.fromkeys(
            (pod.namespace, source.kind, source.name) for pod, container in pairs for source in container.env_sources
        )
        names = [entry for entry in wanted if entry[1:] not in self._keys]
        if names:
            with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
                self._keys |= zip([entry[1:] for entry in names], pool.map(self._ask, names), strict=True)

    def _ask(self, entry: tuple[str, str, str]) -> frozenset[str] | ApiError | None:
        """The keys of a ConfigMap or Secret, None where there is none, or why that is not known."""
        namespace, kind, name = entry
        try:
            return keys_of(self._api.get(_NEEDED[kind], namespace, name))
        except NotFound:
            return None
        except ApiError as error:
            return error

    def _notes(self, pod: Pod, container: Container) -> tuple[Note, ...]:
        """What speaks against the return of this one."""
        keys = {entry: known for entry, known in self._keys.items() if not isinstance(known, ApiError)}
        return judge(container, self._levels, keys, self._node(pod))

    def _node(self, pod: Pod) -> JsonObject | None:
        """The pod's node, None where it is not known."""
        if not pod.node or not needs_node(self._levels):
            return None
        found = self.nodes.get(pod.node)
        if isinstance(found, NotFound):
            return gone_node(pod.node)
        return None if isinstance(found, ApiError) else found

    def _not_checked(self, pods: Sequence[Pod]) -> list[str]:
        """A warning for each kind of object that could not be read."""
        unread: dict[str, dict[str, ApiError]] = {}
        for (kind, name), known in self._keys.items():
            if isinstance(known, ApiError):
                unread.setdefault(kind, {})[name] = known
        if needs_node(self._levels):
            for name in dict.fromkeys(pod.node for pod in pods if pod.node):
                known_node = self.nodes.get(name)
                if isinstance(known_node, ApiError) and not isinstance(known_node, NotFound):
                    unread.setdefault("Node", {})[name] = known_node
        return [
            f"Whether containers will come back was not checked with {kind} {some_of(errors, MOST_NAMED)}, "
            f"which could not be read: {next(iter(errors.values()))}"
            for kind, errors in unread.items()
        ]
