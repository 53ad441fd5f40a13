# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One container restarted by another name of its image: written, followed, and taken back where it is not to be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Followed
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import (
    image_patch,
    is_without_image,
    name_to_put_back,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import (
    GRACE_SECONDS,
    follow,
    patience_for,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import NothingSent
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: What a kubelet may need to give up on a registry.
PULL_SECONDS = 120
#: HTTP code: a test of a JSON patch failed, mostly.
INVALID = 422
#: Between two attempts to put the former name back.
PAUSE_SECONDS = 1.0


class NotArrived(NothingSent):
    """The server never got the new name, and the same instance runs."""


def restart_by_name(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, pod: Pod, before: Container, image: str
) -> Followed:
    """Give the container's image that name, and follow it until it is Ready again.

    One that cannot start by the new name gets the former one back. Raises NothingSent where the pod is not as it was
    planned for or the server refuses, and SafeRestartError where the former name cannot be put back.
    """
    patience = patience_for(params, target, pod, [before])
    # The kubelet takes the pod's whole period before it kills: there is no point in giving up earlier.
    patience = replace(patience, grace=max(params["grace_seconds"] or 0, pod.grace_seconds + GRACE_SECONDS))
    now, confirmed = _rename(api, pod, before, image)
    target = _since(target, now)
    if name_to_put_back(pod, before):
        return follow(api, clock, target, pod, [before], patience)
    first = follow(api, clock, target, pod, [before], patience, lost=is_without_image)
    container = first.pod.container(before.name) if first.pod else None
    if container and container.image == before.image and not confirmed:
        words = f"the connection broke, and its image has the name from before; {first.reason}"
        raise (NotArrived if first.kind == "unchanged" else NothingSent)(words)
    if container is None or not (first.kind == "unchanged" or is_without_image(container)):
        return first
    # While the kubelet tries to pull, the status still shows the old instance as running.
    now = _put_back(api, clock, Deadline(clock, patience.wait), pod, before, image)
    patience = replace(patience, grace=max(patience.grace, PULL_SECONDS))
    then = follow(api, clock, _since(target, now), pod, [before], patience)
    return replace(then, reason=f"{then.reason}; its image has its former name again: as {image} {first.reason}")


def _rename(api: ClusterApi, pod: Pod, before: Container, image: str) -> tuple[JsonObject, bool]:
    """Write the name; the pod as it was then, and whether the server has confirmed it. Raises NothingSent.

    The instance has to be the one that was planned for: the restart of another would prove nothing.
    """
    try:
        obj = api.get(POD, pod.namespace, pod.name)
    except (ApiError, Unreachable) as error:
        raise NothingSent(str(error).rstrip(".")) from error
    now = Pod.from_object(obj)
    container = now.container(before.name)
    if container is None or (container.container_id, container.running) != (before.container_id, before.running):
        raise NothingSent("the container has ended or restarted since the pod was listed, run again")
    try:
        patch = image_patch(pod, now.annotations, before, before.image, image)
        return api.patch(POD, pod.namespace, pod.name, patch, JSON_PATCH, dry_run=False), True
    except ApiError as error:
        if error.status == INVALID:
            words = "the pod has changed since it was read, by another run perhaps, run again when that is over"
            raise NothingSent(f"{words}: {error}".rstrip(".")) from error
        raise NothingSent(str(error).rstrip(".")) from error
    except Unreachable:
        return obj, False


def _put_back(api: ClusterApi, clock: Clock, deadline: Deadline, pod: Pod, before: Container, image: str) -> JsonObject:
    """Give the image its former name again, and again while the server is away; the pod as it is then.

    Raises SafeRestartError where it is refused, or the deadline passes.
    """
    while True:
        try:
            obj = api.get(POD, pod.namespace, pod.name)
            now = Pod.from_object(obj)
            container = now.container(before.name)
            if now.uid == pod.uid and container and container.image == before.image:
                return obj
            patch = image_patch(pod, now.annotations, before, image, before.image)
            return api.restoring.patch(POD, pod.namespace, pod.name, patch, JSON_PATCH, dry_run=False)
        except (ApiError, Unreachable) as error:
            final = isinstance(error, ApiError) and error.status < 500 and error.status not in (409, 429)
            if final or deadline.passed():
                words = f"its former name {before.image} could not be put back: {error}".rstrip(".")
                raise SafeRestartError(f"{words}; the same task again tries once more") from error
        clock.sleep(min(PAUSE_SECONDS, deadline.remaining()))


def _since(target: Target, now: JsonObject) -> Target:
    """The target, to be watched from that state of the pod on."""
    return replace(target, listing=Listing([now], now["metadata"]["resourceVersion"]))
