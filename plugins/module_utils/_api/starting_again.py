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
#: Codes of a proxy, or of a server without its database.
NOBODY = frozenset({502, 503, 504})
#: Codes of a server that cannot just now: 429 comes with a Retry-After.
PASSING = NOBODY | {429, 500}
#: The path of one object of a namespace: without its name, and what follows that.
_OBJECT = re.compile(r"(.*/namespaces/[^/]+/[^/]+)/[^/]+(.*)")


class Again:
    """How often one request is sent again: for as long as nobody answers, and then for as long as the answer passes."""

    def __init__(self) -> None:
        self._away, self._answers = iter(PAUSES), iter(PAUSES[:FEWER])

    def pause(self, error: ApiError | None, *, allowed: bool = False) -> float | None:
        """Seconds to wait after what was answered, None for no answer; None: trying again does not help.

        `allowed`: the same was allowed before. A server reads the roles of RBAC only when it serves already, and until
        then it forbids everything (plugin/pkg/auth/authorizer/rbac/rbac.go asks informers, which may be empty).
        """
        pauses: Iterator[float] = iter(())
        if error is None or error.status in NOBODY:
            pauses = self._away
        elif error.status in PASSING or (allowed and by_right(error)):
            pauses = self._answers
        return next(pauses, None)


def by_right(error: ApiError) -> bool:
    """Whether the credentials or rights were not enough: admission, which has the same code, says it otherwise."""
    return error.status == 401 or (error.status == 403 and " cannot " in str(error))


def will_pass(error: ApiError) -> bool:
    """Whether the server could not answer just now."""
    return error.status in PASSING


def is_away(error: SafeRestartError) -> bool:
    """Whether there was no answer, or the server could not answer just now."""
    return isinstance(error, Unreachable) or (isinstance(error, ApiError) and will_pass(error))


def right_to(verb: str, path: str) -> tuple[str, str]:
    """What has to be allowed for a request: all objects of a type, in a namespace, need the same right."""
    match = _OBJECT.fullmatch(path)
    return (f"{verb} one", match[1] + match[2]) if match else (verb, path)
