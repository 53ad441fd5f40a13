# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The rollout history of a workload: its revisions, the current one, and the one that an undo goes back to. Pure.

A Deployment's revisions are its ReplicaSets, those of a StatefulSet or DaemonSet are ControllerRevisions, whose data is
a patch that replaces the pod template.

Sources: kubectl's pkg/polymorphichelpers/history.go and rollback.go, and pkg/util/deployment/deployment.go;
Kubernetes' pkg/controller/statefulset/stateful_set_control.go and pkg/controller/daemon/update.go. Other than kubectl,
which takes the second highest number for the previous revision, the current one is found by its template: a change that
the controller has not seen yet has no number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import observed
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.scale import ANNOTATION as SCALED_FROM
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

#: Shown by `kubectl rollout history`; the controllers copy it to the revision that they make.
CHANGE_CAUSE = "kubernetes.io/change-cause"

#: What `kubectl apply` applied last; an undo does not change it.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_DEPLOYMENT = "deployment.kubernetes.io/"
_NUMBER = f"{_DEPLOYMENT}revision"
_NUMBERS = f"{_DEPLOYMENT}revision-history"
#: What an undo leaves on a Deployment as it is (rollback.go, annotationsToSkip). The last two are memories of
#: scaling, a ReplicaSet's own and ours, which kubectl would bring along.
_KEPT = frozenset(
    {
        LAST_APPLIED,
        "deprecated.deployment.rollback.to",
        _NUMBER,
        _NUMBERS,
        f"{_DEPLOYMENT}desired-replicas",
        f"{_DEPLOYMENT}max-replicas",
        f"{_DEPLOYMENT}replicaset-replicas-before-scale",
        SCALED_FROM,
    }
)
#: The pods' label that says which ReplicaSet or ControllerRevision they were made from.
_HASH = "pod-template-hash"
REVISION_HASH = "controller-revision-hash"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision. `name` is that of its ReplicaSet or ControllerRevision, `created` when that was made (RFC 3339)."""

    number: int
    name: str
    created: str
    change_cause: str | None
    template: JsonObject
    annotations: Mapping[str, str]
    """Of the ReplicaSet or ControllerRevision."""
    pods_label: tuple[str, str]
    """The label of the pods that are made from it, and its value."""
    earlier_numbers: frozenset[int] = frozenset()
    """Those that it had before it became the current one again; only a ReplicaSet remembers them."""
    replicas: int | None = None
    """Its pods, and below those that are Ready; only known of a Deployment's."""
    ready: int | None = None

    @property
    def numbers(self) -> frozenset[int]:
        """Its number and its earlier ones."""
        return self.earlier_numbers | {self.number}

    def made(self, pod: Pod) -> bool:
        """Whether this pod was made from it."""
        key, value = self.pods_label
        return pod.labels.get(key) == value


def history(workload: Workload, objects: Iterable[JsonObject]) -> list[Revision]:
    """The revisions among these ReplicaSets or ControllerRevisions, oldest first. Others' are left out."""
    read = _of_replica_set if workload.kind == "Deployment" else _of_controller_revision
    found = (read(workload, obj) for obj in objects if _controlled(obj, workload.uid))
    return sorted((entry for entry in found if entry), key=lambda entry: (entry.number, entry.created, entry.name))


def current(workload: Workload, obj: JsonObject, revisions: Sequence[Revision]) -> Revision | None:
    """The revision of the template that the workload has; None where its controller has not made it yet.

    A template that was defaulted by an older API server may differ in form from what is served today; that of the
    newest revision is still the current one if the controller has seen the workload as it is.
    """
    template = comparable(workload.type.template(obj))
    same = [entry for entry in revisions if comparable(entry.template) == template]
    if same:
        # More than one after some upgrades; the deployment controller keeps to the oldest (FindNewReplicaSet).
        return min(same, key=lambda entry: (entry.created, entry.name)) if workload.kind == "Deployment" else same[-1]
    return revisions[-1] if revisions and observed(obj).done and not workload.paused else None


def find(
    workload: Workload, obj: JsonObject, revisions: Sequence[Revision], number: int, name: str | None = None
) -> Revision:
    """The revision of that name, or else of that number, where 0 is the newest one before the current.

    Raises TargetError, which names the revisions that there are, for one that is not among them, and where there is
    none to go back to.
    """
    if not revisions:
        raise TargetError(f"{workload} has no rollout history: none of its revisions is kept.")
    now = current(workload, obj, revisions)
    if name is not None or number:
        found = [entry for entry in revisions if (entry.name == name if name is not None else number in entry.numbers)]
        if found:
            return found[-1]
        what = f"revision named {name}" if name is not None else f"revision {number}"
        raise TargetError(
            f"{workload} has no {what} in its history; {_known(revisions, now)}. A revision that becomes the current "
            "one again keeps its name and gets a new number."
        )
    template = comparable(workload.type.template(obj))
    earlier = [entry for entry in revisions if entry != now and comparable(entry.template) != template]
    if not earlier:
        raise TargetError(
            f"{workload} has no earlier revision to go back to; {_known(revisions, now)}. "
            f"Its spec.revisionHistoryLimit is {obj['spec'].get('revisionHistoryLimit', 10)}."
        )
    return earlier[-1]


def comparable(template: JsonObject) -> JsonObject:
    """A template without what does not count in a comparison: the hash label, and the time that it never has."""
    meta = {key: value for key, value in (template.get("metadata") or {}).items() if key != "creationTimestamp"}
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if key != _HASH}
    return template | {"metadata": meta | {"labels": labels}}


def restored_annotations(obj: JsonObject, revision: Revision) -> dict[str, str | None]:
    """What has to change in a Deployment's annotations to be those of the revision; None removes one (rollback.go)."""
    now: Mapping[str, str] = obj["metadata"].get("annotations") or {}
    then = revision.annotations
    gone = dict.fromkeys(key for key in now if key not in then and key not in _KEPT)
    return gone | {key: value for key, value in then.items() if key not in _KEPT and now.get(key) != value}


def _of_replica_set(_workload: Workload, obj: JsonObject) -> Revision | None:
    """Of a ReplicaSet; None where its number is none. One without a number counts as 0, as with kubectl."""
    meta, status = obj["metadata"], obj.get("status") or {}
    annotations = meta.get("annotations") or {}
    number = annotations.get(_NUMBER, "0")
    if not number.isdecimal():
        return None
    template = comparable(obj["spec"]["template"])
    in_template = (template["metadata"].get("annotations") or {}).get(CHANGE_CAUSE)
    return Revision(
        number=int(number),
        name=meta["name"],
        created=meta.get("creationTimestamp", ""),
        change_cause=annotations.get(CHANGE_CAUSE) or in_template,
        template=template,
        annotations=annotations,
        pods_label=(_HASH, (meta.get("labels") or {}).get(_HASH, "")),
        earlier_numbers=frozenset(int(word) for word in annotations.get(_NUMBERS, "").split(",") if word.isdecimal()),
        replicas=int(status.get("replicas") or 0),
        ready=int(status.get("readyReplicas") or 0),
    )


def _of_controller_revision(workload: Workload, obj: JsonObject) -> Revision | None:
    """Of a ControllerRevision; None where its data is not what the two controllers write."""
    meta = obj["metadata"]
    annotations = meta.get("annotations") or {}
    template = ((obj.get("data") or {}).get("spec") or {}).get("template")
    if not isinstance(template, dict):
        return None
    # A StatefulSet writes the revision's name on its pods, a DaemonSet the hash in it.
    name = meta["name"] if workload.kind == "StatefulSet" else (meta.get("labels") or {}).get(REVISION_HASH, "")
    return Revision(
        number=int(obj["revision"]),
        name=meta["name"],
        created=meta.get("creationTimestamp", ""),
        change_cause=annotations.get(CHANGE_CAUSE),
        template=comparable({key: value for key, value in template.items() if key != "$patch"}),
        annotations=annotations,
        pods_label=(REVISION_HASH, name),
    )


def _controlled(obj: JsonObject, uid: str) -> bool:
    owners = obj["metadata"].get("ownerReferences") or []
    return any(entry.get("controller") and entry["uid"] == uid for entry in owners)


def _known(revisions: Sequence[Revision], now: Revision | None) -> str:
    """The revisions that there are, as half a sentence."""
    words = [f"{entry.number} ({entry.name}{', the current one' if entry == now else ''})" for entry in revisions]
    return f"there {'is' if len(words) == 1 else 'are'} {', '.join(words)}"
