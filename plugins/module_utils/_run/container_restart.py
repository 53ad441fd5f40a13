# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""container_restart: signal PID 1 where it acts on the signal, and prove that the container came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import Stage, chosen, decide, stage
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import (
    UNPROBED_SECONDS,
    Container,
    Pod,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, NothingSent, look_at, signal_pid1
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: What a pod has by default; the kubelet reports an end only after a moment, however short the pod's own period is.
GRACE_SECONDS = 30


@dataclass(slots=True)
class Step:
    """One container in the plan, and what became of it. `refused` says why nothing is sent, None if something is."""

    look: Look
    refused: str | None
    pod_after: Pod | None = None
    outcome: ContainerOutcome | None = None

    def __str__(self) -> str:
        return f"container {self.look.container.name} of {self.look.pod}"

    @property
    def changed(self) -> bool:
        """Whether the container is another one now, or is going to be: one that acts on the signal may only be slow."""
        if self.outcome is None or self.outcome.via is None:
            return False
        return self.outcome.outcome != "unchanged" or self.look.verdict.acts

    def to_plan(self) -> dict[str, Any]:
        """As the module returns it under `plan`."""
        return {
            "pod": self.look.pod.name,
            "container": self.look.container.name,
            "action": "skip" if self.refused else "signal",
            "verdict": self.look.verdict.kind.value,
            "reason": self.refused or self.look.verdict.reason,
        }

    def to_outcome(self) -> ContainerOutcome:
        """The outcome, also of a container whose turn has not come."""
        if self.outcome:
            return self.outcome
        container = self.look.container
        return ContainerOutcome(
            container.name, "skipped", self.refused or "not tried", container, container, self.look.verdict
        )


def container_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    First every container is looked at. If any is refused nothing is sent at all, unless `on_refused` is `skip`. Then
    the others are restarted one after the other; the first failure ends it. Raises RestartFailed with all done so far.
    """
    began = clock.monotonic()
    signal = signal_number(params["signal"])
    target = resolve(api, params)
    # Pods that are not Ready first: nobody misses them.
    pods = sorted(target.pods, key=lambda pod: pod.ready)
    pairs = [(pod, container) for pod in pods for container in chosen(pod, params["containers"])]
    steps = [
        Step(
            look,
            decide(
                look.pod,
                look.container,
                look.facts,
                look.verdict,
                skip_prestop=params["prestop"] == "skip",
                force=params["force"],
            ),
        )
        for look in look_at(api, pairs, signal, params["shell"])
    ]

    def result(*, changed: bool) -> dict[str, Any]:
        return restart_result(
            "in_place",
            target.workload,
            [step.to_plan() for step in steps],
            _pods(steps),
            changed=changed,
            seconds=clock.monotonic() - began,
            requests=api.requests,
        )

    refused = [f"{step}: {step.refused}" for step in steps if step.refused]
    if refused and params["on_refused"] == "fail":
        words = f"Nothing was sent, {len(refused)} of {len(steps)} containers cannot be restarted in place"
        raise RestartFailed(f"{words}: {'; '.join(refused)}.", result(changed=False))
    todo = [step for step in steps if not step.refused]
    if check_mode:
        return result(changed=bool(todo))
    for step in todo:
        _carry_out(api, clock, params, target, step, signal)
        outcome = step.to_outcome()
        if outcome.outcome != "restarted":
            left = [entry for entry in todo if entry.outcome is None]
            others = f" {len(left)} more were not touched: {', '.join(map(str, left))}." if left else ""
            words = f"Not restarted, {step}: {outcome.reason}.{others}"
            raise RestartFailed(words, result(changed=any(entry.changed for entry in steps)))
    if len(todo) > 1:
        _look_back(api, target, todo)
        if lost := [step for step in todo if step.outcome and step.outcome.outcome != "restarted"]:
            words = "; ".join(f"{step}: {step.to_outcome().reason}" for step in lost)
            raise RestartFailed(f"Restarted, and not Ready any more, {words}.", result(changed=True))
    return result(changed=any(step.changed for step in steps))


def _look_back(api: ClusterApi, target: Target, steps: list[Step]) -> None:
    """Ask once more for those that were restarted first: a new instance may have ended while others were restarted."""
    names = {step.look.pod.name for step in steps}
    only = f"metadata.name={names.pop()}" if len(names) == 1 else ""
    listing = api.list(POD, target.namespace, target.selector, only)
    pods = {pod.uid: pod for pod in map(Pod.from_object, listing.items)}
    for step in steps:
        after, now = step.to_outcome().after, pods.get(step.look.pod.uid)
        container = now.container(step.look.container.name) if now else None
        if step.outcome is None or after is None or container is None:
            continue
        if container.container_id != after.container_id or not (container.running and container.ready):
            state = f"{container.state} {container.state_reason}".strip()
            reason = f"its new instance ended, or is not Ready, after all ({state})"
            step.pod_after = now
            step.outcome = replace(step.outcome, outcome="failed", reason=reason, after=container)


def _carry_out(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, step: Step, signal: int
) -> None:
    """Signal one container, follow it to its end, and write the outcome into the step."""
    look, began = step.look, clock.monotonic()
    before, verdict, via = look.container, look.verdict, None
    kind: OutcomeKind = "failed"
    try:
        sent = signal_pid1(api, look, signal, params["shell"], force=params["force"])
        verdict, via = sent.verdict, look.via
        kind, reason, step.pod_after = _follow(api, clock, params, target, look)
        if kind == "unchanged":
            known = "the signal was sent" if sent.seen else "the session was cut off, the signal may not have been sent"
            reason = f"{known}, and {reason}"
    except NothingSent as error:
        reason = f"nothing was sent: {error}"
    except SafeRestartError as error:
        reason = f"the signal was sent, and then: {error}".rstrip(".")
    after = step.pod_after.container(before.name) if step.pod_after else None
    seconds = clock.monotonic() - began if via else None
    step.outcome = ContainerOutcome(before.name, kind, reason, before, after, verdict, via, seconds)


def _follow(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, look: Look
) -> tuple[OutcomeKind, str, Pod | None]:
    """Watch the pod from before the signal until the container is Ready again, or it is clear that it will not be.

    The old one has `grace_seconds`, or else the pod's grace period, to end; the new one `wait_timeout` to be Ready.
    """
    pod, before = look.pod, look.container
    start = Listing(
        [obj for obj in target.listing.items if obj["metadata"]["uid"] == pod.uid], target.listing.resource_version
    )
    steady = _steady_seconds(params, target, before)
    grace = params["grace_seconds"] if params["grace_seconds"] is not None else max(pod.grace_seconds, GRACE_SECONDS)
    deadline = Deadline(clock, grace)
    total: Deadline | None = None
    reached, now = Stage.UNTOUCHED, pod
    only = f"metadata.name={pod.name}"
    for objects in observe(api, clock, deadline, POD, pod.namespace, field_selector=only, start=start):
        seen = Pod.from_object(objects[pod.uid]) if pod.uid in objects else None
        was, reached = reached, stage(before, pod.ready, seen)
        if reached is Stage.LOST:
            return "failed", "the pod was deleted meanwhile", seen
        now = seen or now
        if total is None and reached is not Stage.UNTOUCHED:
            total = Deadline(clock, params["wait_timeout"])
            deadline.restart(total.remaining())
        if total and reached is Stage.READY and was is not Stage.READY:
            if steady <= 0:
                break
            deadline.restart(min(steady, total.remaining()))
        elif total and was is Stage.READY and reached is not Stage.READY:
            deadline.restart(total.remaining())
    if reached is Stage.READY:
        return "restarted", "a new instance of the container is Ready", now
    if reached is Stage.UNTOUCHED:
        later = ", it may still do so" if look.verdict.acts else ""
        return "unchanged", f"PID 1 did not end within {grace} s{later}", now
    return "failed", _not_ready(before, now.container(before.name) or before, params["wait_timeout"]), now


def _not_ready(before: Container, container: Container, seconds: int) -> str:
    """How far a container came that was not Ready in time."""
    state = f"{container.state} {container.state_reason} {container.state_message}".strip()
    if container.restart_count > before.restart_count and container.running:
        words = "it was restarted, but is not Ready"
    elif container.restart_count > before.restart_count:
        words = "it was restarted, but has ended again"
    else:
        words = "it ended and was not started again"
    return f"{words} within {seconds} s ({state})"


def _steady_seconds(params: Mapping[str, Any], target: Target, container: Container) -> float:
    """How long it has to stay Ready. Without a readiness probe a container is Ready as soon as it runs."""
    if params["min_ready_seconds"] is not None:
        return float(params["min_ready_seconds"])
    wanted = target.workload.min_ready_seconds if target.workload else 0
    return max(wanted, 0 if container.probed else UNPROBED_SECONDS)


def _pods(steps: list[Step]) -> list[PodOutcome]:
    """The outcomes, pod by pod."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.look.pod.uid):
        mine = list(group)
        after = next((step.pod_after for step in reversed(mine) if step.pod_after), mine[0].look.pod)
        pods.append(PodOutcome(mine[0].look.pod, after, tuple(step.to_outcome() for step in mine)))
    return pods
