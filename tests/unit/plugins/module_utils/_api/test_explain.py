# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.explain import api_error, unreachable


@pytest.mark.parametrize(
    ("status", "body", "hint", "text"),
    [
        (
            403,
            b'{"message": "pods is forbidden."}',
            "",
            "Cannot x: pods is forbidden. A Role that allows this verb on this resource has to be bound to that user.",
        ),
        (403, b"", "", "Cannot x: forbidden (403). A Role that allows this verb on this resource has to be bound "),
        (403, b'{"message": "pods is forbidden: User a cannot b"}', "", "a cannot b. A Role that allows"),
        (403, b'{"message": "no"}', " Log in.", "Cannot x: no. Log in."),
        (401, b"", " Log in.", "the token or client certificate is wrong or has expired. Log in."),
        (404, b"", "", "Cannot x: not found."),
        (410, b"", "", "Cannot x: too old."),
        (409, b'{"message": null, "reason": "AlreadyExists"}', "", "the API server answered 409 AlreadyExists."),
        (500, b"", "", "Cannot x: the API server answered 500."),
        (502, b"<h1>Bad gateway</h1>", "", "Cannot x: the API server answered 502: <h1>Bad gateway</h1>."),
        (500, b"[]", "", "Cannot x: the API server answered 500: []."),
        (500, b"\xff" * 300, "", "answered 500: " + "\ufffd" * 200 + "."),
    ],
)
def test_api_error(status: int, body: bytes, hint: str, text: str) -> None:
    error = api_error("x", status, body, hint)
    assert text in str(error)
    assert error.status == status


def test_a_403_that_is_not_about_rights_has_no_advice() -> None:
    error = api_error("x", 403, b'{"message": "pods y is forbidden: exceeded quota: z"}')
    assert str(error) == "Cannot x: pods y is forbidden: exceeded quota: z."


class Caused(Exception):
    """As urllib3's: the cause is in `reason`."""

    def __init__(self, reason: object) -> None:
        super().__init__("outer")
        self.reason = reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("[Errno 111] Connection refused"), "[Errno 111] Connection refused. Check host, or"),
        (Caused("HTTPSConnection(host='h', port=1): Failed to resolve 'h'"), "Failed to resolve 'h'. Check host, or"),
        (Caused("<Connection at 0x1>: timed out"), "h: timed out. Check host, or"),
        (Caused("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired"), "certificate has expired. Check ca_cert"),
        (Caused("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found"), "holds no certificate (PEM). AWX"),
    ],
)
def test_unreachable(error: Exception, words: str) -> None:
    assert words in str(unreachable("https://h", error))


def test_a_budget_is_named_as_the_server_names_it() -> None:
    cause = {
        "reason": "DisruptionBudget",
        "message": "The disruption budget cart needs 2 healthy pods and has 1 currently",
    }
    status = {
        "reason": "TooManyRequests",
        "message": "Cannot evict pod.",
        "details": {"causes": [cause, {"reason": "X"}]},
    }
    error = api_error("evict Pod shop/a", 429, json.dumps(status).encode())
    assert str(error).endswith("Cannot evict pod: The disruption budget cart needs 2 healthy pods and has 1 currently.")
