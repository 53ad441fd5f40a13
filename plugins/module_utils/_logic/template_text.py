# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Two pod templates compared, as text for a person. Pure."""

from __future__ import annotations

import difflib
import json

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.redact import without_secret_values
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

ONLY_HIDDEN = "The templates differ only in values that are hidden.\n"


def unified(before: JsonObject, after: JsonObject, before_name: str, after_name: str) -> str:
    """A unified diff of two JSON objects, keys sorted, secrets hidden; empty where they are equal."""
    if before == after:
        return ""
    lines = difflib.unified_diff(_lines(before), _lines(after), before_name, after_name)
    return "".join(lines) or ONLY_HIDDEN


def _lines(value: JsonObject) -> list[str]:
    return [f"{line}\n" for line in json.dumps(without_secret_values(value), indent=2, sort_keys=True).split("\n")]
