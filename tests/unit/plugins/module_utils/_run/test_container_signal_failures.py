# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""It is sent, and something else happens."""

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecCut
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.container_signal_script import (
    HUP,
    expect_pod,
    failed,
    family,
    sessions,
    signalled,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    ENDED,
    acting,
    at,
    expect_watch,
    listing,
    looking,
    modified,
    only,
    restarted,
)

pytestmark = pytest.mark.usefixtures("_known_token")


def test_workers_stay(fake_api: FakeApi) -> None:
    signalled(fake_api)
    sessions(fake_api, *(listing(family(7)) for _second in range(3)))
    message, result = failed(fake_api, expect="reload", grace_seconds=2)
    assert "its children were not replaced within 2 s: 7 before, 7 after" in message
    assert (result["changed"], only(result)["outcome"]) == (True, "unchanged")


@pytest.mark.parametrize("look", [family(9, start=9999), ExecCut("cut")])
@pytest.mark.parametrize(
    ("now", "words"),
    [
        (at(0, ready=False, state=ENDED), "the container has ended"),
        (restarted().object, "the container was restarted"),
        (pod("cart-1", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), "the pod was deleted meanwhile"),
    ],
)
def test_the_container_does_not_stay(fake_api: FakeApi, now: JsonObject, words: str, look: str | Exception) -> None:
    signalled(fake_api)
    sessions(fake_api, *(listing(look) for _try in range(3 if isinstance(look, Exception) else 1)))
    expect_watch(fake_api, "cart-1", modified(now))
    message, result = failed(fake_api, expect="reload")
    assert words in message
    assert (result["changed"], only(result)["outcome"]) == (True, "failed")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (family(7, start=9999), "PID 1 nginx has ended"),
        (family(), "its new children have ended"),
        (ExecCut("cut."), "the process could not be looked at afterwards: cut"),
    ],
)
def test_it_does_not_last(fake_api: FakeApi, last: str | Exception, words: str) -> None:
    signalled(fake_api)
    sessions(fake_api, listing(family(21)))
    expect_watch(fake_api, "cart-1")
    sessions(fake_api, listing(last))
    assert words in failed(fake_api, expect="reload")[0]


@pytest.mark.parametrize(
    ("before", "words"),
    [(family(7, start=9999), "the process has ended since it was looked at"), (ExecCut("cut."), "cut")],
)
def test_it_changed_before_the_signal(fake_api: FakeApi, before: str | Exception, words: str) -> None:
    expect_pod(fake_api)
    sessions(fake_api, looking(caught="HUP"), listing(before))
    message, result = failed(fake_api)
    assert f"nothing was sent: {words}" in message
    assert (result["changed"], only(result)["via"]) == (False, None)


def test_the_first_surprise_ends_it(fake_api: FakeApi) -> None:
    fake_api.ordered = False
    expect_pod(fake_api, pod("cart-1", containers=[container("app"), container("web")]))
    sessions(fake_api, looking(caught=""), listing(family()), acting("sent 0", signal=HUP, caught=""))
    sessions(fake_api, listing(family(start=9999)))
    sessions(fake_api, looking(caught=""), name="web")
    expect_watch(fake_api, "cart-1")
    message, result = failed(fake_api)
    assert "1 more were not touched: container web" in message
    assert [entry["outcome"] for entry in result["pods"][0]["containers"]] == ["failed", "skipped"]
