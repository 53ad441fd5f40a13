# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pods restarted as a whole, in place: one container of each is signalled, and its rule restarts the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import (
    RESTART_ALL,
    can_trigger,
    cannot_go_along,
    goes_along,
    no_trigger,
    unlikely,
    what_follows,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import before_restarting_all
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_name
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import known
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_plan import Pair, signalled
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import look_at
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target


def plan_whole_pods(
    api: ClusterApi, params: Mapping[str, Any], target: Target, pairs: Sequence[Pair], signal: int
) -> list[Step]:
    """A step for each container of these pods, also for those that are not among the pairs, pod by pod.

    The first of the pairs of a pod that may be signalled, and has such a rule, is. The others go along with it.
    """
    looks = look_at(api, [pair for pair in pairs if can_trigger(pair[1])], signal, params["shell"])
    found = [signalled(look, params, RESTART_ALL, known(target, look)) for look in looks]
    steps: list[Step] = []
    for uid, group in groupby(pairs, key=lambda pair: pair[0].uid):
        mine = list(group)
        steps += _of_pod(params, mine, [step for step in found if step.pod.uid == uid], signal)
    return steps


def waited_for(pairs: Sequence[Pair], why: str) -> list[Step]:
    """The steps of one pod that is being restarted as a whole already, as if the first of these had been signalled."""
    pod = pairs[0][0]
    first = next((container for _pod, container in pairs if can_trigger(container)), pairs[0][1])
    steps = _together(Step(pod, first, RESTART_ALL, ""), skip_prestop=True)
    for step in steps:
        step.before = before_restarting_all(pod, step.container)
    steps[0].wait(why)
    return steps


def bind(steps: Sequence[Step]) -> None:
    """Refuse whole pods: one container that may not be restarted holds up all that would be restarted with it."""
    for step in steps:
        if step.leader and step.leader.underway:
            step.leader.wait(step.leader.underway)
        elif step.leader and step.refused and not step.leader.refused:
            step.leader.refused = f"container {step.container.name} would go along, and cannot: {step.refused}"
    for step in steps:
        if step.leader and step.leader.refused:
            step.refused = (
                step.refused or f"container {step.leader.container.name}, which it goes along with, is refused"
            )


def _of_pod(params: Mapping[str, Any], pairs: Sequence[Pair], candidates: Sequence[Step], signal: int) -> list[Step]:
    """The steps of one pod: the one that is signalled comes first."""
    pod = pairs[0][0]
    if ended := next((step for step in candidates if step.underway), None):
        steps = _together(ended, skip_prestop=True)
        ended.wait(ended.underway)
        return steps
    for step in candidates:
        if not step.refused and not params["force"]:
            step.refused = unlikely(step.container, signal, signal_name(signal))
    trigger = next((step for step in candidates if not step.refused), None)
    if trigger is None:
        return [_refused(pod, container, candidates) for _pod, container in pairs]
    steps = _together(trigger, skip_prestop=params["prestop"] == "skip")
    trigger.reason = f"{trigger.reason}; {what_follows(trigger.container, len(trigger.followers))}"
    return steps


def _together(trigger: Step, *, skip_prestop: bool) -> list[Step]:
    """The step of the one that is signalled, and those of all that go along with it."""
    pod = trigger.pod
    others = [entry for entry in (*pod.run_once, *pod.containers) if entry.name != trigger.container.name]
    trigger.followers = [
        Step(
            pod,
            other,
            RESTART_ALL,
            goes_along(pod, other, trigger.container),
            cannot_go_along(pod, other, skip_prestop=skip_prestop),
            leader=trigger,
        )
        for other in others
    ]
    return [trigger, *trigger.followers]


def _refused(pod: Pod, container: Container, candidates: Sequence[Step]) -> Step:
    """The step of a container in a pod without one that could be signalled."""
    own = next((step for step in candidates if step.container.name == container.name), None)
    if own:
        return own
    names = ", ".join(step.container.name for step in candidates)
    reason = f"container {names}, whose end would restart all, is refused" if names else no_trigger(pod)
    return Step(pod, container, RESTART_ALL, "", reason)
