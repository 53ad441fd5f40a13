# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.stale_config import Stale, changed_at, stale
from ansible_collections.saferestart.k8s.plugins.module_utils._model.config_use import ConfigUse


def hour(number: int) -> datetime:
    return datetime(2026, 1, 2, number, tzinfo=UTC)


def entry(number: int, *fields: str) -> dict[str, Any]:
    """An entry of managedFields: these fields, last changed in that hour."""
    return {"manager": "x", "time": f"2026-01-02T{number:02}:00:00Z", "fieldsV1": {name: {} for name in fields}}


@pytest.mark.parametrize(
    ("managed", "found"),
    [
        ([entry(1, "f:data")], 1),
        ([entry(1, "f:data"), entry(5, "f:metadata")], 1),
        ([entry(1, "f:data", "f:metadata"), entry(3, "f:binaryData"), entry(2, "f:data")], 3),
        ([entry(5, "f:metadata")], 1),
        ([{"manager": "x"}], 1),
        ([], None),
        (None, None),
    ],
)
def test_the_last_change_of_its_content(managed: Any, found: int | None) -> None:
    meta = {"creationTimestamp": "2026-01-02T01:00:00Z", "managedFields": managed}
    assert changed_at({"metadata": meta}) == (found and hour(found))


def test_one_that_was_made_anew() -> None:
    meta = {"creationTimestamp": "2026-01-02T04:00:00Z", "managedFields": [entry(1, "f:data")]}
    assert changed_at({"metadata": meta}) == hour(4)


def use(started: datetime, way: str = "env", kind: str = "ConfigMap", pod: datetime | None = None) -> ConfigUse:
    return ConfigUse("app", False, kind, "m", way, started, pod or started)


def test_what_was_started_before_a_change() -> None:
    changes = {("ConfigMap", "m"): hour(2)}
    old = use(hour(1))
    assert stale([old, use(hour(3)), use(hour(1), kind="Secret")], changes) == [Stale(old, hour(2), hour(2))]


def test_in_the_same_second_it_is_new() -> None:
    assert stale([use(hour(1))], {("ConfigMap", "m"): hour(1)}) == []


@pytest.mark.parametrize(
    ("way", "seconds", "found"),
    [("env", 1, False), ("env_from", 1, False), ("sub_path", 119, True), ("sub_path", 120, False), ("volume", 9, True)],
)
def test_a_volume_that_was_there_may_be_behind(way: str, seconds: int, found: bool) -> None:
    started = hour(2) + timedelta(seconds=seconds)
    assert bool(stale([use(started, way, pod=hour(1))], {("ConfigMap", "m"): hour(2)})) == found


def test_a_volume_that_was_made_after_the_change_is_not() -> None:
    assert stale([use(hour(2), "sub_path", pod=hour(2))], {("ConfigMap", "m"): hour(2)}) == []
