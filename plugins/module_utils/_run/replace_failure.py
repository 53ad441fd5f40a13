# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Why pods were not replaced in time: the budget, the finalizer, the node, or what is wrong with the new pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group, is_available
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import NODE, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._run.take_down import DONE, How, Turn


@dataclass(frozen=True, slots=True)
class Stuck:
    """What went wrong, None if nothing did, and of single pods, by UID, why they are not replaced."""

    reasons: Mapping[str, str]
    problem: str | None


def explain(
    api: ClusterApi,
    namespace: str,
    how: How,
    seconds: float,
    queues: Sequence[tuple[Group, Sequence[Turn]]],
    objects: Mapping[str, JsonObject],
) -> Stuck:
    """The state of things when the time is up, for each owner that is not done; asks for what the pods do not say."""
    reasons: dict[str, str] = {}
    lines: list[str] = []
    details: list[str] = []
    for group, turns in queues:
        for turn in turns:
            if turn.in_flight:
                words, more = _not_replaced(api, group, turn, objects, ask=not details)
                reasons[turn.pod.uid] = words
                lines.append(f"{turn.pod} was {DONE[how.method]}, {words}")
                details += more
        waiting = [turn for turn in turns if turn.state == "waiting"]
        if not any(turn.in_flight for turn in turns):
            first = waiting[0] if waiting else None
            words, more = _held_up(api, namespace, group, first, objects, ask=not details)
            lines.append(words)
            details += more
    text = f"not done after {seconds:g} s (wait_timeout): {'; '.join(lines)}"
    return Stuck(reasons, "\n".join([f"{text}.", *details]).rstrip("."))


def _not_replaced(
    api: ClusterApi, group: Group, turn: Turn, objects: Mapping[str, JsonObject], *, ask: bool
) -> tuple[str, list[str]]:
    """Of a pod that was taken down: what is missing, as half a sentence, and details on lines of their own."""
    if old := objects.get(turn.pod.uid):
        return _still_there(api, turn.pod, old, ask=ask), []
    owner = turn.pod.owner
    uid = owner.uid if owner else ""
    if turn.after:
        words = f"and {turn.after.name} in its place is not Ready, or not for long enough"
        more = diagnose_pods(api, turn.pod.namespace, group.kind, uid, [objects[turn.after.uid]]) if ask else ""
    else:
        words = "and no pod has taken its place"
        more = diagnose_pods(api, turn.pod.namespace, group.kind, uid, []) if ask else ""
    return words, [more] if more else []


def _still_there(api: ClusterApi, pod: Pod, obj: JsonObject, *, ask: bool) -> str:
    """Why a pod does not go."""
    finalizers = obj["metadata"].get("finalizers") or []
    if finalizers:
        return f"and is still there: whoever set its finalizers has to remove them ({', '.join(finalizers)})"
    node = _node_state(api, pod.node) if ask and pod.node else ""
    return f"and is still there: {node or f'its node {pod.node} has not said that its containers have ended'}"


def _node_state(api: ClusterApi, name: str) -> str:
    """What is wrong with a node, if it is, and may be read."""
    try:
        status = api.get(NODE, "", name).get("status") or {}
    except SafeRestartError:
        return ""
    ready = next((entry["status"] for entry in status.get("conditions") or [] if entry["type"] == "Ready"), "Unknown")
    if ready == "True":
        return ""
    return f"its node {name} does not answer (Ready is {ready}); force removes the pod without it"


def _held_up(
    api: ClusterApi, namespace: str, group: Group, turn: Turn | None, objects: Mapping[str, JsonObject], *, ask: bool
) -> tuple[str, list[str]]:
    """Of a pod whose turn has not come: what it waited for, and details on lines of their own.

    None: all have had their turn, and the owner has not as many pods at work as it wants.
    """
    if turn and turn.words:
        return turn.words, []
    pods = [(obj, pod) for obj in objects.values() if group.owns(pod := Pod.from_object(obj))]
    missing = [obj for obj, _pod in pods if not is_available(group, obj)]
    words = f"{len(pods) - len(missing)} of the {group.desired} pods of {group} are Ready"
    if turn:
        words = f"{turn.pod} was not touched, since {words}, and no more than {group.window} may be down"
        words += " (max_unavailable)"
    else:
        words += ", or not for long enough, and with older_than the others are waited for: an earlier run may have "
        words += "taken them down, or something else keeps them away, such as a quota"
    owners = (pod.owner.uid for _obj, pod in pods if pod.owner)
    more = diagnose_pods(api, namespace, group.kind, next(owners, group.uid), missing) if ask else ""
    return words, [more] if more else []
