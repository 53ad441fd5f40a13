# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first pod alone, and what it has to prove."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.http_check import unanswered
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    at,
    expect_exec,
    expect_watch_all,
    failed_run,
    looking,
    modified,
    outcomes,
    restarted,
    run,
)

pytestmark = pytest.mark.usefixtures("_known_token")


@pytest.fixture
def first(fake_api: FakeApi) -> FakeApi:
    """Three pods, looked at; the first one is signalled."""
    fake_api.ordered = False
    fake_api.expect_list(POD, NAMESPACE, [at(0, f"cart-{n}") for n in (1, 2, 3)], label_selector="app=cart")
    for name in ("cart-1", "cart-2", "cart-3"):
        expect_exec(fake_api, name, looking())
    expect_exec(fake_api, "cart-1", acting("sending 15"))
    return fake_api


def canary(**options: Any) -> dict[str, Any]:
    """The module's options: all three at a time, after the first."""
    defaults = {"soak_seconds": 0, "until": None, "url": None, "timeout": 10}
    return {"label_selectors": ["app=cart"], "max_unavailable": "100%", "canary": defaults | options}


def expect_rest(api: FakeApi) -> None:
    """The others are signalled too."""
    for name in ("cart-2", "cart-3"):
        expect_exec(api, name, acting("sending 15"))


def test_the_others_go_together_after_it(first: FakeApi) -> None:
    expect_rest(first)
    expect_watch_all(first, 1.0, restarted(), 2.0, restarted("cart-2"), restarted("cart-3"))
    result = run(first, **canary())
    assert [entry["containers"][0]["seconds"] for entry in result["pods"]] == [1, 2, 2]


def test_it_has_to_stay_ready(first: FakeApi) -> None:
    expect_rest(first)
    expect_watch_all(first, 1.0, restarted(), 29.0)
    expect_watch_all(first, 2.0, modified(at(1)), version="11")
    expect_watch_all(first, restarted("cart-2"), restarted("cart-3"), version="11")
    result = run(first, **canary(soak_seconds=30))
    assert result["summary"]["restarted"] == 3
    signals = [arguments["pod"] for method, arguments in first.calls if method == "exec"][3:]
    assert signals == ["cart-1", "cart-2", "cart-3"]
    assert first.clock.monotonic() == 1032


def test_it_ends_again(first: FakeApi) -> None:
    gone = at(1, ready=False, state={"waiting": {"reason": "CrashLoopBackOff"}})
    expect_watch_all(first, 1.0, restarted(), 5.0, modified(gone))
    message, result = failed_run(first, **canary(soak_seconds=30))
    assert message.startswith(
        "Restarted, and not Ready any more, container app of Pod shop/cart-1: its new instance ended"
    )
    assert "2 more were not touched" in message
    assert [row[2] for row in outcomes(result)] == ["failed", "skipped", "skipped"]


def test_it_fails_whatever_may_fail(first: FakeApi) -> None:
    expect_watch_all(first)
    first.expect_get(POD, NAMESPACE, "cart-1", at(0))
    expect_exec(first, "cart-1", looking())
    message, _result = failed_run(first, **canary(), max_failures=2)
    assert "2 more were not touched" in message


def test_until_is_true_in_the_end(first: FakeApi) -> None:
    expect_rest(first)
    first.expect_get(POD, NAMESPACE, "cart-1", at(1))
    first.expect_get(POD, NAMESPACE, "cart-1", ApiError("Too busy", 500))
    first.expect_get(POD, NAMESPACE, "cart-1", {**at(1), "note": "warm"})
    expect_watch_all(first, 1.0, restarted(), 2.0, modified(at(1)), 2.0, modified(at(1)), restarted("cart-2"))
    expect_watch_all(first, restarted("cart-3"), version="11")
    assert run(first, **canary(until="pod.note == 'warm'"))["summary"]["restarted"] == 3


def test_until_is_not_true_in_time(first: FakeApi) -> None:
    for _ in range(6):
        first.expect_get(POD, NAMESPACE, "cart-1", at(1))
    expect_watch_all(first, 1.0, restarted(), *[2.0, modified(at(1))] * 6)
    message, _result = failed_run(first, **canary(until="workload"))
    assert "restarted first, and canary.until (workload) was not true within 10 s" in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"until": "a ["}, "canary.until: 'a \\['"),
        ({"url": "file:///etc/passwd"}, "canary.url is no http or https URL with a host"),
        ({"url": "https://"}, "canary.url is no http"),
        ({"soak_seconds": -1}, "have to be 0 or more"),
    ],
)
def test_options_that_make_no_sense(fake_api: FakeApi, options: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):  # and nothing was asked
        run(fake_api, **canary(**options))


class Answer(BaseHTTPRequestHandler):
    """A service with a good page and no other."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Silence."""


@pytest.fixture
def service() -> Iterator[str]:
    """The service's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_url(service: str, first: FakeApi) -> None:
    assert unanswered(f"{service}/good", 30) == ""
    assert unanswered(f"{service}/bad", 30) == "it answers with status 503"
    expect_watch_all(first, 1.0, restarted(), 20.0, modified(at(1)))
    message, result = failed_run(first, **canary(url=f"{service}/bad?token=secret"))
    assert "canary.url was not answered: it answers with status 503, within 10 s" in message
    assert "secret" not in message + str(result)


def test_no_server_at_all() -> None:
    assert unanswered("http://127.0.0.1:1/", 5).startswith("it does not answer")
