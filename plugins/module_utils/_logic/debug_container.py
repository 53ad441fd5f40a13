# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""An ephemeral container that looks into another one's PID namespace: what to add, and how far it has come. Pure.

Kubernetes never takes one out of a pod again; it can only end.
"""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import is_without_image
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import hook_is_skipped, refusal
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


class CannotStart(SafeRestartError):
    """The ephemeral container will not run. The message is a reason, worded for a plan."""


def cannot_have(pod: Pod, container: Container, *, skip_prestop: bool) -> str | None:
    """Why none is added for this container, or None: what would be refused anyway leaves nothing in the pod."""
    if pod.mirror:
        return "it belongs to a static pod, which cannot have ephemeral containers"
    if pod.share_process_namespace:
        return "the pod shares its PID namespace: PID 1 is the pod's sandbox, for an ephemeral container too"
    return refusal(pod, container) or hook_is_skipped(container, skip_prestop=skip_prestop)


def addition(pod: JsonObject, target: str, name: str, image: str, shell: str) -> JsonObject:
    """A strategic merge patch of the pod's subresource `ephemeralcontainers`.

    It waits for a line of input, which it gets at the end. It runs as its target does, which is what the namespace's
    rules allow, and what may signal it.
    """
    entry = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [shell, "-c", "read -r line"],
        "stdin": True,
        "stdinOnce": True,
        "targetContainerName": target,
    }
    specs = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or [])]
    if context := next(spec for spec in specs if spec["name"] == target).get("securityContext"):
        entry["securityContext"] = context
    return {"metadata": {"uid": pod["metadata"]["uid"]}, "spec": {"ephemeralContainers": [entry]}}


def is_running(pod: JsonObject, name: str) -> bool:
    """Whether it runs by now. Raises CannotStart when it never will."""
    statuses = pod.get("status", {}).get("ephemeralContainerStatuses") or []
    status: JsonObject = next((entry for entry in statuses if entry["name"] == name), {})
    seen = Container.from_objects("", {"name": name}, status, "Never")
    words = f"{seen.state} {seen.state_reason} {seen.state_message}".strip()
    if is_without_image(seen) or seen.state_reason in ("CreateContainerConfigError", "CreateContainerError"):
        raise CannotStart(f"the ephemeral container {name} does not start ({words})")
    if seen.termination:
        raise CannotStart(f"the ephemeral container {name} has ended with {seen.termination.exit_code} ({words})")
    return seen.running
