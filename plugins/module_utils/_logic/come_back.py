# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Will a container come back once its process has ended? What the API knows about that before it is signalled. Pure.

Volumes are not judged: they stay mounted when a container is started again, also those of a ConfigMap that was deleted
since, and with subPath too (seen on Kubernetes 1.36). Sources in Kubernetes, all in pkg/kubelet: kubelet_pods.go for
the environment (makeEnvironmentVariables), images/image_manager.go for images, nodestatus/setters.go for what a node
tells of them, kubelet.go for a node whose network is not ready (SyncPod).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import full_name, names_of_images
from ansible_collections.saferestart.k8s.plugins.module_utils._model.container_start import EnvSource
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: A kubelet lists so many of its images at most, unless it was configured to list fewer or more (nodeStatusMaxImages).
MOST_IMAGES = 50
#: And so many names of each.
MOST_NAMES = 5
_PRESSURES = ("DiskPressure", "MemoryPressure", "PIDPressure")


class Gate(StrEnum):
    """Something that may keep a container from coming back; also the name of the option for it."""

    ENV = "env"
    IMAGE = "image"
    NODE = "node"
    PRESSURE = "pressure"
    REGISTRY = "registry"


class Level(StrEnum):
    """What is done about it."""

    REFUSE = "refuse"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that speaks against a container's return. `text` reads on from 'it might stay down: '."""

    gate: Gate
    level: Level
    text: str

    def to_plan(self) -> dict[str, str]:
        """As it is shown in a plan."""
        return {"gate": self.gate.value, "level": self.level.value, "reason": self.text}


def needs_node(levels: Mapping[Gate, Level]) -> bool:
    """Whether the node has to be asked for. Not for the registry alone: most of what it is about the pod tells."""
    return any(levels[gate] is not Level.IGNORE for gate in (Gate.IMAGE, Gate.NODE, Gate.PRESSURE))


def judge(
    container: Container,
    levels: Mapping[Gate, Level],
    keys: Mapping[tuple[str, str], frozenset[str] | None],
    node: JsonObject | None,
) -> tuple[Note, ...]:
    """What speaks against the container's return, by the gates that are not ignored.

    `keys` are those of each ConfigMap and Secret that could be read, by kind and name, None for one that is not there.
    `node` is the pod's node, None where it could not be read.
    """
    found = [*_of_env(container.env_sources, keys), *_of_image(container, node)]
    if node is not None:
        found += _of_node(node)
    return tuple(Note(gate, levels[gate], text) for gate, text in found if levels[gate] is not Level.IGNORE)


def refusal(notes: Iterable[Note]) -> str | None:
    """Why the container is not to be signalled; None where nothing found is to be refused."""
    grave = [note for note in notes if note.level is Level.REFUSE]
    if not grave:
        return None
    reasons = ", and ".join(note.text for note in grave)
    options = ", ".join(dict.fromkeys(f"gates.{note.gate}" for note in grave))
    return f"it might stay down: {reasons} ({options} can allow that)"


def keys_of(obj: JsonObject) -> frozenset[str]:
    """The keys of a ConfigMap or Secret that can become environment variables: not those of binaryData."""
    return frozenset(obj.get("data") or {})


def gone_node(name: str) -> JsonObject:
    """Stands for a node that is not there: it has no UID."""
    return {"metadata": {"name": name}}


def _of_env(
    sources: Iterable[EnvSource], keys: Mapping[tuple[str, str], frozenset[str] | None]
) -> Iterator[tuple[Gate, str]]:
    """What the environment needs and is not there, each object once."""
    missing: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        entry = (source.kind, source.name)
        there = keys.get(entry, frozenset([source.key]))
        if there is None:
            missing[entry] = []
        elif source.key and source.key not in there:
            missing.setdefault(entry, []).append(source.key)
    for (kind, name), lost in missing.items():
        what = f"no {kind} {name}" if not lost else f"no key {', '.join(lost)} in {kind} {name}"
        yield Gate.ENV, f"there is {what}, which its environment variables come from"


def _of_image(container: Container, node: JsonObject | None) -> Iterator[tuple[Gate, str]]:
    """Whether the image is there to start from."""
    if container.pull_policy == "Always":
        yield Gate.REGISTRY, "its imagePullPolicy is Always, and while its registry does not answer it stays down"
    elif node is not None and _is_absent(container.image, names_of_images(node)):
        absent = f"its node {_name(node)} no longer has the image {container.image}"
        if container.pull_policy == "Never":
            yield Gate.IMAGE, f"{absent}, and its imagePullPolicy is Never"
        else:
            yield Gate.REGISTRY, f"{absent}, and has to pull it from its registry"


def _of_node(node: JsonObject) -> Iterator[tuple[Gate, str]]:
    """Whether somebody is there to start it."""
    its = f"its node {_name(node)}"
    conditions = {entry["type"]: entry for entry in (node.get("status") or {}).get("conditions") or []}
    ready = conditions.get("Ready")
    if "uid" not in node["metadata"]:
        yield Gate.NODE, f"{its} no longer exists"
    elif "deletionTimestamp" in node["metadata"]:
        yield Gate.NODE, f"{its} is being deleted"
    elif ready is None or ready["status"] != "True":
        detail = (ready or {}).get("message") or (ready or {}).get("reason") or "it has not reported"
        yield Gate.NODE, f"{its} is not Ready ({detail.rstrip('.')})"
    pressures = [name for name in _PRESSURES if conditions.get(name, {}).get("status") == "True"]
    if pressures:
        yield Gate.PRESSURE, f"{its} reports {', '.join(pressures)}, and may evict the pod"


def _is_absent(image: str, images: Sequence[Sequence[str]]) -> bool:
    """Whether the node is sure not to have an image of that name: it tells of only some of them, and of their names.

    A name without a registry may stand for one of several, as the node's runtime is configured.
    """
    host, slash, _path = image.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        return False
    if not images or len(images) >= MOST_IMAGES or any(len(names) >= MOST_NAMES for names in images):
        return False
    wanted = full_name(image)
    return all(wanted != full_name(name) for names in images for name in names)


def _name(node: JsonObject) -> str:
    name: str = node["metadata"]["name"]
    return name
