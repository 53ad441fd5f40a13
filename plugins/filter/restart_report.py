# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter restart_report: results of restarts as one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report


def restart_report(
    results: Any, title: str = "", who: str = "", why: str = "", check_mode: bool = False
) -> dict[str, Any]:
    """Return the report as a value. Raises AnsibleFilterError."""
    try:
        return make_report(
            results, title=title, who=who, why=why, check_mode=bool(check_mode), made_at=datetime.now(UTC)
        )
    except ReportError as error:
        raise AnsibleFilterError(f"restart_report: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., dict[str, Any]]]:
        return {"restart_report": restart_report}
