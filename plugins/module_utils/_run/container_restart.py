# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""container_restart: signal PID 1 where it acts on the signal, and prove that the container came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, NothingSent, look_at, signal_pid1
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve


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
            words = f"Not restarted, {step}: {outcome.reason}."
            raise RestartFailed(words, result(changed=any(entry.changed for entry in steps)))
    return result(changed=any(step.changed for step in steps))


def _carry_out(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, step: Step, signal: int
) -> None:
    """Signal one container, follow it to its end, and write the outcome into the step."""
    look, began = step.look, clock.monotonic()
    before, verdict, via = look.container, look.verdict, None
    kind: OutcomeKind = "failed"
    try:
        verdict = signal_pid1(api, look, signal, params["shell"], force=params["force"])
        via = "exec"
        kind, reason, step.pod_after = _follow(api, clock, params, target, look)
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
    grace = params["grace_seconds"] if params["grace_seconds"] is not None else pod.grace_seconds
    deadline = Deadline(clock, grace)
    reached, now = Stage.UNTOUCHED, pod
    only = f"metadata.name={pod.name}"
    for objects in observe(api, clock, deadline, POD, pod.namespace, field_selector=only, start=start):
        seen = Pod.from_object(objects[pod.uid]) if pod.uid in objects else None
        was, reached = reached, stage(before, pod.ready, seen)
        if reached is Stage.LOST:
            return "failed", "the pod was deleted meanwhile", seen
        now = seen or now
        if reached is Stage.READY:
            return "restarted", "a new instance of the container is Ready", now
        if was is Stage.UNTOUCHED and reached is not Stage.UNTOUCHED:
            deadline.restart(params["wait_timeout"])
    if reached is Stage.UNTOUCHED:
        later = ", it may still do so" if look.verdict.acts else ""
        return "unchanged", f"the signal was sent, and PID 1 did not end within {grace} s{later}", now
    container = now.container(before.name) or before
    state = f"{container.state} {container.state_reason} {container.state_message}".strip()
    wanted = "started again and was not Ready" if reached is Stage.STARTED else "ended and was not started again"
    return "failed", f"it {wanted} within {params['wait_timeout']} s ({state})", now


def _pods(steps: list[Step]) -> list[PodOutcome]:
    """The outcomes, pod by pod."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.look.pod.uid):
        mine = list(group)
        after = next((step.pod_after for step in reversed(mine) if step.pod_after), mine[0].look.pod)
        pods.append(PodOutcome(mine[0].look.pod, after, tuple(step.to_outcome() for step in mine)))
    return pods
