# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter restart_report_markdown: a report as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError, require_report
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.text import to_markdown


def restart_report_markdown(report: Any) -> str:
    """Return the report as Markdown. Raises AnsibleFilterError."""
    try:
        return to_markdown(require_report(report))
    except ReportError as error:
        raise AnsibleFilterError(f"restart_report_markdown: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., str]]:
        return {"restart_report_markdown": restart_report_markdown}
