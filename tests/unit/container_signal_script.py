# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal to a container as a fake API serves it, SIGHUP to its PID 1 unless said otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_signal import container_signal
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.signal_script import (
    acting,
    at,
    expect_exec,
    finding,
    listed,
    listing,
)

HUP = 1


def run(api: FakeApi, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    """The module's work, SIGHUP to the pod cart-1, unless said otherwise."""
    options = {
        "namespace": NAMESPACE,
        "pods": ["cart-1"],
        "containers": None,
        "signal": "HUP",
        "expect": "nothing",
        "process": None,
        "via": "auto",
        "shell": "/bin/sh",
        "force": False,
        "prestop": "refuse",
        "grace_seconds": None,
        "watch_seconds": 5,
        "min_ready_seconds": 0,
        "wait_timeout": 300,
    }
    return container_signal(api, api.clock, options | params, check_mode)


def failed(api: FakeApi, **params: Any) -> tuple[str, dict[str, Any]]:
    """Message and result of a run that fails."""
    with pytest.raises(RestartFailed) as caught:
        run(api, **params)
    return str(caught.value), caught.value.result


def family(*workers: int, start: int = 4711, more: tuple[tuple[int, int, int, str, str], ...] = ()) -> str:
    """PID 1 of a container and its children."""
    return listed((1, 0, start, "nginx", "/"), *((pid, 1, pid * 10, "nginx", "/") for pid in workers), *more)


def expect_pod(api: FakeApi, *objects: JsonObject) -> None:
    """The one pod that is asked for, or another one."""
    api.expect_list(POD, NAMESPACE, list(objects) or [at(0)], field_selector="metadata.name=cart-1")


def sessions(api: FakeApi, *scripts: FakeExec, name: str = "app") -> None:
    """Sessions in that container, one after the other."""
    for script in scripts:
        expect_exec(api, "cart-1", script, name)


def signalled(api: FakeApi) -> None:
    """A reload is expected, up to the signal."""
    expect_pod(api)
    sessions(api, finding(family(7), caught="HUP"), listing(family(7)), acting("sent 0", signal=HUP, caught="HUP"))
