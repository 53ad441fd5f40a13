# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The nodes of a run, each asked for once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import FORBIDDEN, ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import NODE, JsonObject

#: Requests at a time.
PARALLEL = 16
#: HTTP code: then it is the same for every node.


class Nodes:
    """Nodes by their names, or why one cannot be read."""

    def __init__(self, api: ClusterApi) -> None:
        self._api = api
        self._known: dict[str, JsonObject | ApiError] = {}

    def get(self, name: str) -> JsonObject | ApiError:
        """The node as it was when it was first asked for. Raises Unreachable."""
        if name not in self._known:
            self._known[name] = self._ask(name)
        return self._known[name]

    def fetch(self, names: Iterable[str]) -> None:
        """Ask for all, side by side, unless the first answer is that this is not allowed. Raises Unreachable."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._known]
        if not wanted:
            return
        first = self.get(wanted[0])
        if isinstance(first, ApiError) and first.status == FORBIDDEN:
            self._known |= dict.fromkeys(wanted, first)
            return
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            self._known |= zip(wanted[1:], pool.map(self._ask, wanted[1:]), strict=True)

    def _ask(self, name: str) -> JsonObject | ApiError:
        try:
            return self._api.get(NODE, "", name)
        except ApiError as error:
            return error
