# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""sandbox_restart: end the process of a pod's sandbox on purpose, and prove that the pod came back as the same pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import Wanted
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.sandbox import (
    SANDBOX_CHANGED,
    decide,
    events_seen,
    refusal,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import not_touched
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
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    EVENT,
    POD,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import (
    follow,
    patience_for,
    require_time,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import observe
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, NothingSent, look_at, signal_pid1
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import waiting
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve

#: Every sandbox ends on it (build/pause/linux/pause.c of Kubernetes).
SIGNAL = signal_number("TERM")
#: The kubelet writes its events in the background.
EVENT_SECONDS = 30


@dataclass(slots=True)
class Step:
    """One pod in the plan, and what became of it. `refused` says why nothing is sent, None if something is."""

    pod: Pod
    refused: str | None
    look: Look | None = None
    sent: bool = False
    kind: OutcomeKind = "skipped"
    reason: str = "not tried"
    after: Pod | None = None
    event: bool | None = None
    seconds: float | None = None

    @property
    def containers(self) -> tuple[Container, ...]:
        """Those that are to be restarted. One that has ended, or waits for its turn, comes back or not by itself."""
        return tuple(container for container in self.pod.containers if container.running)

    def to_plan(self) -> dict[str, Any]:
        """As the module returns it under `plan`."""
        verdict = self.look.verdict if self.look else None
        return {
            "pod": self.pod.name,
            "container": None,
            "action": "skip" if self.refused else "signal",
            "verdict": verdict.kind.value if verdict else None,
            "reason": self.refused or (verdict.reason if verdict else ""),
        }

    def to_outcome(self) -> PodOutcome:
        """The outcome, also of a pod whose turn has not come."""
        look, after = self.look, self.after or self.pod
        kept = self.refused or self.reason
        via = "exec" if self.sent else None
        return PodOutcome(
            self.pod,
            after,
            tuple(
                ContainerOutcome(
                    entry.name,
                    self.kind if entry.running else "skipped",
                    kept if entry.running else f"it was not running: {entry.state}",
                    entry,
                    after.container(entry.name),
                    look.verdict if look else None,
                    via if entry.running else None,
                    self.seconds if entry.running else None,
                    "measured" if self.sent and entry.running else "forecast",
                    ready_at=after.ready_since,
                )
                for entry in self.pod.containers
            ),
        )


def sandbox_restart(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    First every pod is looked at. If any is refused nothing is sent at all. Then their sandboxes are ended one after the
    other; the first pod that does not come back ends it. Raises RestartFailed with all done so far.
    """
    began = clock.monotonic()
    require_time(params)
    target = resolve(api, params)
    steps = [_plan(api, pod, params) for pod in target.pods]
    warnings: list[str] = []

    def result(*, changed: bool) -> dict[str, Any]:
        return _result(target, steps, warnings, changed, clock.monotonic() - began, api.requests)

    if refused := [f"{step.pod}: {step.refused}" for step in steps if step.refused]:
        words = f"Nothing was sent, {len(refused)} of {len(steps)} sandboxes cannot be ended"
        raise RestartFailed(f"{words}: {'; '.join(refused)}.", result(changed=False))
    if check_mode:
        return result(changed=bool(steps))
    for step in steps:
        _carry_out(api, clock, params, target, step, warnings)
        if step.kind != "restarted":
            others = not_touched(entry.pod for entry in steps if entry.kind == "skipped")
            raise RestartFailed(
                f"Not restarted, {step.pod}: {step.reason}.{others}",
                result(changed=any(entry.sent and entry.kind != "unchanged" for entry in steps)),
            )
    return result(changed=bool(steps))


def _plan(api: ClusterApi, pod: Pod, params: Mapping[str, Any]) -> Step:
    """Look at PID 1 from inside one container after the other, until one is found that may signal it."""
    if reason := refusal(pod, skip_prestop=params["prestop"] == "skip"):
        return Step(pod, reason)
    tried: list[Step] = []
    for container in pod.containers:
        if not container.running:
            continue
        (look,) = look_at(api, [(pod, container)], SIGNAL, params["shell"], wanted=Wanted(sandbox=True), via="exec")
        tried.append(Step(pod, decide(pod, container, look.facts, look.verdict), look))
        if tried[-1].refused is None:
            return tried[-1]
    return next((step for step in tried if step.look and step.look.facts), tried[0])


def _carry_out(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, step: Step, warnings: list[str]
) -> None:
    """End one sandbox, follow its pod until all containers are Ready again, and write the outcome into the step."""
    look, pod, began = step.look, step.pod, clock.monotonic()
    if look is None:
        return

    def refuse(facts: ProcessFacts, verdict: Verdict) -> str | None:
        return _restarted_since(api, step) or decide(pod, look.container, facts, verdict)

    step.kind = "failed"
    try:
        before = _events(api, pod)
        signal_pid1(api, look, SIGNAL, params["shell"], force=False, refuse=refuse)
        step.sent = True
        patience = patience_for(params, target, pod, step.containers)
        with waiting(f"the sandbox of {pod} was ended, its containers are not Ready yet"):
            seen = follow(api, clock, target, pod, step.containers, patience, afresh=True)
        step.kind, step.reason, step.after = seen.kind, seen.reason, seen.pod
        if seen.kind == "restarted":
            step.reason = "the pod has a new sandbox, and a new instance of the container is Ready"
            step.seconds = clock.monotonic() - began
            step.event = _event_seen(api, clock, pod, before)
    except NothingSent as error:
        step.reason = f"nothing was sent: {error}"
    except SafeRestartError as error:
        words = "the signal was sent, and then" if step.sent else "nothing was sent"
        step.reason = f"{words}: {error}".rstrip(".")
    if step.kind == "restarted" and not step.event:
        why = "the events could not be read" if step.event is None else f"none came within {EVENT_SECONDS} s"
        warnings.append(f"{pod}: all containers were restarted, but {why}: no event {SANDBOX_CHANGED} was seen.")


def _restarted_since(api: ClusterApi, step: Step) -> str | None:
    """Why the restart of a container could be taken for ours: the sandbox's process is the same before and after it."""
    now = Pod.from_object(api.get(POD, step.pod.namespace, step.pod.name))
    if now.uid != step.pod.uid or any(
        container.container_id != getattr(now.container(container.name), "container_id", None)
        for container in step.containers
    ):
        return "its containers were restarted since it was looked at, run again"
    return None


def _events(api: ClusterApi, pod: Pod) -> dict[str, int] | None:
    """What the kubelet has said so far of a changed sandbox; None where events cannot be read."""
    try:
        return events_seen(api.list(EVENT, pod.namespace, field_selector=_selector(pod)).items)
    except SafeRestartError:
        return None


def _event_seen(api: ClusterApi, clock: Clock, pod: Pod, before: Mapping[str, int] | None) -> bool | None:
    """Whether it has said so again; None where events cannot be read."""
    if before is None:
        return None
    try:
        for objects in observe(
            api, clock, Deadline(clock, EVENT_SECONDS), EVENT, pod.namespace, field_selector=_selector(pod)
        ):
            now = events_seen(list(objects.values()))
            if any(count > before.get(uid, 0) for uid, count in now.items()):
                return True
    except SafeRestartError:
        return None
    return False


def _selector(pod: Pod) -> str:
    return f"involvedObject.uid={pod.event_uid},reason={SANDBOX_CHANGED}"


def _result(
    target: Target, steps: list[Step], warnings: list[str], changed: bool, seconds: float, requests: int
) -> dict[str, Any]:
    """The shape of every restart; of each pod, whether the kubelet said that its sandbox has changed."""
    result = restart_result(
        "sandbox_restart",
        target.workload,
        [step.to_plan() for step in steps],
        [step.to_outcome() for step in steps],
        changed=changed,
        seconds=seconds,
        requests=requests,
        warnings=warnings,
    )
    for entry, step in zip(result["pods"], steps, strict=True):
        entry["sandbox_changed_event"] = step.event
    return result
