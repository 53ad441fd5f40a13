# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is told of an in-place restart while it goes on."""

from __future__ import annotations

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.window import Window
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_turns import Turn, Turns
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import Reporter


def tell(reporter: Reporter, turns: Turns, window: Window, waiting: str) -> None:
    """Which containers have an outcome, how many pods are down for it, what has ended again, why the next one waits.

    `waiting` has no words of a server: those are for the result, where Ansible masks secrets.
    """
    down = sum(turn.away or _is_left_down(turn, window) for turn in turns)
    again = [container for _turn, following in turns.followed if (container := following.ended_again)]
    words = f"{len(again)} {'has' if len(again) == 1 else 'have'} ended again after the restart" if again else ""
    if again and (ended := again[0].termination):
        words += f" (exit code {ended.exit_code})"
    reporter.see(turns.steps, down, "; ".join(filter(None, [words, waiting])))


def _is_left_down(turn: Turn, window: Window) -> bool:
    """Whether a container of the pod was not restarted as it should, and the pod is not Ready."""
    failed = any(step.outcome and step.outcome.outcome == "failed" for step in turn.steps)
    pod = window.pod(turn.pod.uid) if failed else None
    return bool(pod and not pod.ready and not pod.terminating)
