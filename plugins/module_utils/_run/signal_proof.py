# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a signal did: the container came back, the workers were replaced, or nothing happened. Seen, not concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.expectation import Expect, Family
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import Stage, stage
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import ProbeError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, ExecCut, ExecFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import OutcomeKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import follow, patience_for, watch_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, NothingSent, family_now
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: Between two looks at the workers: there is no watch for processes.
LOOK_SECONDS = 1.0
#: Looks that fail one after the other until it is taken for gone.
MOST_FAILURES = 3
#: How long workers may take to be replaced, unless said otherwise.
RELOAD_SECONDS = 30
#: What a session to a container ends with that is going down under it.
_GONE = (ApiError, ExecCut, ExecFailed, ProbeError)


@dataclass(slots=True)
class Proof:
    """What was seen: the outcome, in a sentence, the pod at the end, and the process before and after."""

    kind: OutcomeKind
    reason: str
    pod: Pod | None
    before: Family | None = None
    after: Family | None = None
    as_expected: bool = False
    unseen: bool = False
    """Whether the process could not be looked at afterwards."""
    seconds: float | None = None


def family_before(api: ClusterApi, look: Look, shell: str, expect: Expect) -> Family:
    """The process and its workers, right before the signal.

    Raises NothingSent where it is another one by now, or where its workers come and go without a signal, so that new
    ones would prove no reload.
    """
    try:
        family = family_now(api, look, shell)
    except _GONE as error:
        raise NothingSent(str(error).rstrip(".")) from error
    if family is None:
        raise NothingSent("the process has ended since it was looked at")
    if expect is Expect.RELOAD and look.family and (not family.workers or look.family.replaced_by(family)):
        raise NothingSent("its children come and go without a signal, so that a reload cannot be proven")
    return family


def prove(
    api: ClusterApi,
    clock: Clock,
    params: Mapping[str, Any],
    target: Target,
    look: Look,
    before: Family | None,
    expect: Expect,
) -> Proof:
    """Watch until what is expected has happened, something else has, or the time for it is over.

    `before` is only needed where the process is expected to stay.
    """
    if expect is Expect.RESTART or before is None:
        patience = patience_for(params, target, look.pod, [look.container])
        seen = follow(api, clock, target, look.pod, [look.container], patience)
        return Proof(seen.kind, seen.reason, seen.pod, as_expected=seen.kind == "restarted")
    if expect is Expect.RELOAD:
        grace = params["grace_seconds"] if params["grace_seconds"] is not None else RELOAD_SECONDS
        now = _wait_for_workers(api, clock, params["shell"], look, before, grace)
        if now is not None and not before.replaced_by(now):
            words = f"its children were not replaced within {grace} s: {_pids(before)} before, {_pids(now)} after"
            return Proof("unchanged", words, look.pod, before, now)
    proof = _stays(api, clock, params, target, look, before)
    return _reloaded(before, proof) if expect is Expect.RELOAD and proof.as_expected else proof


def _wait_for_workers(
    api: ClusterApi, clock: Clock, shell: str, look: Look, before: Family, seconds: float
) -> Family | None:
    """The process, once its workers are others or the time is over; None where it, or the container, has gone.

    Old workers may linger: they are waited for as long as there is time.
    """
    deadline, failures = Deadline(clock, seconds), 0
    while True:
        try:
            now, failures = family_now(api, look, shell), 0
        except _GONE:  # the container has ended, or the way to it is cut for a moment
            failures += 1
            if failures == MOST_FAILURES or deadline.passed():
                return None
            clock.sleep(min(LOOK_SECONDS, deadline.remaining()))
            continue
        if now is None or deadline.passed() or (before.replaced_by(now) and not before.lingering(now)):
            return now
        clock.sleep(min(LOOK_SECONDS, deadline.remaining()))


def _stays(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], target: Target, look: Look, before: Family
) -> Proof:
    """Whether container and process are still the same after `watch_seconds`."""
    pod, after, words, unseen = look.pod, None, "", False
    for now in watch_pod(api, clock, Deadline(clock, params["watch_seconds"]), target, look.pod):
        reached, pod = stage(look.container, False, now), now or pod
        words = _WORDS.get(reached, "")
        if words:
            break
    try:
        after = None if words else family_now(api, look, params["shell"])
    except _GONE as error:
        words, unseen = f"the process could not be looked at afterwards: {error}".rstrip("."), True
    if after:
        return Proof("unchanged", "the process and the container are the same", pod, before, after, as_expected=True)
    return Proof("failed", words or f"PID {before.head} has ended", pod, before, unseen=unseen)


_WORDS = {
    Stage.LOST: "the pod was deleted meanwhile",
    Stage.DOWN: "the container has ended",
    Stage.STARTED: "the container was restarted",
    Stage.READY: "the container was restarted",
}


def _reloaded(before: Family, proof: Proof) -> Proof:
    """The proof that the process is the same, with the proof that its workers are not."""
    after = proof.after
    if after is None or not before.replaced_by(after):
        kept = after is not None and before.lingering(after) == len(before.workers)
        words = "its children were not replaced" if kept else "its new children have ended"
        return Proof("failed", words, proof.pod, before, after)
    words = f"its children were replaced: {_pids(before)} before, {_pids(after)} after"
    if left := before.lingering(after):
        words += f", {left} of the old ones still finish"
    return Proof("reloaded", words, proof.pod, before, after, as_expected=True)


def _pids(family: Family) -> str:
    """The workers, in words."""
    return ", ".join(str(entry.pid) for entry in family.workers) or "none"
