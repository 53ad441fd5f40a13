# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is said at the end of an in-place restart that did not go well."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.window import Window
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.wording import not_touched
from ansible_collections.saferestart.k8s.plugins.module_utils._run.diagnose import diagnose_pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step, told
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_turns import Turns
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lost import is_well, lost


def account(
    api: ClusterApi, turns: Turns, window: Window, failed: Sequence[Step], ended: Sequence[Step], problem: str
) -> str:
    """What went wrong, what is not Ready any more, and what was not touched; nothing if all is well.

    `failed` are those that were not restarted, `ended` those that have ended again. The others are looked at once more.
    """
    lately = []
    for step, outcome in list(lost(turns.steps, window)):
        if not is_well(api, step):
            step.outcome, step.pod_after = outcome, window.pod(step.pod.uid)
            lately.append(step)
    texts = [f"Not restarted, {told(failed)}"] if failed else []
    if problem and not any(problem in text for text in texts):
        texts.append(f"Not all were restarted: {problem}")
    if ended or lately:
        texts.append(f"Restarted, and not Ready any more, {told([*ended, *lately])}")
    if not texts:
        return ""
    said = f"{'. '.join(texts)}.{not_touched([step for step in turns.steps if step.outcome is None])}"
    return f"{said}\n{_why(api, window, [*failed, *ended, *lately])}".strip()


def _why(api: ClusterApi, window: Window, steps: Sequence[Step]) -> str:
    """What a person would look up next, of the first one whose pod is not Ready: at most two requests."""
    broken = (step for step in steps if step.outcome and step.outcome.outcome == "failed")
    objects = (window.obj(step.pod.uid) for step in broken)
    return next((words for obj in objects if obj and (words := diagnose_pod(api, obj))), "")
