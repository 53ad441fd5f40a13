# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter restart_report_text: a report as lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError, require_report
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.text import to_lines


def restart_report_text(report: Any) -> list[str]:
    """Return the report as lines for a terminal. Raises AnsibleFilterError."""
    try:
        return to_lines(require_report(report))
    except ReportError as error:
        raise AnsibleFilterError(f"restart_report_text: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., list[str]]]:
        return {"restart_report_text": restart_report_text}
