# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Another name of the image that a container runs: which one may be written into the pod, and how. Pure.

A container whose image has another name is another one to the kubelet, which stops it (preStop hook, grace period) and
starts it again, whatever its restartPolicy: containerChanged() in pkg/kubelet/kuberuntime/kuberuntime_manager.go.
Where the node does not have that name it asks the registry for it, when the container is down already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    hook_is_skipped,
    not_running,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import refusal as signal_refusal
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.json_patch import escaped
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_policy import restarts_whole_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Names that stand for nothing. The second is what `ctr images import` makes up (and kind with it): containerd stores
#: it without the registry that it shows, so that it is not found by the name shown (seen in containerd 1.6).
_NO_NAME = re.compile(r".*<none>|docker\.io/library/import-\d{4}-\d\d-\d\d@")
#: What the runtime calls an image without a digest: by the ID of its configuration.
_BARE_ID = re.compile(r"sha256:[0-9a-f]+")
#: An annotation of the pod for each container that has another name of its image: the name that it had at first.
_FORMER = "image.saferestart.k8s/"
#: Reasons of a waiting container whose image is not to be had (pkg/kubelet/images/types.go).
_NO_IMAGE = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError", "InvalidImageName"}
    | {"RegistryUnavailable", "SignatureValidationFailed"}
)


class NoAlias(SafeRestartError):
    """There is no other name, or not the one that was asked for. The message is a reason, worded for a plan."""


def refusal(pod: Pod, container: Container) -> str | None:
    """Why this container is not restarted by another name of its image, whatever names there are; None if it may be."""
    reasons = (
        (pod.mirror, "it belongs to a static pod: the kubelet has it from a file on the node, not from this object"),
        (
            container.pull_policy == "Always",
            "its imagePullPolicy is Always: the registry would be asked at every start, for a name it may not know",
        ),
    )
    return (
        not_running(pod, container)
        or restarts_whole_pod(container)
        or next((reason for applies, reason in reasons if applies), None)
    )


def fits_better(
    pod: Pod, container: Container, facts: ProcessFacts | None, *, no_way: bool, skip_prestop: bool
) -> bool:
    """Whether this way is to be taken where a signal is refused: it can never be sent (`no_way`), or would skip a hook.

    Not where PID 1 was seen not to act on the signal: the kubelet would kill it when its grace period is over. Nor
    where a session was cut, or a node is away: that passes.
    """
    if signal_refusal(pod, container):
        return False
    forbidden = facts is not None and facts.may_signal is False
    return no_way or forbidden or bool(hook_is_skipped(container, skip_prestop=skip_prestop))


def find_alias(pod: Pod, container: Container, images: Iterable[Sequence[str]], wanted: str | None) -> str:
    """Another name of the container's image, as its node has it; `wanted` if it is one. Raises NoAlias.

    `images` are the names of each image of the node (status.images). First of all it is the name that it had before it
    was given another one. Otherwise one of the same repository, which is pulled with the same credentials; a digest
    before a tag, because a tag may come to mean another image.
    """
    present = full_name(container.image)
    others = [name for name in _names_of_image(container, images) if full_name(name) != present]
    if wanted is not None:
        return _wanted(wanted, present, others)
    former = pod.annotations.get(_FORMER + container.name, "")
    if former and full_name(former) in map(full_name, others):
        return former
    near = sorted(name for name in others if repository(name) == repository(present))
    if digests := [name for name in near if "@" in name]:
        return digests[0]
    if len(near) == 1:
        return near[0]
    if near:
        raise NoAlias(f"its node knows the image by several tags, name one of them in image_alias: {', '.join(near)}")
    known = f", and otherwise as {', '.join(others)}, to be named in image_alias" if others else ""
    raise NoAlias(f"its node knows the image {container.image} by no other name of that repository{known}")


def image_patch(
    pod: Pod, annotations: Mapping[str, str], container: Container, present: str, image: str
) -> list[JsonObject]:
    """A JSON patch that gives the container that image, and fails unless it is this pod and its image `present`.

    `annotations` are those that the pod has now. The first name is kept in one, until the image has it again.
    """
    place = f"{container.pointer}/image"
    patch: list[JsonObject] = [
        {"op": "test", "path": "/metadata/uid", "value": pod.uid},
        {"op": "test", "path": f"{container.pointer}/name", "value": container.name},
        {"op": "test", "path": place, "value": present},
        {"op": "replace", "path": place, "value": image},
    ]
    key = _FORMER + container.name
    former, all_of_them, this_one = (
        annotations.get(key),
        "/metadata/annotations",
        f"/metadata/annotations/{escaped(key)}",
    )
    if former is None and annotations:
        patch.append({"op": "add", "path": this_one, "value": present})
    elif former is None:
        patch.append({"op": "test", "path": all_of_them, "value": None})
        patch.append({"op": "add", "path": all_of_them, "value": {key: present}})
    elif full_name(former) == full_name(image):
        patch.append({"op": "remove", "path": this_one})
    return patch


def is_without_image(container: Container) -> bool:
    """Whether it cannot start because the node does not have the image that it names."""
    return container.state == "waiting" and container.state_reason in _NO_IMAGE


def name_to_put_back(pod: Pod, container: Container) -> str:
    """The name that its image had at first, where it is without an image by the other one it was given; or nothing.

    Who gave it that one was ended before it could take it back.
    """
    former = pod.annotations.get(_FORMER + container.name, "")
    if not pod.active or pod.mirror or not is_without_image(container):
        return ""
    return former if former and full_name(former) != full_name(container.image) else ""


def names_of_images(node: JsonObject) -> list[list[str]]:
    """The names of each image that the node tells of (status.images)."""
    return [entry.get("names") or [] for entry in (node.get("status") or {}).get("images") or []]


def full_name(name: str) -> str:
    """The name as container runtimes write it: `nginx` is docker.io/library/nginx:latest. A digest stands for itself.

    Source: github.com/distribution/reference, normalize.go.
    """
    rest, _at, digest = name.partition("@")
    head, slash, _path = rest.partition("/")
    if not slash:
        rest = f"docker.io/library/{rest}"
    elif "." not in head and ":" not in head and head != "localhost":
        rest = f"docker.io/{rest}"
    if digest:
        return f"{_without_tag(rest)}@{digest}"
    return rest if _without_tag(rest) != rest else f"{rest}:latest"


def repository(name: str) -> str:
    """The name without its tag or digest."""
    return _without_tag(full_name(name).partition("@")[0])


def _without_tag(name: str) -> str:
    """A colon before the last slash is that of a port."""
    path, slash, last = name.rpartition("/")
    return path + slash + last.partition(":")[0]


def _names_of_image(container: Container, images: Iterable[Sequence[str]]) -> list[str]:
    """The node's names of the image that runs. The name in the spec may have come to mean another one since.

    A node lists some of its images only (50 by default); the runtime's own word for what runs is as good. Of an image
    that no digest is known of that is an ID, which no node lists. An image of that name with a digest is another one.
    Raises NoAlias for that.
    """
    running = container.image_id
    named = ["/" in running and "@" in running and "://" not in running and running]
    candidates = [*images, [name for name in named if name]]
    for wanted in filter(None, (running, container.image)):
        for names in candidates:
            if full_name(wanted) in map(full_name, names):
                found = [name for name in names if not _NO_NAME.match(name)]
                if _BARE_ID.fullmatch(running) and (pulled := [name for name in found if "@" in name]):
                    raise NoAlias(f"it runs {running}, and {container.image} is another image by now, {pulled[0]}")
                return found
    return []


def _wanted(wanted: str, present: str, others: Sequence[str]) -> str:
    """The node's spelling of the name that was asked for."""
    if full_name(wanted) == present:
        raise NoAlias(f"its image is {wanted} already, and only another name restarts it")
    for name in others:
        if full_name(name) == full_name(wanted):
            return name
    known = f"it knows it as {', '.join(others)}" if others else "it knows no other name of it"
    raise NoAlias(f"{wanted} is no name that its node has for the image that runs: {known}")
