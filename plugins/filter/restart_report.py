# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter restart_report: results of restarts as one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.timeline import moment
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report


def restart_report(
    results: Any,
    records: Any = None,
    title: str = "",
    who: str = "",
    why: str = "",
    check_mode: bool = False,
    made_at: str = "",
) -> dict[str, Any]:
    """Return the report as a value. Raises AnsibleFilterError."""
    now = moment(made_at) if made_at else datetime.now(UTC)
    if now is None:
        raise AnsibleFilterError(f"restart_report: made_at is {made_at!r}, and has to be a time: 2026-01-31T03:00:00Z")
    if records is not None and not isinstance(records, Mapping):
        raise AnsibleFilterError(f"restart_report: records is a {type(records).__name__}, and has to be a dictionary")
    try:
        return make_report(
            results, records or {}, title=title, who=who, why=why, check_mode=bool(check_mode), made_at=now
        )
    except ReportError as error:
        raise AnsibleFilterError(f"restart_report: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., dict[str, Any]]]:
        return {"restart_report": restart_report}
