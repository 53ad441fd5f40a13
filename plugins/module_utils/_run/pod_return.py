# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From a deleted pod to one of the same name that is Ready: gone, made, Ready, each by a watch and one deadline."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.quota import exceeded
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod, unprobed_seconds
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe

#: Between two attempts to make a pod.
PAUSE_SECONDS = 1.0


def await_gone(
    api: ClusterApi, clock: Clock, deadline: Deadline, namespace: str, name: str, uid: str, start: Listing
) -> str:
    """Watch until no pod has that UID. What holds it at the deadline, empty if it is gone."""
    last: JsonObject = {}
    only = f"metadata.name={name}"
    for objects in observe(api, clock, deadline, POD, namespace, field_selector=only, start=start):
        if uid not in objects:
            return ""
        last = objects[uid]
    problem = f"is not gone after {deadline.seconds:g} s (wait_timeout)"
    if finalizers := last["metadata"].get("finalizers"):
        words = "whoever put them there has to remove them, or you, if that is gone for good"
        return f"{problem}: it has the finalizers {', '.join(finalizers)}; {words}"
    node = last["spec"].get("nodeName")
    return f"{problem}: its node {node} has not confirmed its end" if node else problem


def make(api: ClusterApi, clock: Clock, deadline: Deadline, manifest: JsonObject) -> JsonObject:
    """Create the pod, again and again while the refusal may pass, until the deadline. Raises SafeRestartError.

    A quota is released only when its controller has seen the old pod's end
    (pkg/controller/resourcequota/resource_quota_monitor.go), and a webhook may be away for a moment.
    """
    meta, unsure = manifest["metadata"], False
    while True:
        try:
            return api.restoring.create(POD, meta["namespace"], manifest, dry_run=False)
        except ApiError as error:
            if unsure and error.reason == "AlreadyExists":  # an attempt without a clear answer was carried out
                return api.get(POD, meta["namespace"], meta["name"])
            if deadline.passed() or not _may_pass(error):
                raise SafeRestartError(f"the new one was refused: {error}") from error
            unsure = unsure or error.status >= 500
        except Unreachable:
            if deadline.passed():
                raise
            unsure = True
        clock.sleep(min(PAUSE_SECONDS, deadline.remaining()))


def await_ready(
    api: ClusterApi, clock: Clock, deadline: Deadline, made: JsonObject, min_ready_seconds: int | None
) -> tuple[str, JsonObject]:
    """Watch until the pod is Ready and stays so. What is wrong with it, empty if nothing is, and the pod as it is then.

    One that ended well counts too: nothing more is to come of it.
    """
    meta, now, ready = made["metadata"], made, False
    steady = unprobed_seconds(Pod.from_object(made).containers) if min_ready_seconds is None else min_ready_seconds
    wait = Deadline(clock, deadline.remaining())
    start = Listing([made], meta["resourceVersion"])
    only = f"metadata.name={meta['name']}"
    for objects in observe(api, clock, wait, POD, meta["namespace"], field_selector=only, start=start):
        if meta["uid"] not in objects or "deletionTimestamp" in objects[meta["uid"]]["metadata"]:
            return "the new one was deleted meanwhile", now
        now = objects[meta["uid"]]
        pod = Pod.from_object(now)
        if pod.phase == "Succeeded":
            return "", now
        if pod.phase == "Failed":
            return f"the new one has failed\n{diagnose_pod(api, now)}".strip(), now
        was, ready = ready, pod.ready
        if ready and not was:
            if steady <= 0:
                return "", now
            wait.restart(min(steady, deadline.remaining()))
        elif was and not ready:
            wait.restart(deadline.remaining())
    if ready:
        return "", now
    words = f"the new one is not Ready after {deadline.seconds:g} s (wait_timeout)"
    return f"{words}\n{diagnose_pod(api, now)}".strip(), now


def _may_pass(error: ApiError) -> bool:
    """Whether a refusal may be gone in a moment: a quota that is not released yet, a webhook or server that is away."""
    conflict = error.status == 409 and error.reason != "AlreadyExists"
    return conflict or error.status == 429 or error.status >= 500 or bool(exceeded(str(error)))
