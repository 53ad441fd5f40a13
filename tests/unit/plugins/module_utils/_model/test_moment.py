# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import parse_time, time_text


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (None, None),
        ("", None),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
    ],
)
def test_parse_time(text: str | None, time: datetime | None) -> None:
    assert parse_time(text) == time


def test_a_time_as_text_is_in_utc_and_in_whole_seconds() -> None:
    moment = datetime(2026, 1, 31, 5, 4, 3, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert time_text(moment) == "2026-01-31T03:04:03Z"
    assert time_text(None) is None
