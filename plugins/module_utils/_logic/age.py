# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How old is too old: a time, or a duration before now, as a user writes it. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod

_DURATION = re.compile(r"(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", re.ASCII)


def cutoff(text: str, now: datetime) -> datetime:
    """The moment that `text` means: whatever began before it is too old.

    A duration ('90s', '2h30m', '1d', or plain seconds) counts back from `now`; a time is RFC 3339 with a zone. Raises
    TargetError for anything else, and for a time that is yet to come: everything would be older than that, now and in
    every later run.
    """
    if match := _DURATION.fullmatch(text.strip()):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        try:
            return now - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            raise _wrong(text) from None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _wrong(text) from None
    if moment.tzinfo is None:
        raise _wrong(text)
    if moment > now:
        raise TargetError(f"older_than: {text} is yet to come, it is {time_text(now)}.")
    return moment


def is_older(pod: Pod, moment: datetime | None) -> bool:
    """Whether the pod was created before that moment; every pod is, without one."""
    return moment is None or pod.created_at is None or pod.created_at < moment


def too_young(container: Container, moment: datetime, now: datetime) -> str | None:
    """Why a container is left alone that was not started before that moment; None if it was, or does not run."""
    if not container.running or container.started_at is None or container.started_at < moment:
        return None
    age = max(0.0, (now - container.started_at).total_seconds())
    return f"started {age:.0f} s ago, which is not before {time_text(moment)} (older_than)"


def _wrong(text: str) -> TargetError:
    return TargetError(
        f"older_than: {text!r} is neither a duration, such as 90s, 2h30m or 1d, nor plain seconds, "
        "nor a time with its zone, such as 2026-01-31T03:00:00Z."
    )
