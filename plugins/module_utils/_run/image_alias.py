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
    names_of_images,
    refusal,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, POD
from ansible_collections.saferestart.k8s.plugins.module_utils._run.nodes import Nodes


class Aliases:
    """Which other name each image has on its node."""

    def __init__(self, api: ClusterApi, nodes: Nodes, wanted: str | None) -> None:
        self._api = api
        self._nodes = nodes
        self._wanted = wanted

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
        node = self._nodes.get(pod.node)
        if isinstance(node, ApiError):
            raise NoAlias(f"its node cannot be asked for the names of the image: {node}".rstrip("."))
        return find_alias(pod, container, names_of_images(node), self._wanted)
