# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""container_signal: send any signal to a process, and prove that what was expected of it has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.expectation import Expect, contradiction
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import Wanted
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    chosen,
    decide,
    not_to_be_signalled,
    refusal,
    unreadable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import not_touched
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    RestartFailed,
    SafeRestartError,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import signal_number
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import (
    Verdict,
    VerdictKind,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import require_time
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, NothingSent, look_at, signal_pid1
from ansible_collections.saferestart.k8s.plugins.module_utils._run.signal_proof import (
    Proof,
    family_before,
    prove,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target, resolve


@dataclass(slots=True)
class Step:
    """One process in the plan, and what became of it. `refused` says why nothing is sent, None if something is."""

    look: Look
    refused: str | None
    verdict: Verdict
    proof: Proof | None = None
    sent: bool = False

    def __str__(self) -> str:
        return f"container {self.look.container.name} of {self.look.pod}"

    @property
    def may_act(self) -> bool:
        """Whether it is not known that it does nothing on the signal."""
        return self.verdict.acts or self.verdict.kind is VerdictKind.UNKNOWN

    @property
    def changed(self) -> bool:
        """Whether it may have done something: one that is known not to act on the signal has not."""
        return self.sent and (self.may_act or (self.proof is not None and self.proof.kind != "unchanged"))

    def to_plan(self) -> dict[str, Any]:
        """As the module returns it under `plan`."""
        facts = self.look.facts
        return {
            "pod": self.look.pod.name,
            "container": self.look.container.name,
            "action": "skip" if self.refused else "signal",
            "pid": facts.pid if facts else None,
            "process": facts.name if facts else None,
            "verdict": self.look.verdict.kind.value,
            "reason": self.refused or self.look.verdict.reason,
        }

    def to_outcome(self) -> ContainerOutcome:
        """The outcome, also of a process whose turn has not come."""
        before = self.look.container
        proof = self.proof or Proof("skipped", self.refused or "not tried", self.look.pod)
        return ContainerOutcome(
            before.name,
            proof.kind,
            proof.reason,
            before,
            proof.pod.container(before.name) if proof.pod else None,
            self.verdict,
            self.look.via if self.sent else None,
            proof.seconds if self.sent else None,
            "measured" if self.sent else "forecast",
            ready_at=proof.pod.ready_since if proof.pod else None,
        )

    def to_process(self) -> dict[str, Any] | None:
        """The process and its children before and after."""
        if self.look.facts is None:
            return None
        before, after = (self.proof.before, self.proof.after) if self.proof else (None, None)
        return {
            "pid": self.look.facts.pid,
            "name": self.look.facts.name,
            "start_time": self.look.facts.start_time,
            "same": None if before is None or (self.proof and self.proof.unseen) else after is not None,
            "workers_before": [entry.pid for entry in before.workers] if before else None,
            "workers_after": [entry.pid for entry in after.workers] if after else None,
        }


def container_signal(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The result of the module.

    First every process is looked at. If any is refused nothing is sent at all. Then they are signalled one after the
    other; the first of which something else is seen than was expected ends it. Raises RestartFailed with all so far.
    """
    began = clock.monotonic()
    signal, expect = signal_number(params["signal"]), Expect(params["expect"])
    require_time(params)
    if params["process"] == "":
        raise TargetError("process is empty: leave it out for PID 1, or the container's first process.")
    target = resolve(api, params)
    pairs = [(pod, container) for pod in target.pods for container in chosen(pod, params["containers"])]
    wanted = Wanted(params["process"], workers=expect is Expect.RELOAD)
    looks = look_at(api, pairs, signal, params["shell"], wanted=wanted, via=params["via"])
    if params["process"] is not None and params["containers"] is None:
        looks = _with_the_process(looks)
    steps = [Step(look, _refused(look, look.facts, look.verdict, params, expect), look.verdict) for look in looks]

    def result(*, changed: bool) -> dict[str, Any]:
        return _result(target, steps, changed=changed, seconds=clock.monotonic() - began, requests=api.requests)

    if refused := [f"{step}: {step.refused}" for step in steps if step.refused]:
        words = f"Nothing was sent, {len(refused)} of {len(steps)} signals are refused"
        raise RestartFailed(f"{words}: {'; '.join(refused)}.", result(changed=False))
    if check_mode:
        return result(changed=any(step.may_act for step in steps))
    for step in steps:
        _carry_out(api, clock, params, target, step, signal, expect)
        proof = step.proof
        if proof is None or not proof.as_expected:
            others = not_touched(entry for entry in steps if entry.proof is None)
            words = f"Not as expected ({expect}), {step}: {proof.reason if proof else ''}.{others}"
            raise RestartFailed(words, result(changed=any(entry.changed for entry in steps)))
    return result(changed=any(step.changed for step in steps))


def _with_the_process(looks: Sequence[Look]) -> list[Look]:
    """Those of containers that have the process: a pod that has it is not searched in vain for the others' sake.

    Raises TargetError where more than one container of a pod has it.
    """
    kept: list[Look] = []
    for _uid, group in groupby(looks, key=lambda look: look.pod.uid):
        mine = list(group)
        having = [look for look in mine if look.facts]
        if len(having) > 1:
            found = ", ".join(f"PID {look.facts.pid} in {look.container.name}" for look in having if look.facts)
            raise TargetError(f"{mine[0].pod} has the process more than once: {found}. Say which with containers.")
        kept += having + [look for look in mine if not (look.facts or (having and look.nameless))]
    return kept


def _refused(
    look: Look, facts: ProcessFacts | None, verdict: Verdict, params: Mapping[str, Any], expect: Expect
) -> str | None:
    """Why nothing is sent, or None if the signal may go out. `force` overrides the forecast and nothing else."""
    pod, container, force = look.pod, look.container, params["force"]
    if facts is None:
        return unreadable(pod, container) or verdict.reason
    if expect is Expect.RESTART:
        skip = params["prestop"] == "skip"
        if reason := decide(pod, container, facts, verdict, skip_prestop=skip, force=True):
            return reason
    # Where the forecast is overridden it may end all the same.
    if reason := not_to_be_signalled(pod, container, facts) or (refusal(pod, container) if force else None):
        return reason
    if expect is Expect.RELOAD and look.family and not look.family.workers:
        return f"PID {facts.pid} ({facts.name}) has no children, so that a reload cannot be proven; expect nothing"
    if reason := None if force else contradiction(expect, verdict):
        return f"{expect} is expected, but {reason}"
    return None


def _carry_out(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    target: Target,
    step: Step,
    signal: int,
    expect: Expect,
) -> None:
    """Signal one process, see what it does, and write that into the step."""
    look, began = step.look, clock.monotonic()

    def refuse(facts: ProcessFacts, verdict: Verdict) -> str | None:
        return _refused(look, facts, verdict, params, expect)

    try:
        before = None if expect is Expect.RESTART else family_before(api, look, params["shell"], expect)
        signalled = signal_pid1(api, look, signal, params["shell"], force=params["force"], refuse=refuse)
        step.verdict, step.sent = signalled.verdict, True
        step.proof = prove(api, clock, params, target, look, before, expect)
        if step.proof.as_expected and expect is Expect.NOTHING and not signalled.seen:
            step.proof.as_expected, step.proof.kind = False, "failed"
            step.proof.reason = "the session was cut off, the signal may not have been sent; nothing has changed"
    except NothingSent as error:
        step.proof = Proof("failed", f"nothing was sent: {error}", look.pod)
    except SafeRestartError as error:
        words = "the signal was sent, and then" if step.sent else "nothing was sent"
        step.proof = Proof("failed", f"{words}: {error}".rstrip("."), look.pod)
    step.proof.seconds = clock.monotonic() - began


def _result(target: Target, steps: Sequence[Step], *, changed: bool, seconds: float, requests: int) -> dict[str, Any]:
    """The shape of every restart, and beside each container its process."""
    pods = []
    for _uid, group in groupby(steps, key=lambda step: step.look.pod.uid):
        mine = list(group)
        seen: list[Pod | None] = [step.proof.pod for step in mine if step.proof]
        after = seen[-1] if seen else mine[0].look.pod
        pods.append(PodOutcome(mine[0].look.pod, after, tuple(step.to_outcome() for step in mine)))
    plan = [step.to_plan() for step in steps]
    result = restart_result("signal", target.workload, plan, pods, changed=changed, seconds=seconds, requests=requests)
    entries = [container for pod in result["pods"] for container in pod["containers"]]
    for entry, step in zip(entries, steps, strict=True):
        entry["process"] = step.to_process()
    result["summary"]["reloaded"] = sum(entry["outcome"] == "reloaded" for entry in entries)
    return result
