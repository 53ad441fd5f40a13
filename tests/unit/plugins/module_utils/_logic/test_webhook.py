# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.webhook import EVENTS, not_taken, plan_webhook

URL = "https://jane:s3cret@hooks.example.com:8443/services/T0KEN?key=T0KEN"


@pytest.mark.parametrize("empty", [None, "", " \n"])
def test_what_is_empty_is_the_default(empty: str | None) -> None:
    webhook, faults = plan_webhook(dict.fromkeys(("url", "headers", "body", "on", "timeout"), empty))
    assert faults == []
    assert webhook == {"url": "", "host": "", "headers": {}, "body": "", "on": [], "timeout": 10}


def test_of_an_address_only_the_host_is_to_be_shown() -> None:
    webhook, faults = plan_webhook({"url": f" {URL}\n"})
    assert (webhook["url"], webhook["host"], faults) == (URL, "hooks.example.com", [])
    assert webhook["on"] == list(EVENTS)


@pytest.mark.parametrize(
    "url",
    [
        "hooks.example.com/T0KEN",
        "ftp://hooks.example.com/T0KEN",
        "https:///T0KEN",
        "https://hooks.example.com:T0KEN/",
        "https://[T0KEN/",
        "https://hooks.example.com/T0KEN b",
        "https://hooks.example.com/T0KEN\nHost: b",
        ["https://hooks.example.com/T0KEN"],
        70,
    ],
)
def test_what_is_no_address_is_not_shown(url: Any) -> None:
    webhook, (fault,) = plan_webhook({"url": url, "on": "failed"}, "r_")
    assert fault.startswith("r_url is no http or https URL")
    assert "T0KEN" not in fault
    assert webhook["on"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer s3cret", "X-Retry": 3},
        "Authorization: Bearer s3cret\n\nX-Retry:3\n",
        '{"Authorization": "Bearer s3cret", "X-Retry": 3}',
        # one that is empty is not sent
        {"Authorization": "Bearer s3cret", "X-Retry": 3, "X-None": None, "X-Empty": " "},
        "Authorization: Bearer s3cret\nX-Retry: 3\nX-Empty:",
        '{"Authorization": "Bearer s3cret", "X-Retry": 3, "X-None": null}',
    ],
)
def test_headers_are_a_mapping_or_lines(headers: Any) -> None:
    webhook, faults = plan_webhook({"url": URL, "headers": headers})
    assert faults == []
    assert webhook["headers"] == {"Authorization": "Bearer s3cret", "X-Retry": "3"}


@pytest.mark.parametrize(
    "headers",
    [
        "s3cret",
        ["s3cret"],
        "{s3cret",
        '["s3cret"]',
        "X: a\ns3cret",
        7,
        {"X": "s3cret\nHost: b"},
        {"s3cret s3cret": "a"},
        {"X": "s3cr\u00e9t"},
    ],
)
def test_what_are_no_headers_is_not_shown(headers: Any) -> None:
    webhook, (fault,) = plan_webhook({"url": URL, "headers": headers}, "r_notify_")
    assert fault.startswith("r_notify_headers has to be a mapping, or a text")
    assert "s3cr" not in fault
    assert webhook["on"] == []


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        ({"text": "a", "day": date(2026, 1, 31)}, '{"text": "a", "day": "2026-01-31"}', "application/json"),
        (["\u00e9", None, 1.5, True], '["\u00e9", null, 1.5, true]', "application/json"),
        ('{"text": "a"}', '{"text": "a"}', "application/json"),
        ("{text}", "{text}", "text/plain; charset=utf-8"),
        (" 5", " 5", "text/plain; charset=utf-8"),
        (5, "5", "application/json"),
    ],
)
def test_a_mapping_is_sent_as_json_and_a_text_as_it_is(body: Any, sent: str, kind: str) -> None:
    webhook, faults = plan_webhook({"url": URL, "body": body})
    assert (webhook["body"], webhook["headers"], faults) == (sent, {"Content-Type": kind}, [])


def test_a_content_type_that_was_given_stays() -> None:
    webhook, _faults = plan_webhook({"url": URL, "body": {}, "headers": {"content-type": "application/vnd.a+json"}})
    assert webhook["headers"] == {"content-type": "application/vnd.a+json"}
    assert json.loads(webhook["body"]) == {}


@pytest.mark.parametrize(
    "events", [["failed", "finished"], "failed,finished", "failed\nfinished", ["failed, finished"]]
)
def test_events(events: Any) -> None:
    assert plan_webhook({"url": URL, "on": events})[0]["on"] == ["failed", "finished"]
    assert plan_webhook({"on": events})[0]["on"] == []


def test_there_is_no_such_event() -> None:
    webhook, faults = plan_webhook({"url": URL, "on": ["failed", "ended"]}, "r_")
    assert faults == ["r_on has ended; there are started, finished, failed"]
    assert webhook["on"] == []


@pytest.mark.parametrize("seconds", [0, 61, -1, "soon", True, [5], 1.5])
def test_what_is_no_time(seconds: Any) -> None:
    assert plan_webhook({"timeout": seconds})[1] == ["timeout has to be a number of seconds from 1 to 60"]


@pytest.mark.parametrize("seconds", [5, "5", " 5 "])
def test_seconds(seconds: Any) -> None:
    assert plan_webhook({"timeout": seconds})[0]["timeout"] == 5


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 204}, ""),
        ({"status": 299, "msg": "OK"}, ""),
        ({"status": 302}, "it answered 302"),
        ({"status": 404, "msg": f"HTTP Error 404: {URL}"}, "it answered 404"),
        ({"status": -1, "msg": "Request failed: <urlopen error timed out>"}, "no answer (timed out)"),
        (
            {"status": -1, "msg": "<urlopen error [Errno 111] Connection refused>"},
            "no answer ([Errno 111] Connection refused)",
        ),
        (
            {"status": -1, "msg": "SSL: certificate verify failed: self-signed"},
            "no answer (certificate verify failed)",
        ),
        ({"status": -1, "msg": f"Something with {URL}"}, "no answer"),
        ({"msg": f"Something with {URL}", "failed": True}, "it could not be sent"),
        ({"msg": "Timed out after 20 second(s).", "failed": True}, "it could not be sent (Timed out)"),
        ({}, "it could not be sent"),
    ],
)
def test_why_it_was_not_taken(answer: dict[str, Any], why: str) -> None:
    assert not_taken(answer) == why
