# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""An API server that is away, or is starting again: which requests are sent once more, and after how long. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    SafeRestartError,
    Unreachable,
)

#: Seconds between tries while nobody answers, or only a proxy: a minute, which a server takes on a busy machine.
PAUSES = (0.5, 1.0, 2.0, 4.0, *[8.0] * 7)
#: Of these, how many for an answer that will pass: too much to do, an error inside, rights that are not read yet.
FEWER = 5
#: And for a right that is lacking although the server has read roles: it reads those of each kind by itself.
SETTLED = 2
#: Codes of a proxy, or of a server without its database.
NOBODY = frozenset({502, 503, 504})
#: Codes of a server that cannot just now: 429 comes with a Retry-After.
PASSING = NOBODY | {429, 500}
#: The path of one object of a namespace: without its name, and what follows that.
_OBJECT = re.compile(r"(.*/namespaces/[^/]+/[^/]+)/[^/]+(.*)")
_NAMESPACE = re.compile(r"/namespaces/([^/]+)/")


class Again:
    """How often one request is sent again: for as long as nobody answers, and then for as long as the answer passes."""

    def __init__(self) -> None:
        self._away, self._answers, self._few = iter(PAUSES), iter(PAUSES[:FEWER]), iter(PAUSES[:SETTLED])
        self.settled = False
        """The server has read roles: what it forbids, it forbids for good."""

    def pause(self, error: ApiError | None, *, allowed: bool = False) -> float | None:
        """Seconds to wait after what was answered, None for no answer; None: trying again does not help.

        `allowed`: the same was allowed before. A server reads the roles of RBAC only when it serves already, and until
        then it forbids everything (plugin/pkg/auth/authorizer/rbac/rbac.go asks informers, which may be empty).
        """
        pauses: Iterator[float] = iter(())
        if error is None or error.status in NOBODY:
            pauses = self._away
        elif passes(error, allowed=allowed):
            pauses = self._few if self.settled and by_right(error) else self._answers
        return next(pauses, None)


def passes(error: ApiError, *, allowed: bool = False) -> bool:
    """Whether the answer may be another one soon; for `allowed` see Again."""
    return will_pass(error) or (allowed and by_right(error))


def by_right(error: ApiError) -> bool:
    """Whether the credentials or rights were not enough: admission, which has the same code, says it otherwise."""
    return error.status == 401 or (error.status == 403 and " cannot " in str(error))


def will_pass(error: ApiError) -> bool:
    """Whether the server could not answer just now."""
    return error.status in PASSING


def is_away(error: SafeRestartError) -> bool:
    """Whether there was no answer, or the server could not answer just now."""
    return isinstance(error, Unreachable) or (isinstance(error, ApiError) and will_pass(error))


class Rights:
    """What the server has allowed so far, by verb and path. Safe to use from several threads."""

    def __init__(self) -> None:
        self._had: set[tuple[str, str]] = set()
        self._alike: set[tuple[str, str]] = set()
        self._reads: dict[str, str] = {}

    def note(self, verb: str, path: str) -> None:
        """It was allowed."""
        self._had.add((verb, path))
        self._alike.add(right_to(verb, path))
        match = _OBJECT.fullmatch(path)
        if verb == "GET" and not (match and match[2]):  # a log is long
            self._reads[_namespace(path)] = path

    def had(self, verb: str, path: str) -> bool:
        """Whether just this was allowed: a role may name the objects that it is about (resourceNames)."""
        return (verb, path) in self._had

    def had_alike(self, verb: str, path: str) -> bool:
        """Whether it was, of this object or of another one of its type."""
        return right_to(verb, path) in self._alike

    def known_read(self, path: str) -> str:
        """The path of something in the same namespace that could be read; empty where nothing was."""
        return self._reads.get(_namespace(path), "")


def right_to(verb: str, path: str) -> tuple[str, str]:
    """What has to be allowed for a request: all objects of a type, in a namespace, mostly need the same right."""
    match = _OBJECT.fullmatch(path)
    return (f"{verb} one", match[1] + match[2]) if match else (verb, path)


def _namespace(path: str) -> str:
    """The namespace that a path is in; empty where it is in none."""
    match = _NAMESPACE.search(path)
    return match[1] if match else ""
