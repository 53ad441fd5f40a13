# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Where a run that deletes a pod and makes it again has to begin, after one that may have been interrupted. Pure."""

from __future__ import annotations

from enum import StrEnum

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import MIRROR
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject


class Start(StrEnum):
    """What is left to do."""

    FRESH = "fresh"
    """All of it."""
    GOING = "going"
    """An earlier run deleted the pod, which is on its way out: wait, make the new one."""
    GONE = "gone"
    """An earlier run deleted the pod, and it is gone: make the new one."""
    MADE = "made"
    """An earlier run made the new one already: wait until it is Ready."""


def where_to_begin(
    live: JsonObject | None, kept_uid: str | None, kept: JsonObject | None, wanted: JsonObject | None
) -> Start | None:
    """By the pod as it is, the backup's UID and manifest, and the manifest that is asked for, if one is.

    None where there is neither a pod nor a backup. Raises TargetError for a pod that somebody else is deleting.
    """
    if live is None:
        return None if kept is None else Start.GONE
    meta = live["metadata"]
    if "deletionTimestamp" in meta:
        if meta["uid"] == kept_uid:
            return Start.GOING
        what = f"Pod {meta['namespace']}/{meta['name']}"
        raise TargetError(f"{what} is being deleted by somebody else: it is not made again. Nothing was touched.")
    if kept is None or meta["uid"] == kept_uid:
        return Start.FRESH
    if not _same_images(kept, live):
        raise TargetError(
            f"There is another pod {meta['namespace']}/{meta['name']} than the one that an interrupted run was to make "
            "again. Nothing was touched. Delete the backup if that pod is the right one."
        )
    # What is asked for now is not what the earlier run made: that one is an old pod like any other.
    return Start.MADE if wanted is None or _same(kept, wanted) else Start.FRESH


def require_replaceable(obj: JsonObject) -> None:
    """Raises TargetError for a pod that somebody else would make again, in another way than this."""
    meta = obj["metadata"]
    what = f"Pod {meta['namespace']}/{meta['name']}"
    if MIRROR in (meta.get("annotations") or {}):
        raise TargetError(
            f"{what} is the mirror of a static pod: its kubelet makes it from a file on the node "
            f"{obj['spec'].get('nodeName', '')}, and would not notice. Move that file away and back instead."
        )
    owner = next((entry for entry in meta.get("ownerReferences") or [] if entry.get("controller")), None)
    if owner:
        raise TargetError(
            f"{what} belongs to {owner['kind']} {owner['name']}, which makes another one as soon as it is deleted. "
            "Use saferestart.k8s.pod_delete for it, or restart its workload."
        )


def _same_images(one: JsonObject, other: JsonObject) -> bool:
    """Whether both have the same containers of the same images, whatever admission has added to one of them."""
    mine, theirs = ({entry["name"]: entry.get("image") for entry in obj["spec"]["containers"]} for obj in (one, other))
    return mine.items() <= theirs.items()


def _same(one: JsonObject, other: JsonObject) -> bool:
    """Whether two manifests make the same pod; owners that are gone may have been left out of one."""
    return _without_owners(one) == _without_owners(other)


def _without_owners(manifest: JsonObject) -> JsonObject:
    meta = {key: value for key, value in manifest["metadata"].items() if key != "ownerReferences"}
    return {"metadata": meta, "spec": manifest["spec"]}
