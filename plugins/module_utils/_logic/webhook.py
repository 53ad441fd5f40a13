# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A webhook, as a role's variables give it: what is wrong with them, what is sent, and whether it was taken. Pure.

An address may hold a token, headers hold passwords, and a body may hold a routing key. So no text that is made here
shows any of them: of an address only the host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.http_url import is_http_url
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.survey_answers import (
    mapping,
    texts,
    whole_number,
)

EVENTS = ("started", "finished", "failed")
DEFAULT_TIMEOUT = 10
MOST_SECONDS = 60

#: RFC 9110, section 5.6.2: what the name of a header may be made of.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: What the operating system and the TLS library say. Nothing else of an error is shown, it may quote the address.
_KNOWN_ERRORS = re.compile(r"[Tt]imed out|certificate verify failed|\[Errno -?\d+\] [A-Za-z ]+|[Uu]nexpected EOF")


def plan_webhook(given: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[str]]:
    """What to send where, and what is wrong with it; each fault has the name of its variable, with `prefix` before it.

    `given` are `url`, `headers`, `body`, `on` and `timeout` (seconds), each as a playbook or a survey gives it: empty
    is the default. Of the result `host` may be shown. `on` are the events to be told, none where there is no URL or
    anything is wrong. `body` is a text, `headers` has its content type.
    """
    webhook: dict[str, Any] = {"url": "", "host": "", "headers": {}, "body": "", "on": [], "timeout": DEFAULT_TIMEOUT}
    faults = []
    for name, read in (("on", _events), ("timeout", _seconds), ("url", _url), ("headers", _headers), ("body", _body)):
        value = given.get(name)
        try:
            webhook |= read(None if isinstance(value, str) and not value.strip() else value)
        except ValueError as error:
            faults.append(f"{prefix}{name} {error}")
    body_type = {name: value for name, value in webhook.pop("type", {}).items() if not _has(webhook["headers"], name)}
    webhook["headers"] = {**webhook["headers"], **body_type}
    if faults or not webhook["url"]:
        webhook["on"] = []
    return webhook, faults


def not_taken(answer: Mapping[str, Any]) -> str:
    """Why a webhook has not taken what was sent; empty where it has. `answer` is what ansible.builtin.uri returned."""
    status = answer.get("status")
    if isinstance(status, int) and 200 <= status < 300:  # RFC 9110: all of them are a success
        return ""
    if isinstance(status, int) and status > 0:
        return f"it answered {status}"
    known = _KNOWN_ERRORS.search(str(answer.get("msg", "")))
    what = "no answer" if isinstance(status, int) else "it could not be sent"
    return f"{what} ({known[0].strip()})" if known else what


def _events(value: Any) -> dict[str, Any]:
    if value in (None, [""]):
        return {"on": list(EVENTS)}
    return {"on": texts(list(value) if isinstance(value, tuple) else value, EVENTS)}


def _seconds(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    seconds = whole_number(value, 1, MOST_SECONDS)
    if seconds is None:
        raise ValueError(f"has to be a number of seconds from 1 to {MOST_SECONDS}")
    return {"timeout": seconds}


def _url(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    text = value.strip() if isinstance(value, str) else ""
    if not is_http_url(text) or not text.isprintable() or " " in text:
        raise ValueError("is no http or https URL with a host. It is not shown, since it may hold a secret")
    return {"url": text, "host": urlsplit(text).hostname}


def _headers(value: Any) -> dict[str, Any]:
    """A text is what a credential of AWX can give. A header that is empty is not sent."""
    wanted = "has to be a mapping, or a text with a line `Name: value` for each. It is not shown, it holds secrets"
    try:
        headers = {name: str(text).strip() for name, text in mapping(value or {}).items()}
    except ValueError:
        raise ValueError(wanted) from None
    if not all(_is_header(name, text) for name, text in headers.items()):
        raise ValueError(wanted)
    return {"headers": headers}


def _is_header(name: str, text: str) -> bool:
    return bool(_TOKEN.fullmatch(name)) and bool(text) and text.isprintable() and text.isascii()


def _body(value: Any) -> dict[str, Any]:
    """A text is sent as it is, and everything else as JSON. Nothing is wrong with any."""
    if value is None:
        return {}
    if not isinstance(value, str):
        return {"body": json.dumps(_plain(value), ensure_ascii=False), "type": {"Content-Type": "application/json"}}
    kind = "application/json" if _is_json(value) else "text/plain; charset=utf-8"
    return {"body": value, "type": {"Content-Type": kind}}


def _is_json(text: str) -> bool:
    """Whether it is a JSON object or list."""
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def _has(headers: Mapping[str, str], name: str) -> bool:
    return name.lower() in {header.lower() for header in headers}


def _plain(value: Any) -> Any:
    """The same, of what JSON has: YAML has times, too."""
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)
