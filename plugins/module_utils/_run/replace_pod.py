# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Delete a pod that nobody looks after, and make it again, so that no interruption loses it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.managed import require_unmanaged
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import clean, shown
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replace_start import (
    Start,
    require_replaceable,
    where_to_begin,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.backup import Backup, backup_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pod_return import await_gone, await_ready, make
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.replace_checks import UNTOUCHED, require_return
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_plan import not_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.selection import is_selected
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import require_name, require_namespace

STRATEGY = "resource_replace"
#: What an earlier run, that was interrupted, had left.
_RESUMED = {
    Start.GOING: "an earlier run deleted it and was interrupted: this one waits for its end and makes it again",
    Start.GONE: "an earlier run deleted it and was interrupted: this one makes it again",
    Start.MADE: "an earlier run made it again and was interrupted, or it was not Ready then: this one waits for it",
}


@dataclass(slots=True)
class Replacement:
    """One pod, and how far it has come. `live` is the old pod, or what the backup says of it."""

    api: ClusterApi
    clock: Clock
    params: Mapping[str, Any]
    began: float
    backup: Backup
    start: Start
    live: JsonObject
    manifest: JsonObject
    listing: Listing
    warnings: list[str] = field(default_factory=list)
    made: JsonObject | None = None

    def __str__(self) -> str:
        return f"Pod {self.backup.namespace}/{self.backup.pod}"

    def result(self, kind: OutcomeKind, reason: str, *, changed: bool) -> dict[str, Any]:
        """As far as it has come."""
        before = Pod.from_object(self.live)
        after = before if kind in ("skipped", "unchanged") else Pod.from_object(self.made) if self.made else None
        names = dict.fromkeys(entry.name for pod in (before, after) if pod for entry in pod.containers)
        containers = [
            ContainerOutcome(
                name,
                kind,
                reason,
                before.container(name),
                after.container(name) if after else None,
                ready_at=after.ready_since if after else None,
            )
            for name in names
        ]
        action = "replace" if self.start is Start.FRESH else "resume"
        words = _RESUMED.get(self.start, f"deleted and made again, its manifest is kept in {self.backup} meanwhile")
        made = restart_result(
            STRATEGY,
            None,
            [{"pod": before.name, "action": action, "reason": words}],
            [PodOutcome(before, after, tuple(containers))],
            changed=changed,
            seconds=self.clock.monotonic() - self.began,
            requests=self.api.requests,
            warnings=self.warnings,
        )
        diff: JsonObject = {"before_header": str(self), "after_header": str(self)}
        diff |= {"before": shown(_clean(self.live, self.params)[0]), "after": shown(self.manifest)}
        return made | {"diff": diff}


def replace_pod(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    check_mode: bool,
    namespace: str,
    name: str,
    definition: JsonObject | None,
    began: float,
) -> dict[str, Any]:
    """The result. `definition` is the manifest to make it from, None for that of the live pod.

    Raises TargetError with nothing touched, and RestartFailed once the pod was deleted and is not back; then the backup
    is still there, and the next run goes on from it.
    """
    _require_options(params)
    run = _begin(api, clock, params, namespace, name, definition, began)
    if run.start is Start.FRESH and not is_selected(run.live, params["select"]):
        return not_selected(api, clock, STRATEGY, Pod.from_object(run.live), params["select"], began)
    if run.start is Start.FRESH:
        run.warnings += require_unmanaged(run.live, str(run), allow=params["allow_managed"])
        run.warnings += require_return(api, run.live, run.manifest)
    if check_mode:
        return _check(run)
    if run.start is Start.FRESH:
        _delete(run)
    try:
        return _carry_on(run)
    except RestartFailed:
        raise
    except SafeRestartError as error:
        raise _failed(run, str(error).rstrip(".")) from error


def _require_options(params: Mapping[str, Any]) -> None:
    if params["grace_seconds"] is not None and params["grace_seconds"] < 1:
        raise TargetError(
            "grace_seconds has to be 1 or more: with 0 the pod's name would be free while its processes may still run."
        )


def _begin(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    namespace: str,
    name: str,
    definition: JsonObject | None,
    began: float,
) -> Replacement:
    """Look at the pod and the backup, and find out where to begin."""
    require_name("namespace", namespace)
    require_name("pod", name)
    backup = backup_of(api, params, namespace, name)
    listing = api.list(POD, namespace, field_selector=f"metadata.name={name}")
    live = listing.items[0] if listing.items else None
    if live:
        require_replaceable(live)
    kept = backup.read()
    wanted, lost = _clean(definition, params) if definition else (None, [])
    start = where_to_begin(live, kept.uid if kept else None, kept.manifest if kept else None, wanted)
    if start is None:
        require_namespace(api, namespace)
        words = f"Pod {name} does not exist in namespace {namespace}, and there is no backup of it in {backup}"
        raise TargetError(f"{words}: there is nothing to replace.")
    old = live
    if kept and start in (Start.GONE, Start.MADE):
        old = kept.manifest | {"metadata": kept.manifest["metadata"] | {"uid": kept.uid}}
    if old is None:
        raise AssertionError("there is a pod or a backup")
    manifest = wanted or (kept.manifest if kept and start is not Start.FRESH else None)
    if manifest is None:
        manifest, lost = _clean(old, params)
    run = Replacement(api, clock, params, began, backup, start, old, manifest, listing, lost)
    run.made = live if start is Start.MADE else None
    return run


def _clean(obj: JsonObject, params: Mapping[str, Any]) -> tuple[JsonObject, list[str]]:
    return clean(obj, keep_node=bool(params["keep_node"]))


def _check(run: Replacement) -> dict[str, Any]:
    """Have the server judge what is left to do, and change nothing."""
    name, namespace = run.backup.pod, run.backup.namespace
    if run.start is Start.FRESH:
        grace = run.params["grace_seconds"]
        run.api.delete(POD, namespace, name, uid=run.live["metadata"]["uid"], grace_seconds=grace, dry_run=True)
    elif run.start is Start.GONE:
        run.api.create(POD, namespace, run.manifest, dry_run=True)
    return run.result("skipped", "check mode: it would be replaced", changed=True)


def _delete(run: Replacement) -> None:
    """Keep the manifest, and only then ask for the pod's end."""
    namespace, name, uid = run.backup.namespace, run.backup.pod, run.live["metadata"]["uid"]
    run.backup.write(uid, run.manifest, _clean(run.live, run.params)[0])
    try:
        run.api.delete(POD, namespace, name, uid=uid, grace_seconds=run.params["grace_seconds"])
    except NotFound:
        pass  # somebody else was quicker: it is made again all the same
    except ApiError as error:
        if error.status >= 500:  # of a proxy, perhaps: the server may have carried it out
            raise _failed(run, str(error).rstrip(".")) from error
        with contextlib.suppress(SafeRestartError):
            run.backup.remove()
        raise TargetError(f"{run} was not deleted: {error} {UNTOUCHED}") from error
    except SafeRestartError as error:
        raise _failed(run, str(error).rstrip(".")) from error


def _carry_on(run: Replacement) -> dict[str, Any]:
    """From the deleted pod to the new one, wherever an earlier run has stopped."""
    deadline = Deadline(run.clock, run.params["wait_timeout"])
    if run.start in (Start.FRESH, Start.GOING):
        uid = run.live["metadata"]["uid"]
        place, name = run.backup.namespace, run.backup.pod
        with waiting(f"{run} was deleted, and is still there"):
            if problem := await_gone(run.api, run.clock, deadline, place, name, uid, run.listing):
                raise _failed(run, problem)
    if run.made is None:
        run.made = make(run.api, run.clock, deadline, run.manifest)
    reason = "a new pod was made, wait is false: it is not known whether it is Ready"
    if run.params["wait"]:
        with waiting(f"{run} was made again, and is not Ready yet"):
            problem, run.made = await_ready(run.api, run.clock, deadline, run.made, run.params["min_ready_seconds"])
        if problem:
            raise _failed(run, problem)
        reason = "replaced by a new pod, which is Ready"
    try:
        run.backup.remove()
    except SafeRestartError as error:
        run.warnings.append(f"{run}: {error} Remove {run.backup}, or the next run takes this one for interrupted.")
    return run.result("restarted", reason, changed=True)


def _failed(run: Replacement, problem: str) -> RestartFailed:
    """What went wrong, and how to go on."""
    head, *rest = problem.split("\n")
    next_time = "waits for it" if run.made else "makes it again from there"
    head = f"{run} was to be made again, and {head}. Its manifest is in {run.backup}: the next run {next_time}."
    result = run.result("failed", f"deleted, and {problem}", changed=True)
    return RestartFailed("\n".join([head, *rest]), result)
