# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet, PreStop

PORTS = [{"name": "admin", "containerPort": 9000}, {"containerPort": 80}]


def hook(handler: dict[str, Any] | None) -> PreStop | None:
    """The hook of a container with that preStop."""
    return PreStop.from_object({"name": "app", "ports": PORTS, "lifecycle": {"preStop": handler}})


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        (None, None),
        ({}, None),
        ({"exec": {"command": ["drain", "now"]}}, PreStop("exec", command=("drain", "now"))),
        ({"sleep": {"seconds": 5}}, PreStop("sleep", sleep=5)),
        ({"sleep": {"seconds": 0}}, PreStop("sleep", sleep=0)),
        ({"tcpSocket": {"port": 80}}, PreStop("tcpSocket")),
    ],
)
def test_hooks(handler: dict[str, Any] | None, found: PreStop | None) -> None:
    assert hook(handler) == found


def test_no_lifecycle_is_no_hook() -> None:
    assert PreStop.from_object({"name": "app"}) is None
    assert PreStop.from_object({"name": "app", "lifecycle": {"stopSignal": "SIGQUIT"}}) is None


@pytest.mark.parametrize(
    ("port", "number"), [(8080, 8080), ("8080", 8080), ("admin", 9000), ("none", None), ("", None)]
)
def test_ports(port: int | str, number: int | None) -> None:
    found = hook({"httpGet": {"port": port}})
    assert found is not None
    assert found.http == HttpGet("http", "", number, "/", ())


def test_a_request_with_all_of_it() -> None:
    action = {"scheme": "HTTPS", "host": "h", "port": 1, "path": "/q?a=b", "httpHeaders": [{"name": "X", "value": "y"}]}
    found = hook({"httpGet": action})
    assert found is not None
    assert found.http == HttpGet("https", "h", 1, "/q?a=b", (("X", "y"),))


def test_what_may_be_secret_is_not_shown() -> None:
    assert "sesame" not in repr(hook({"exec": {"command": ["curl", "-u", "ann:sesame"]}}))
    headers = [{"name": "X-Token", "value": "sesame"}]
    assert "sesame" not in repr(hook({"httpGet": {"port": 1, "path": "/?token=sesame", "httpHeaders": headers}}))
