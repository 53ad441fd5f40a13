# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Moments, as Kubernetes writes them: RFC 3339 in UTC (apimachinery, pkg/apis/meta/v1/time.go)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


def parse_time(text: str | None) -> datetime | None:
    """A Kubernetes time (RFC 3339, UTC, whole seconds or finer) as an aware datetime; None stays None."""
    return datetime.fromisoformat(text) if text else None


@overload
def time_text(moment: datetime) -> str: ...


@overload
def time_text(moment: None) -> None: ...


def time_text(moment: datetime | None) -> str | None:
    """The same as text: UTC, in whole seconds. None stays None."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
