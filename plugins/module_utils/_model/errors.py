# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The errors that the floors raise. Only a module's entry turns one into fail_json."""

from __future__ import annotations

from typing import Any

#: HTTP codes that decide what is done next.
FORBIDDEN, CONFLICT = 403, 409


class SafeRestartError(Exception):
    """Something a user can act on: the message names the thing, what was found and what to do."""


class TargetError(SafeRestartError):
    """The target does not exist, matches nothing, or cannot be restarted in the way that was asked."""


class RestartFailed(SafeRestartError):
    """A restart was begun and did not end well. `result` has the shape of a success, as far as the run got."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class LockHeld(SafeRestartError):
    """Another run is at the same workload. Nothing was touched."""


class LockLost(SafeRestartError):
    """Another run may be at the same workload by now: this one must not change anything more."""


class Unreachable(SafeRestartError):
    """No answer from the API server: wrong host, refused, cut off, or a certificate that does not verify."""


class ApiError(SafeRestartError):
    """The API server refused a request.

    `status` is the HTTP code, `reason` the Kubernetes Status reason (such as `AlreadyExists`).
    """

    def __init__(self, message: str, status: int, reason: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.retry_after = ""
        """When to ask again, as the server's header of that name says it."""


class NotFound(ApiError):
    """HTTP 404: the object is not there."""


class WatchExpired(ApiError):
    """HTTP 410 or an ERROR event of that code: the resource version is too old to watch from, list again."""


class ExecFailed(SafeRestartError):
    """The session was set up, but the runtime could not start the command: there is no shell, for example."""


class ExecCut(SafeRestartError):
    """The session ended, or went silent, before it said what was expected of it."""
