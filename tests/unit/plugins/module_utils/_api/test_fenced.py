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
    "attach": (("shop", "cart", "app"), {}),
    "ask_pod": (("shop", "cart", HttpGet("http", "", 80, "/", ()), 5.0), {}),
    "get": ((POD, "shop", "cart"), {}),
    "list": ((POD, "shop"), {}),
    "watch": ((POD, "shop", "1", 5.0), {}),
    "discover": (("v1", "Pod"), {}),
    "log_tail": (("shop", "cart", "app", 10), {"previous": False}),
    "namespace_exists": (("shop",), {}),
}
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


@pytest.mark.parametrize("method", CALLS)
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
    if method not in ("exec", "attach"):
        getattr(fenced, method)(*arguments, **options | {"dry_run": True})


def test_the_count_is_the_clusters(fake_api: FakeApi) -> None:
    fake_api.expect_exec("shop", "cart", "app", session := FakeExec())
    assert FencedApi(fake_api, lambda: None).exec("shop", "cart", "app", ["sh"]) is session
    session.close()
    assert FencedApi(fake_api, lost).requests == 1
    assert fake_api.restoring is fake_api
