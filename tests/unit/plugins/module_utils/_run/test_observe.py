# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import Listing, WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable, WatchExpired
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.observe import WATCH_SECONDS, observe
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi

EXPIRED = WatchExpired("too old", 410)
AWAY = Unreachable("nobody there")


def obj(uid: str, version: str, mark: str = "") -> JsonObject:
    """An object of which only the identity matters, and a mark to tell its states apart."""
    return {"metadata": {"uid": uid, "resourceVersion": version}, "mark": mark}


def event(kind: str, uid: str, version: str, mark: str = "") -> WatchEvent:
    """A line of a watch."""
    return WatchEvent(kind, obj(uid, version, mark))


def seen(api: FakeApi, seconds: float = 10.0, start: Listing | None = None) -> list[dict[str, str]]:
    """All that is yielded until the deadline: the marks by UID."""
    return [marks(state) for state in observing(api, Deadline(api.clock, seconds), start)]


def observing(api: FakeApi, deadline: Deadline, start: Listing | None = None) -> Iterator[dict[str, JsonObject]]:
    """The call under test."""
    return observe(
        api, api.clock, deadline, POD, "shop", label_selector="app=cart", field_selector="metadata.name=a", start=start
    )


def marks(state: dict[str, JsonObject]) -> dict[str, str]:
    """What tells states apart."""
    return {uid: entry["mark"] for uid, entry in state.items()}


def expect_list(api: FakeApi, *items: JsonObject, version: str = "100") -> None:
    """The list that begins it."""
    api.expect_list(
        POD, "shop", items, label_selector="app=cart", field_selector="metadata.name=a", resource_version=version
    )


def expect_failing_list(api: FakeApi, error: Exception = AWAY) -> None:
    """A list that fails."""
    api.expect_list(POD, "shop", error, label_selector="app=cart", field_selector="metadata.name=a")


def expect_watch(api: FakeApi, version: str, *events: WatchEvent | float | Exception, cut: bool = False) -> None:
    """A watch from that version on."""
    api.expect_watch(
        POD,
        "shop",
        events,
        resource_version=version,
        label_selector="app=cart",
        field_selector="metadata.name=a",
        cut=cut,
    )


def test_first_what_is_there_then_each_change(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    expect_watch(
        fake_api,
        "100",
        event("MODIFIED", "a", "101", "new"),
        event("ADDED", "b", "102", "other"),
        event("DELETED", "a", "103"),
        event("DELETED", "a", "103"),
    )
    assert seen(fake_api) == [{"a": "old"}, {"a": "new"}, {"a": "new", "b": "other"}, {"b": "other"}]
    assert fake_api.clock.monotonic() == 1010.0


def test_a_listing_that_the_caller_has_is_not_asked_for_again(fake_api: FakeApi) -> None:
    expect_watch(fake_api, "77")
    assert seen(fake_api, start=Listing([obj("a", "1", "old")], "77")) == [{"a": "old"}]


def test_a_cut_watch_is_resumed_from_the_last_version_seen(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", event("ADDED", "a", "101", "one"), cut=True)
    expect_watch(fake_api, "101", WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": "150"}}), cut=True)
    expect_watch(fake_api, "150", event("MODIFIED", "a", "151", "two"))
    assert seen(fake_api) == [{}, {"a": "one"}, {"a": "two"}]
    assert fake_api.clock.slept == [1, 1]  # a server that hangs up at once is not flooded


def test_a_watch_that_lasted_is_resumed_without_a_pause(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", 5.0, cut=True)
    expect_watch(fake_api, "100")
    assert seen(fake_api) == [{}]
    assert fake_api.clock.slept == []


def test_an_expired_version_begins_with_a_new_list(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    expect_watch(fake_api, "100", 2.0, event("ADDED", "b", "101"), EXPIRED)
    expect_list(fake_api, obj("a", "300", "new"), version="300")
    expect_watch(fake_api, "300")
    assert seen(fake_api) == [{"a": "old"}, {"a": "old", "b": ""}, {"a": "new"}]


def test_versions_that_always_expire_do_not_flood_the_server(fake_api: FakeApi) -> None:
    for _ in range(3):
        expect_list(fake_api)
        expect_watch(fake_api, "100", EXPIRED)
    assert seen(fake_api, 2.5) == [{}] * 3
    assert fake_api.clock.slept == [1, 1, 0.5]


def test_a_server_that_is_away_for_a_while_is_waited_for(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    expect_watch(fake_api, "100", AWAY)
    expect_watch(fake_api, "100", AWAY)
    expect_watch(fake_api, "100", event("MODIFIED", "a", "101", "new"))
    assert seen(fake_api) == [{"a": "old"}, {"a": "new"}]
    assert fake_api.clock.slept == [1, 1]


def test_a_server_that_is_away_after_an_expired_version_is_waited_for(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    expect_watch(fake_api, "100", 5.0, EXPIRED)
    for _ in range(2):
        expect_failing_list(fake_api)
    expect_list(fake_api, obj("a", "300", "new"), version="300")
    expect_watch(fake_api, "300")
    assert seen(fake_api) == [{"a": "old"}, {"a": "new"}]
    assert fake_api.clock.slept == [1, 1]


def test_a_server_that_stays_away_after_an_expired_version_is_an_error_at_the_deadline(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", 7.5, EXPIRED)
    for _ in range(3):
        expect_failing_list(fake_api)
    with pytest.raises(Unreachable, match="nobody there"):
        seen(fake_api)
    assert fake_api.clock.slept == [1, 1, 0.5]


def test_a_server_that_cannot_list_just_now_is_waited_for(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    expect_watch(fake_api, "100", 5.0, EXPIRED)
    expect_failing_list(fake_api, ApiError("etcd is away", 503))
    expect_list(fake_api, obj("a", "300", "new"), version="300")
    expect_watch(fake_api, "300")
    assert seen(fake_api) == [{"a": "old"}, {"a": "new"}]


def test_a_server_that_cannot_list_until_the_deadline_is_an_error(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", 8.5, EXPIRED)
    for _ in range(2):
        expect_failing_list(fake_api, ApiError("etcd is away", 503))
    with pytest.raises(Unreachable, match="etcd is away"):
        seen(fake_api)


def test_no_permission_for_the_list_after_an_expired_version(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", 5.0, EXPIRED)
    expect_failing_list(fake_api, ApiError("forbidden", 403))
    with pytest.raises(ApiError, match="forbidden"):
        seen(fake_api)


def test_a_server_that_stays_away_is_an_error_at_the_deadline(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    for _ in range(3):
        expect_watch(fake_api, "100", AWAY)
    with pytest.raises(Unreachable, match="nobody there"):
        seen(fake_api, 3.0)
    assert fake_api.clock.monotonic() == 1003.0


def test_no_permission_to_watch_is_an_error_at_once(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100", ApiError("forbidden", 403))
    with pytest.raises(ApiError, match="forbidden"):
        seen(fake_api)


def test_a_long_wait_is_made_of_several_watches(fake_api: FakeApi) -> None:
    expect_list(fake_api)
    expect_watch(fake_api, "100")
    expect_watch(fake_api, "100")
    assert seen(fake_api, WATCH_SECONDS + 20) == [{}]
    assert fake_api.clock.monotonic() == 1000 + WATCH_SECONDS + 20


@pytest.mark.parametrize(("seconds", "end"), [(60.0, 1062.0), (5.0, 1007.0)], ids=["later", "earlier"])
def test_the_deadline_can_be_moved(fake_api: FakeApi, seconds: float, end: float) -> None:
    deadline = Deadline(fake_api.clock, 30)
    expect_watch(fake_api, "1", 2.0, event("MODIFIED", "a", "2"))
    expect_watch(fake_api, "2")
    states = observing(fake_api, deadline, Listing([], "1"))
    assert [marks(next(states)), marks(next(states))] == [{}, {"a": ""}]
    deadline.restart(seconds)
    assert list(states) == []
    assert fake_api.clock.monotonic() == end


def test_no_time_at_all_still_tells_what_is_there(fake_api: FakeApi) -> None:
    expect_list(fake_api, obj("a", "1", "old"))
    assert seen(fake_api, 0) == [{"a": "old"}]
