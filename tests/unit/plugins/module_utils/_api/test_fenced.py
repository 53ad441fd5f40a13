# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.fenced import FencedApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import LockLost
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JSON_PATCH, POD
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "patch": ((POD, "shop", "cart", [], JSON_PATCH), {"dry_run": False}),
    "create": ((POD, "shop", {}), {"dry_run": False}),
    "replace": ((POD, "shop", "cart", {}), {"dry_run": False}),
    "delete": ((POD, "shop", "cart"), {"uid": "u"}),
    "evict": (("shop", "cart"), {"uid": "u"}),
    "exec": (("shop", "cart", "app", ["sh"]), {}),
    "take_up": (("token",), {}),
    "attach": (("shop", "cart", "app"), {}),
    "ask_pod": (("shop", "cart", HttpGet("http", "", 80, "/", ()), 5.0), {}),
    "get": ((POD, "shop", "cart"), {}),
    "list": ((POD, "shop"), {}),
    "watch": ((POD, "shop", "1", 5.0), {}),
    "discover": (("v1", "Pod"), {}),
    "log_tail": (("shop", "cart", "app", 10), {"previous": False}),
    "namespace_exists": (("shop",), {}),
}
SESSIONS = {"exec", "attach"}
READS = {"get", "list", "watch", "discover", "log_tail", "namespace_exists"}


class Told(FakeApi):
    """A cluster that only tells what it was asked for."""

    def __getattribute__(self, name: str) -> Any:
        return (
            (lambda *arguments, **options: (name, arguments, options))
            if name in CALLS
            else super().__getattribute__(name)
        )


def lost() -> None:
    raise LockLost("lost")


def test_no_method_is_forgotten() -> None:
    assert CALLS.keys() == ClusterApi.__abstractmethods__ - {"requests", "endpoint"}


@pytest.mark.parametrize("method", CALLS.keys() - SESSIONS - {"take_up"})
def test_what_may_disturb_is_asked_for_first(method: str) -> None:
    arguments, options = CALLS[method]
    api = Told(FakeClock())
    asked: list[str] = []
    passed = getattr(FencedApi(api, lambda: asked.append("asked")), method)(*arguments, **options)
    assert passed == (method, arguments, options)
    assert asked == ([] if method in READS else ["asked"])
    fenced = FencedApi(api, lost)
    if method in READS:
        assert getattr(fenced, method)(*arguments, **options) == passed
        return
    with pytest.raises(LockLost):
        getattr(fenced, method)(*arguments, **options)
    assert getattr(fenced.restoring, method)(*arguments, **options) == passed
    getattr(fenced, method)(*arguments, **options | {"dry_run": True})


def expect_session(api: FakeApi, method: str, session: FakeExec) -> None:
    """An exec or an attach."""
    getattr(api, f"expect_{method}")("shop", "cart", "app", session)


@pytest.mark.parametrize("method", sorted(SESSIONS))
def test_a_session_asks_before_it_is_open_and_before_each_line(fake_api: FakeApi, method: str) -> None:
    arguments, _options = CALLS[method]
    asked: list[str] = []
    expect_session(fake_api, method, FakeExec().expect_line().expect_read("done").expect_line().expect_finish("end"))
    with getattr(FencedApi(fake_api, lambda: asked.append("asked")), method)(*arguments) as session:
        assert len(asked) == 2
        session.send_line("look")
        assert session.read_until("done", 1) == "done"
        session.send_line("signal")
        assert session.finish(1).stdout == "end"
    assert len(asked) == 4


@pytest.mark.parametrize("method", sorted(SESSIONS))
def test_no_session_is_opened_without_leave(fake_api: FakeApi, method: str) -> None:
    arguments, _options = CALLS[method]
    with pytest.raises(LockLost):
        getattr(FencedApi(fake_api, lost), method)(*arguments)
    assert not fake_api.calls


def test_a_session_that_is_taken_up_asks_before_each_line(fake_api: FakeApi) -> None:
    asked: list[str] = []
    api = FencedApi(fake_api, lambda: asked.append("asked"))
    assert api.take_up("one") is None
    fake_api.kept["one"] = FakeExec().expect_line()
    with api.take_up("one") as session:  # type: ignore[union-attr]
        session.send_line("signal")
    assert asked == ["asked"]


@pytest.mark.parametrize("lines", [0, 1])
def test_a_lock_that_is_lost_while_a_session_opens_or_lasts(fake_api: FakeApi, lines: int) -> None:
    answers = iter([None] * (1 + lines) + [LockLost("lost")])
    expect_session(fake_api, "exec", FakeExec())

    def require() -> None:
        if error := next(answers):
            raise error

    api = FencedApi(fake_api, require)
    with pytest.raises(LockLost), api.exec("shop", "cart", "app", ["sh"]) as session:
        session.send_line("signal")


def test_the_count_is_the_clusters(fake_api: FakeApi) -> None:
    fake_api.expect_exec("shop", "cart", "app", FakeExec())
    FencedApi(fake_api, lambda: None).exec("shop", "cart", "app", ["sh"]).close()
    assert FencedApi(fake_api, lost).requests == 1
    assert fake_api.restoring is fake_api
