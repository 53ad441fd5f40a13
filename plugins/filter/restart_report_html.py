# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter restart_report_html: a report as one page of HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.html import to_html
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError, require_report


def restart_report_html(report: Any) -> str:
    """Return the report as one page of HTML. Raises AnsibleFilterError."""
    try:
        return to_html(require_report(report))
    except ReportError as error:
        raise AnsibleFilterError(f"restart_report_html: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., str]]:
        return {"restart_report_html": restart_report_html}
