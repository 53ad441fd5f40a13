# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A cluster that is asked for leave before each request that may disturb something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import (
    ClusterApi,
    Endpoint,
    ExecEnd,
    ExecSession,
)


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


def _session(name: str) -> Callable[..., ExecSession]:
    def method(self: FencedApi, *arguments: Any, **options: Any) -> ExecSession:
        self.require()
        session = getattr(self.restoring, name)(*arguments, **options)
        try:
            self.require()  # to open one can take longer than a lock lasts
        except BaseException:
            session.close()
            raise
        return FencedSession(session, self.require)

    return method


class FencedSession(ExecSession):
    """The same session; `require` is asked before each line, which may be the one that sends a signal."""

    def __init__(self, session: ExecSession, require: Callable[[], None]) -> None:
        self._session = session
        self._require = require

    def read_until(self, marker: str, seconds: float) -> str:
        """See ExecSession."""
        return self._session.read_until(marker, seconds)

    def send_line(self, text: str) -> None:
        """See ExecSession."""
        self._require()
        self._session.send_line(text)

    def finish(self, seconds: float, last: str = "") -> ExecEnd:
        """See ExecSession."""
        return self._session.finish(seconds, last)

    @property
    def released(self) -> bool:
        """See ExecSession."""
        return self._session.released

    def release(self, name: str) -> None:
        """See ExecSession."""
        self._session.release(name)

    def close(self) -> None:
        """See ExecSession."""
        self._session.close()


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
    attach = _session("attach")
    exec = _session("exec")
    ask_pod = _fenced("ask_pod")

    def take_up(self, name: str) -> ExecSession | None:
        """See ClusterApi."""
        session = self._api.take_up(name)
        return FencedSession(session, self.require) if session else None
