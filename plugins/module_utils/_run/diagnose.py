# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a person would look up next after a failure: the worst pod's reasons, its last warning event and log lines."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_failure import PodFailure, pod_failure, worst
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload

LOG_LINES = 10
#: Written along with what the pod's own status says (pkg/kubelet/events/event.go, pkg/scheduler/schedule_one.go).
_KNOWN_FROM_STATUS = frozenset({"Failed", "BackOff", "FailedScheduling"})


def diagnose(api: ClusterApi, workload: Workload, new: Sequence[JsonObject], old: Sequence[JsonObject]) -> str:
    """Text for an error message, each part on a line of its own; empty if there is nothing to tell.

    `new` and `old` are pods as the API serves them; an old one is only to blame if every new one is Ready. At most two
    requests. What cannot be read is left out, so that it does not hide the error.
    """
    failure, blamed = worst(new), new
    if failure is None:
        failure, blamed = worst(old), old
    parts = [f"{failure}."] if failure else []
    if failure and blamed is old and workload.kind == "StatefulSet":
        # statefulset/stateful_set_control.go, processReplica: an old pod that cannot become Ready is never replaced.
        parts.append("It is from before, and a StatefulSet is not rolled while a pod is not Ready: delete that pod.")
    parts += last_warning(api, workload.namespace, failure.uid if failure else workload.uid)
    if failure and failure.log:
        parts += _log(api, failure)
    return "\n".join(parts)


def diagnose_pod(api: ClusterApi, obj: JsonObject) -> str:
    """The same about one pod that is no workload's; empty if it is Ready."""
    failure = pod_failure(obj)
    if failure is None:
        return ""
    return "\n".join([f"{failure}.", *last_warning(api, failure.namespace, failure.uid), *_log(api, failure)])


def last_warning(api: ClusterApi, namespace: str, uid: str) -> list[str]:
    """The last warning about an object: a probe's own words, a volume that cannot be mounted, a full quota."""
    try:
        listing = api.list(EVENT, namespace, field_selector=f"involvedObject.uid={uid},type=Warning")
    except SafeRestartError:
        return []
    events = [event for event in listing.items if event.get("reason") not in _KNOWN_FROM_STATUS]
    if not events:
        return []
    last = max(events, key=_seen)
    return [f"Last warning event: {last.get('reason', '')}: {' '.join(str(last.get('message', '')).split())}"]


def _seen(event: JsonObject) -> str:
    """When an event was last seen. Old ones have lastTimestamp, those of the newer API a series or eventTime."""
    series = (event.get("series") or {}).get("lastObservedTime")
    return str(event.get("lastTimestamp") or series or event.get("eventTime") or "")


def _log(api: ClusterApi, failure: PodFailure) -> list[str]:
    """The end of the log that says most."""
    if failure.log is None:
        return []
    container, previous = failure.log.container, failure.log.previous
    try:
        text = api.log_tail(failure.namespace, failure.pod, container, LOG_LINES, previous=previous)
    except SafeRestartError:
        return []
    which = f"container {container}{', the instance before' if previous else ''}"
    return [f"Last log lines of {which}:\n{text.rstrip()}"] if text.strip() else [f"The log of {which} is empty."]
