# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import secrets

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.signal_script import TOKEN, acting, at, expect_exec, looking


@pytest.fixture
def _known_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The marker of every session is the one that the scripts have."""
    monkeypatch.setattr(secrets, "token_hex", lambda _size: TOKEN)


@pytest.fixture
def one(fake_api: FakeApi) -> FakeApi:
    """The API, with one pod that is asked for by name."""
    fake_api.expect_list(POD, NAMESPACE, [at(0)], field_selector="metadata.name=cart-1")
    return fake_api


@pytest.fixture
def looked(one: FakeApi) -> FakeApi:
    """The same, looked at: it would act on the signal."""
    expect_exec(one, "cart-1", looking())
    return one


@pytest.fixture
def signalled(looked: FakeApi) -> FakeApi:
    """The same, signalled; the session ended with the container."""
    expect_exec(looked, "cart-1", acting("sending 15"))
    return looked
