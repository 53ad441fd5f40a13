# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server to talk to, and the real client connected to it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer
from ansible_collections.saferestart.k8s.tests.unit.fake_clock import FakeClock

TOKEN = "sesame-open-1234"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no cluster of the machine that the tests run on."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith(("KUBE", "K8S_")):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """A scripted API server."""
    with ApiServer() as server:
        yield server


@pytest.fixture
def api(server: ApiServer, clock: FakeClock) -> KubernetesApi:
    """The real client, connected to it with a token."""
    return KubernetesApi({"host": server.url, "api_key": TOKEN}, clock)
