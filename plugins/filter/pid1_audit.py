# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the playbook pid1_audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pid1_audit import audit


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {"pid1_audit": audit}
