# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A cluster that is asked for leave before each request that may disturb something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Endpoint


def _passed_on(name: str) -> Callable[..., Any]:
    def method(self: FencedApi, *arguments: Any, **options: Any) -> Any:
        return getattr(self.restoring, name)(*arguments, **options)

    return method


def _fenced(name: str) -> Callable[..., Any]:
    def method(self: FencedApi, *arguments: Any, **options: Any) -> Any:
        if not options.get("dry_run"):
            self.require()
        return getattr(self.restoring, name)(*arguments, **options)

    return method


class FencedApi(ClusterApi):
    """The same cluster; `require` raises where nothing may be changed any more. See ClusterApi for the methods."""

    def __init__(self, api: ClusterApi, require: Callable[[], None]) -> None:
        self._api = api
        self.require = require

    @property
    def requests(self) -> int:
        """See ClusterApi."""
        return self._api.requests

    @property
    def restoring(self) -> ClusterApi:
        """See ClusterApi."""
        return self._api

    @property
    def endpoint(self) -> Endpoint:
        """See ClusterApi."""
        return self._api.endpoint

    get = _passed_on("get")
    list = _passed_on("list")
    watch = _passed_on("watch")
    discover = _passed_on("discover")
    log_tail = _passed_on("log_tail")
    namespace_exists = _passed_on("namespace_exists")
    patch = _fenced("patch")
    create = _fenced("create")
    replace = _fenced("replace")
    delete = _fenced("delete")
    evict = _fenced("evict")
    attach = _fenced("attach")
    exec = _fenced("exec")
    ask_pod = _fenced("ask_pod")
