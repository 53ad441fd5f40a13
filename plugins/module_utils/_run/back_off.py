# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What an in-place restart does about containers that the kubelet would make wait (on_backoff)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.back_off import BackOff, back_off, hold
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import NO_BACK_OFF, RESTART_ALL
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import some_of
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step

#: Containers that a message names.
MOST_NAMED = 10
_BY_NAME = BackOff(0, 0, 0, "the kubelet waits for each name of its image by itself")


def foresee(steps: Sequence[Step], params: Mapping[str, Any], now: datetime) -> str:
    """Write into each step that is to be carried out how long the kubelet is going to wait with the container.

    With `on_backoff: skip` those that would wait are refused. Returns why nothing may be sent at all, or nothing.
    """
    going = [step for step in steps if not step.refused]
    for step in going:
        step.back_off = _unaffected(step) or back_off(step.pod, step.container, now)
    waiting = [step for step in going if step.back_off and step.back_off.most]
    how, patience = params["on_backoff"], params["wait_timeout"]
    if how == "skip":
        for step in waiting:
            step.refused = f"{_reason(step)}; on_backoff is skip"
    elif how == "fail" and waiting:
        return _forbidden(waiting, "the kubelet would make them wait (on_backoff is fail)", _reason)
    elif how == "wait" and (long := [step for step in waiting if held([step], params, now) > patience]):
        words = f"they would be held for longer than wait_timeout, {patience} s (on_backoff is wait)"
        return _forbidden(long, words, lambda step: f"for {held([step], params, now):.0f} s")
    elif how == "proceed" and (long := [step for step in waiting if _seconds(step) >= patience]):
        return _forbidden(long, f"they would not be back within wait_timeout, {patience} s", _reason)
    return ""


def foretold(steps: Sequence[Step], params: Mapping[str, Any]) -> list[str]:
    """What a user may not expect of those that are restarted all the same, as warnings."""
    waiting = [step for step in steps if _seconds(step)] if params["on_backoff"] == "proceed" else []
    if not waiting:
        return []
    longest = max(map(_seconds, waiting))
    words = f"{len(waiting)} of {len(steps)} containers were restarted within the last ten minutes"
    return [f"{words}, and the kubelet starts them again only after up to {longest} s: {some_of(waiting, MOST_NAMED)}."]


def held(steps: Sequence[Step], params: Mapping[str, Any], now: datetime) -> float:
    """Seconds until all these containers may be signalled (on_backoff: wait)."""
    if params["on_backoff"] != "wait":
        return 0.0
    return max((hold(step.container, now) for step in steps if not _unaffected(step)), default=0.0)


def _unaffected(step: Step) -> BackOff | None:
    """What holds for a container that the kubelet does not make wait because of the way it is restarted in."""
    if step.via == RESTART_ALL:
        return NO_BACK_OFF
    return _BY_NAME if step.image else None


def _forbidden(steps: Sequence[Step], words: str, reason: Callable[[Step], str]) -> str:
    told = some_of([f"{step}: {reason(step)}" for step in steps], MOST_NAMED)
    return f"Nothing was sent, {words}: {told}."


def _reason(step: Step) -> str:
    return step.back_off.reason if step.back_off else ""


def _seconds(step: Step) -> int:
    return step.back_off.seconds if step.back_off else 0
