# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Other names of images, as nodes tell them."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import (
    NoAlias,
    find_alias,
    image_patch,
    name_to_put_back,
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
        image = name_to_put_back(pod, container) or self._other(pod, container)
        try:
            patch = image_patch(pod, pod.annotations, container, container.image, image)
            self._api.patch(POD, pod.namespace, pod.name, patch, JSON_PATCH, dry_run=True)
        except ApiError as error:
            raise NoAlias(f"the server refuses its new name {image}: {error}".rstrip(".")) from error
        return image

    def _other(self, pod: Pod, container: Container) -> str:
        """Another name that its node has for the image that runs. Raises NoAlias."""
        if reason := refusal(pod, container):
            raise NoAlias(reason)
        images = self._of_node(pod.node)
        if isinstance(images, NoAlias):
            raise images
        return find_alias(pod, container, images, self._wanted)

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
