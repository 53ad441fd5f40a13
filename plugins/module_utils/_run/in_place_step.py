# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One container of an in-place restart: what is planned for it, doing it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.aftermath import explain
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.back_off import BackOff
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.come_back import Note
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import Basis, Measured
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Followed
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import decide
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.prestop import HookEnd
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import RESTART_ALL, became
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import LockLost, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import ContainerOutcome, OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict
from ansible_collections.saferestart.k8s.plugins.module_utils._run.image_restart import NotArrived, restart_by_name
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import (
    Gone,
    Look,
    NothingSent,
    OutOfReach,
    Signalled,
    look_again,
    signal_pid1,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.prestop import run_hook
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target


@dataclass(slots=True)
class Step:
    """One container in the plan, and what became of it. `refused` says why nothing is sent, None if something is."""

    pod: Pod
    container: Container
    via: str
    reason: str
    """Why it is restarted in this way."""
    refused: str | None = None
    look: Look | None = None
    """What its PID 1 was seen to be; None where nobody looked."""
    image: str = ""
    """The other name of its image, for `image_alias`."""
    budget: str | None = None
    """Who was asked whether the pod's disruption budget has room: see Room. None where its turn has not come."""
    hook: HookEnd | None = None
    """How its preStop hook ended; None where none was run by us."""
    young: str = ""
    """Why it does not have to be restarted (older_than)."""
    underway: str = ""
    """Why nothing is sent and it is only waited for: it is being restarted already, not by this run."""
    before: Container | None = None
    """What it was before that, where it is not what was listed."""
    moment: datetime | None = None
    """What was started since then does not have to be restarted (older_than)."""
    back_off: BackOff | None = None
    """How long the kubelet is going to wait with it; None where it is not restarted."""
    trial: tuple[str, ...] | None = None
    """What a verdict that was settled by trying holds for: the image and the command; None where none is to be."""
    gates: tuple[Note, ...] = ()
    """What speaks against its coming back."""
    pod_after: Pod | None = None
    outcome: ContainerOutcome | None = None
    may_still_end: bool = False
    known: Measured | None = None
    """What the signal did to the same program in an earlier run, where that decides."""
    basis: Basis = "forecast"
    """What the decision rests on."""
    settled: bool = False
    """The signal did not end it, and never will."""
    sent_at: datetime | None = None
    """When it was begun with: the session that sends the signal is opened, or the name is written."""
    lived_for: float = 0.0
    """Seconds from the signal to when it was given up."""
    ended_after: float | None = None
    """Seconds from the signal to its end."""
    killed: str = ""
    """Where it had to be killed, why."""
    followers: list[Step] = field(default_factory=list)
    """The other containers of the pod, where its end restarts them too (restart_all_containers)."""
    leader: Step | None = field(default=None, repr=False, compare=False)
    """The one whose end restarts this one; nothing is sent to this one then."""

    def __str__(self) -> str:
        return f"container {self.container.name} of {self.pod}"

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on its PID 1, if there is one."""
        return self.look.verdict if self.look else None

    @property
    def followed(self) -> list[Container]:
        """What has to run anew for the proof, the container itself first."""
        once = self.pod.run_once
        steps = (self, *(step for step in self.followers if step.container not in once))
        return [step.before or step.container for step in steps]

    def wait(self, why: str) -> None:
        """Nothing is sent to it, nor to what goes along with it: they are being restarted already."""
        for step in (self, *self.followers):
            step.underway, step.refused = why, None

    @property
    def changed(self) -> bool:
        """Whether the container is another one now, or is going to be: one that acts on the signal may only be slow."""
        if self.hook:
            return True
        if self.outcome is None or self.outcome.via is None:
            return False
        # One that was tried may have lost its handler.
        return self.outcome.outcome != "unchanged" or self.may_still_end or self.trial is not None

    def to_plan(self) -> dict[str, Any]:
        """As the module returns it under `plan`."""
        left = self.young or self.underway
        acts = "patch" if self.image else "along" if self.leader else "signal"
        action = "leave" if left else "skip" if self.refused else acts
        back_off = self.back_off
        return {
            "pod": self.pod.name,
            "container": self.container.name,
            "action": action,
            "via": None if left or self.refused else self.via,
            "verdict": self.verdict.kind.value if self.verdict else None,
            "budget": (self.leader or self).budget,
            "reason": left or self.refused or self.reason,
            "basis": None if left else self.basis,
            "back_off_seconds": back_off.seconds if back_off else None,
            "back_off_bounds": [back_off.least, back_off.most] if back_off else None,
            "back_off_reason": back_off.reason if back_off else None,
            "gates": [note.to_plan() for note in self.gates],
        }

    def to_outcome(self) -> ContainerOutcome:
        """The outcome, also of a container whose turn has not come."""
        if self.young and self.outcome is None:
            return ContainerOutcome(self.container.name, "unchanged", self.young, self.container, self.container)
        return self.outcome or self.skipped(self.refused or "not tried", measured=self.basis == "measured")

    def skipped(self, reason: str, *, measured: bool = False) -> ContainerOutcome:
        """The outcome of a container that nothing was sent to."""
        basis: Basis = "measured" if measured else "forecast"
        before = self.container
        return ContainerOutcome(before.name, "skipped", reason, before, before, self.verdict, basis=basis)


def begin(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, step: Step, signal: int
) -> Signalled | Followed:
    """Send the signal; or give another name, and follow that to its end.

    Raises NothingSent where nothing was, and another SafeRestartError for what went wrong after a name was given.
    """
    step.sent_at = clock.now()
    if step.image:
        return restart_by_name(api, clock, params, target, step.pod, step.container, step.image)
    hook = step.container.pre_stop
    if params["prestop"] != "run" or hook is None:
        return _signal(api, params, step, signal)
    # A hook takes the program out of service: not before it is certain that the signal would be sent.
    judged = _signal(api, params, step, signal, asked_only=True)
    step.hook = run_hook(api, clock, params, step.pod, step.container, hook)
    step.sent_at = clock.now()
    try:
        return _signal(api, params, step, signal)
    except NothingSent as error:
        step.hook = replace(step.hook, unsent=str(error))
        return judged


def conclude(
    step: Step, result: Followed | SafeRestartError, sent: Signalled | None, seconds: float, why: str = ""
) -> None:
    """Write the outcome into the step. `seconds` since it was begun; `why` says why the same instance still runs."""
    via: str | None = None if step.underway else step.via
    kind: OutcomeKind = "failed"
    if isinstance(result, Followed):
        kind, reason, step.pod_after = result.kind, why or result.reason, result.pod
        if step.underway:
            kind, reason = _not_by_us(step, result)
        if step.killed and not why:
            reason = f"{step.killed}: {reason}"
    elif isinstance(result, NothingSent) or (isinstance(result, LockLost) and sent is None):
        kind = "unchanged" if isinstance(result, NotArrived) else "failed"
        via, reason = None, f"nothing was sent: {result}"
    else:
        done = "its image was given another name" if step.image else "the signal was sent"
        reason = f"{done}, and then: {result}".rstrip(".")
    if step.hook:
        reason = f"{reason}; {step.hook}"
    before = step.container
    step.outcome = ContainerOutcome(
        before.name,
        kind,
        reason,
        before,
        step.pod_after.container(before.name) if step.pod_after else None,
        sent.verdict if sent else step.verdict,
        via,
        seconds if via else None,
        "measured" if via else "forecast",
        step.sent_at if via else None,
        step.pod_after.ready_since if step.pod_after else None,
    )
    _conclude_followers(step)


def _conclude_followers(step: Step) -> None:
    """What became of the containers that were to go along; if it was not all of them, it is no success."""
    if not step.followers or step.outcome is None or (step.outcome.via is None and not step.underway):
        return
    for other in step.followers:
        before, other.pod_after = other.before or other.container, step.pod_after
        after = step.pod_after.any_container(before.name) if step.pod_after else None
        kind, reason = became(before, after, step.outcome.outcome, once=other.container in step.pod.run_once)
        if step.underway:
            reason = f"{step.underway}: {reason}"
        other.outcome = ContainerOutcome(
            before.name,
            kind,
            reason,
            other.container,
            after,
            via=step.outcome.via,
            seconds=step.outcome.seconds,
            basis=step.outcome.basis,
        )
        if step.outcome.outcome == "restarted" and kind != "restarted":
            reason = f"container {before.name} of the pod: {reason}"
            step.outcome = replace(step.outcome, outcome="failed", reason=reason)


def told(steps: Sequence[Step]) -> str:
    """Each with the reason of its outcome."""
    return "; ".join(f"{step}: {step.to_outcome().reason}" for step in steps)


def _not_by_us(step: Step, result: Followed) -> tuple[OutcomeKind, str]:
    """Outcome and reason of a container that was only waited for."""
    if result.kind == "unchanged":
        return "failed", f"nothing was sent, {step.underway}; and yet {result.reason}"
    if step.young and result.kind == "restarted":
        return "unchanged", f"{step.young}, and it is Ready by now"
    return result.kind, f"{step.young or step.underway}: {result.reason}"


def _signal(
    api: ClusterApi, params: Mapping[str, Any], step: Step, signal: int, *, asked_only: bool = False
) -> Signalled:
    """Send the signal, or with `asked_only` see whether it would be sent. Raises NothingSent."""
    pod, container, force, settles = step.pod, step.container, params["force"], step.trial is not None
    if step.look is None:
        raise NothingSent("PID 1 was not looked at")
    own, known = step.look.own, step.known

    def refuse(facts: ProcessFacts, verdict: Verdict) -> str | None:
        return decide(
            pod,
            container,
            facts,
            verdict,
            skip_prestop=True,
            force=force,
            try_unknown=settles,
            own=own,
            known=known,
            whole_pod=step.via == RESTART_ALL,
        )

    try:
        return signal_pid1(api, step.look, signal, params["shell"], force=force, refuse=refuse, asked_only=asked_only)
    except Gone as error:
        if error.started_at and not (step.moment and error.started_at >= step.moment):
            raise NothingSent(str(error)) from error  # that was before this run: it does not do instead of a restart
        raise


def why_unchanged(
    api: ClusterApi, params: Mapping[str, Any], step: Step, sent: Signalled | None, signal: int, reason: str
) -> str:
    """Why the same instance still runs; `reason` is how long it was waited for. PID 1 is looked at for it.

    Raises Gone where it does not run after all, and OutOfReach where it cannot be looked at just now.
    """
    if sent is None or step.look is None:
        return f"its image was given another name, and {reason}"
    known = "the signal was sent" if sent.seen else "the session was cut off, the signal may not have been sent"
    if step.hook and step.hook.unsent:
        known = f"nothing was sent: {step.hook.unsent}"
    step.may_still_end = sent.verdict.acts
    try:
        found = look_again(api, step.look, params["shell"])
    except (Gone, OutOfReach) as error:
        raise type(error)(f"{known}, and {reason}; why cannot be told: {error}") from error
    if not isinstance(found, str) and found.start_time != sent.facts.start_time:
        raise Gone(f"{known}, and {reason}; another process is in its place")
    if isinstance(found, str):
        return f"{known}, and {reason}; why cannot be told: {found}"
    aftermath = explain(sent.facts, found, signal)
    step.may_still_end = aftermath.may_still_end
    step.settled = sent.seen and not aftermath.may_still_end
    hope = "a longer grace_seconds may help" if aftermath.may_still_end else "waiting longer does not help"
    return f"{known}, and {reason}: {aftermath.reason}; {hope}"
