# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What somebody who sees a failure at night does next. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

#: More commands than this are not read.
MOST_PODS = 3
#: With these a run with the same time does what is left, and leaves what was restarted.
_RESUMABLE = ("in_place", "image_alias", "rollout_restart")


def next_steps(
    strategy: str, began: str | None, namespace: str, failed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> list[dict[str, str]]:
    """What to do after a failure: words, and a command where there is one.

    `failed` has a pod and its container for each reason.
    """
    steps: list[dict[str, str]] = []
    seen: dict[str, str] = {}
    for pod, container in failed:
        name, where = str(pod.get("name") or ""), str(pod.get("namespace") or namespace)
        if name in seen or len(seen) == MOST_PODS or not name:
            continue
        seen[name] = where
        words = f"See why {container.get('name')} of Pod {name} is not well"
        kubectl = f"kubectl --namespace {shlex.quote(where)}"
        steps.append({"words": words, "command": f"{kubectl} describe pod {shlex.quote(name)}"})
        log = f"{kubectl} logs {shlex.quote(name)} --container {shlex.quote(str(container.get('name')))}"
        ended = container.get("restart_count_after") != container.get("restart_count_before")
        steps.append({"words": "What it wrote", "command": f"{log} --tail 50{' --previous' if ended else ''}"})
    again = "Then run the same again. What was restarted stands, and nothing has to be cleaned up"
    if strategy in _RESUMABLE and began:
        again += f"; with older_than: {began} only what is left is restarted"
    steps.append({"words": f"{again}.", "command": ""})
    return steps
