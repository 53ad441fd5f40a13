# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Objects as they may be shown: without the values of environment variables that are named like a secret. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import (
    HIDDEN,
    names_a_secret,
    without_secrets,
)

#: Fields of a container that hold a command line.
_COMMANDS = frozenset({"command", "args"})


def without_secret_values(value: Any, key: str = "") -> Any:
    """A copy of a nested JSON value, in which `env` entries and command lines hide what is named like a secret."""
    if isinstance(value, dict):
        if key == "env" and value.get("value") and names_a_secret(str(value.get("name", ""))):
            return value | {"value": HIDDEN}
        return {name: without_secret_values(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        if key in _COMMANDS and all(isinstance(entry, str) for entry in value):
            return without_secrets(value)
        return [without_secret_values(entry, key) for entry in value]
    return value


def secret_values(value: Any) -> Iterator[str]:
    """The values in a nested JSON value that belong to a name of a secret, as those of an environment variable do."""
    if isinstance(value, dict):
        if isinstance(text := value.get("value"), str) and names_a_secret(str(value.get("name", ""))):
            yield text
        for entry in value.values():
            yield from secret_values(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from secret_values(entry)
