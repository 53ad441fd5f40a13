# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import EVENT, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.events import write_events
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

EVENTS: list[JsonObject] = [{"metadata": {"namespace": "shop", "generateName": f"pod-{i}."}} for i in range(300)]


def test_hundreds_are_written(clock: FakeClock) -> None:
    with FakeApi(clock, ordered=False) as api:
        for event in EVENTS:
            api.expect_create(EVENT, "shop", event, event)
        assert write_events(api, clock, EVENTS) == []


def test_none_is_none(fake_api: FakeApi, clock: FakeClock) -> None:
    assert write_events(fake_api, clock, []) == []


@pytest.mark.parametrize(
    ("error", "warnings"),
    [
        (ApiError("You may not.", 403), []),
        (Unreachable("No answer."), ["Not all events were written: No answer."]),
        (ApiError("Full.", 507), ["Not all events were written: Full."]),
    ],
)
def test_an_error_ends_it(fake_api: FakeApi, clock: FakeClock, error: Exception, warnings: list[str]) -> None:
    """With one at a time nothing more is asked; with several, what has begun is finished."""
    fake_api.expect_create(EVENT, "shop", EVENTS[0], error)
    assert write_events(fake_api, clock, EVENTS[:1]) == warnings


def test_what_comes_after_an_error_is_not_begun(clock: FakeClock) -> None:
    with FakeApi(clock, ordered=False) as api:
        for event in EVENTS:
            api.expect_create(EVENT, "shop", event, Unreachable("No answer."))
        assert write_events(api, clock, EVENTS) == ["Not all events were written: No answer."]
        assert api.requests < 100
        api._script.clear()


def test_there_is_an_end(clock: FakeClock) -> None:
    class Slow(FakeApi):
        def create(self, *_arguments: object, **_options: object) -> JsonObject:
            self.clock.advance(1.0)
            return {}

    assert write_events(Slow(clock), clock, EVENTS) == []
    assert clock.monotonic() < 1050
