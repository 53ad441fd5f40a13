# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How long the kubelet would wait before it starts a container again, from what the API tells of it. Pure.

The kubelet's rule, read in 1.36 (pkg/kubelet: doBackOff in kuberuntime/kuberuntime_manager.go, newCrashLoopBackOff in
kubelet.go; client-go: util/flowcontrol/backoff.go), with its default settings:

- It holds an entry per pod UID, container name, image and resources, in memory. A container that was never restarted
  has none and is started again at once.
- Each start of a container after an end makes the entry 10 s, or doubles it up to 300 s. The next start has to wait
  until so long after the end: to signal it later makes the wait no shorter.
- An entry is forgotten when the container ended, or it is, more than 600 s after that start.
- A start that fails (no image, for example) doubles the entry too, and no status counts it. But as each start has to
  wait for the entry it finds, the time that the container was last down is the most that entry can have been.
- What the kubelet itself stops, for a failed probe or another image, is started at once: the entry is held against the
  end of the instance before, which no status shows. The first such restart makes no entry at all.

What cannot be seen: that the kubelet was started since, which makes it forget everything; that the image was changed to
and fro; and settings that make a node's kubelet wait less (crashLoopBackOff.maxContainerRestartPeriod since 1.35).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod

#: What the entry can be, in seconds.
ENTRIES = (10, 20, 40, 80, 160, 300)
#: Seconds after a start when its entry is forgotten.
FORGOTTEN = 600
#: A status has whole seconds.
_ROUNDED = 1


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long the kubelet waits after the end of the instance that runs, in seconds.

    It takes a little longer, because the kubelet looks again only when it next works on the pod: that is up to half of
    the time, and of a minute, later.
    """

    seconds: int
    """What is likely."""
    least: int
    most: int
    reason: str


def back_off(pod: Pod, container: Container, now: datetime) -> BackOff:
    """What it is if the container's process ends now. The bounds hold but for what cannot be seen, see above."""
    if container.restart_count == 0 or container.started_at is None:
        return BackOff(0, 0, 0, "it has not been restarted yet")
    held = hold(container, now)
    if not held:
        return BackOff(0, 0, 0, f"its last restart is forgotten after {FORGOTTEN} s")
    last, started = container.termination, container.started_at
    ended = last.finished_at if last else None
    most_down = started - ended if ended and not container.killed_by_probe else _age_of(pod, started)
    most = _after(_longest_within(most_down))
    seconds, least = ENTRIES[0], 0
    if last and ended:
        ran = ended - last.started_at if last.started_at else timedelta()
        known = 0 if ran.total_seconds() > FORGOTTEN else _entry_number(container.restart_count - 1)
        seconds = _after(min(known, _longest_within(started - ended)))
        # The start may have begun right after the end, and taken its time.
        remaining = int(FORGOTTEN - _ROUNDED - (now - ended).total_seconds())
        least = 0 if container.restart_count == 1 else max(0, min(ENTRIES[0], remaining))
    bounds = "" if least == most else f", {least} to {most} s"
    age = max(0, round((now - started).total_seconds()))
    reason = (
        f"it was restarted {age} s ago: if it ends within the next {held:.0f} s "
        f"the kubelet waits before it starts it again (likely {seconds} s{bounds})"
    )
    return BackOff(seconds, least, most, reason)


def hold(container: Container, now: datetime) -> float:
    """Seconds until the container's process may end and is started again at once, as its last restart is forgotten."""
    if container.restart_count == 0 or container.started_at is None:
        return 0.0
    return max(0.0, FORGOTTEN + _ROUNDED - (now - container.started_at).total_seconds())


def _age_of(pod: Pod, moment: datetime) -> timedelta:
    """How old the pod was then; not known is old enough for anything."""
    return moment - pod.created_at if pod.created_at else timedelta.max


def _longest_within(down: timedelta) -> int:
    """The longest entry that lets a container start again after so long; 0 if there can have been none."""
    return max((entry for entry in ENTRIES if entry <= down.total_seconds()), default=0)


def _after(entry: int) -> int:
    """What becomes of the entry with a start."""
    return min(2 * entry, ENTRIES[-1]) or ENTRIES[0]


def _entry_number(starts: int) -> int:
    """The entry after so many starts within its memory; 0 after none."""
    return ENTRIES[min(starts, len(ENTRIES)) - 1] if starts else 0
