# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why something is done that leaves no trace in an object."""

from __future__ import annotations


class ModuleDocFragment:
    """Why something is done that leaves no trace in an object."""

    DOCUMENTATION = r"""
options:
  reason:
    description: Why this is done, for O(events) and O(record).
    type: str
    version_added: 0.4.0
"""
