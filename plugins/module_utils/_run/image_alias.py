# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Other names of images, as nodes tell them, and writing one into a pod."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import (
    NoAlias,
    find_alias,
    image_patch,
    refusal,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, NODE, POD


class Aliases:
    """Which other name each image has on its node. A node is asked once."""

    def __init__(self, api: ClusterApi, wanted: str | None) -> None:
        self._api = api
        self._wanted = wanted
        self._images: dict[str, list[list[str]] | NoAlias] = {}

    def find(self, pod: Pod, container: Container) -> str:
        """The name to write into the pod, which the server's dry run agrees to. Raises NoAlias with the reason."""
        if reason := refusal(pod, container):
            raise NoAlias(reason)
        images = self._of_node(pod.node)
        if isinstance(images, NoAlias):
            raise images
        image = find_alias(pod, container, images, self._wanted)
        try:
            patch = image_patch(pod, pod.annotations, container, container.image, image)
            self._api.patch(POD, pod.namespace, pod.name, patch, JSON_PATCH, dry_run=True)
        except ApiError as error:
            raise NoAlias(f"the server refuses its new name {image}: {error}".rstrip(".")) from error
        return image

    def _of_node(self, node: str) -> list[list[str]] | NoAlias:
        """The names of each of its images, or why they cannot be had."""
        if node not in self._images:
            try:
                status = self._api.get(NODE, "", node).get("status") or {}
                self._images[node] = [entry.get("names") or [] for entry in status.get("images") or []]
            except ApiError as error:
                words = f"its node cannot be asked for the names of the image: {error}"
                self._images[node] = NoAlias(words.rstrip("."))
        return self._images[node]


def rename(api: ClusterApi, pod: Pod, container: Container, present: str, image: str) -> None:
    """Give the container's image another name, if it is `present` and the pod the same one. Raises ApiError."""
    now = Pod.from_object(api.get(POD, pod.namespace, pod.name))
    patch = image_patch(pod, now.annotations, container, present, image)
    api.patch(POD, pod.namespace, pod.name, patch, JSON_PATCH, dry_run=False)
