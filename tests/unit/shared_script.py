# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pod that shares its PID namespace, as a fake API serves it: sandbox 1, container app from 7 on, web from 9 on."""

from __future__ import annotations

from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.fake_exec import FakeExec
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod
from ansible_collections.saferestart.k8s.tests.unit.signal_script import listed

Row = tuple[int, int, int, str, str]
NO_SHELL = 'exec: "/bin/sh": stat /bin/sh: no such file or directory'


def shared_pod(*containers: JsonObject, **spec: Any) -> JsonObject:
    """The pod."""
    entries = list(containers) or [container("app"), container("web")]
    return pod("cart-1", containers=entries, spec={"shareProcessNamespace": True} | spec)


def processes(*more: Row, of: str = "app") -> str:
    """Its processes, seen from that container."""
    path = {name: "/" if name == of else f"/../{name}-0" for name in ("app", "web")}
    rows: list[Row] = [(1, 0, 1, "pause", "/../5a4d"), (7, 0, 70, "app", path["app"]), (9, 0, 90, "web", path["web"])]
    return listed(*rows, *more)


def no_shell() -> FakeExec:
    """A session in an image that has no shell."""
    return FakeExec().expect_line().expect_read(ExecFailed(NO_SHELL))
