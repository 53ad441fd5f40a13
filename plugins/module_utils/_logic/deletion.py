# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a pod may be deleted, and what a user may not expect of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

#: Kept by the Job controller until it has counted the pod, then removed by it (pkg/controller/job/job_controller.go).
_EXPECTED_FINALIZERS = frozenset({"batch.kubernetes.io/job-tracking"})


def nothing_to_do(pod: Pod, *, force: bool) -> str:
    """Why there is nothing to delete, empty if there is: `force` also removes what is stuck on its way out."""
    if pod.terminating and not force:
        return "it is being deleted already"
    if pod.phase in ("Succeeded", "Failed"):
        return f"it has ended ({pod.phase}): nothing runs in it that could be restarted"
    return ""


def refusal(pod: Pod, *, allow_unowned: bool) -> str:
    """Why the pod must not be deleted, empty if it may be."""
    if pod.mirror:
        return (
            f"it mirrors a static pod of node {pod.node}: the kubelet would go on running that, and only show it anew. "
            "Change its manifest on the node instead"
        )
    if pod.owner is None and not allow_unowned:
        return "it has no controller, so nothing would bring it back. Set allow_unowned to delete it all the same"
    return ""


def job_refusal(job: JsonObject) -> str:
    """Why no pod of this Job may be deleted, empty if one may be.

    A pod that is being deleted is counted as failed unless only failed pods are replaced; more failures than
    backoffLimit end the Job (pkg/controller/job/job_controller.go, isPodFailed, onlyReplaceFailedPods, syncJob).
    """
    spec, status = job["spec"], job.get("status") or {}
    failed, most = int(status.get("failed") or 0), int(spec.get("backoffLimit", 6))
    if _replaces_failed_only(spec) or spec.get("backoffLimitPerIndex") is not None or failed < most:
        return ""
    name = job["metadata"]["name"]
    return f"the Job {name} would fail for good: {failed} of its pods failed, and its backoffLimit is {most}"


def job_warning(job: JsonObject) -> str:
    """What the deletion of a pod means to its Job."""
    name = f"Job {job['metadata']['namespace']}/{job['metadata']['name']}"
    if _replaces_failed_only(job["spec"]):
        return f"{name} counts a pod that ends with exit code 0 on deletion as done, and does not repeat its work."
    return f"{name} counts a deleted pod as failed (backoffLimit), and makes another one only after its back-off."


def warnings_about(obj: JsonObject, pod: Pod, group: Group, *, force: bool) -> list[str]:
    """What a user may not expect of the deletion of this pod."""
    found = []
    if kept := [name for name in obj["metadata"].get("finalizers") or [] if name not in _EXPECTED_FINALIZERS]:
        found.append(f"{pod} has finalizers, and stays until whoever set them removes them: {', '.join(kept)}.")
    if force and group.kind == "StatefulSet":
        found.append(
            f"force removes {pod} without word from its node: until the node is reached, its containers and those of "
            "the new pod of that name may run at the same time, against what a StatefulSet promises."
        )
    return found


def plan_entry(pod: Pod, group: Group, method: str, given: str | None, *, force: bool) -> JsonObject:
    """The decision to replace a pod, and why it is safe; `given` is the user's own reason."""
    if not group.uid:
        words = "it has no controller, nothing brings it back (allow_unowned)"
    else:
        of = f" of {group.desired}" if group.desired is not None else ""
        words = f"{group} brings it back, {group.window}{of} may be down at a time"
    if force:
        words += "; force: it is removed without word from its node"
    if not pod.ready:
        words += "; it is not Ready, nobody misses it"
    return {"pod": pod.name, "action": method, "reason": words + (f"; reason given: {given}" if given else "")}


def skip_entry(pod: Pod, words: str) -> JsonObject:
    """The decision to leave a pod alone."""
    return {"pod": pod.name, "action": "skip", "reason": words}


def leave_entry(pod: Pod, moment: datetime) -> JsonObject:
    """The decision to leave a pod alone that was created since that moment."""
    return {"pod": pod.name, "action": "leave", "reason": leave_words(moment)}


def leave_words(moment: datetime | None) -> str:
    """Why it is left alone."""
    return f"created since {time_text(moment)} (older_than)" if moment else ""


def _replaces_failed_only(spec: Mapping[str, object]) -> bool:
    """podReplacementPolicy, which a podFailurePolicy sets to Failed (staging/src/k8s.io/api/batch/v1/types.go)."""
    return spec.get("podReplacementPolicy") == "Failed" or bool(spec.get("podFailurePolicy"))
