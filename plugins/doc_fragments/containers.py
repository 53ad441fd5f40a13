# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers of the pods."""

from __future__ import annotations


class ModuleDocFragment:
    """Which containers of the pods."""

    DOCUMENTATION = r"""
options:
  containers:
    description:
      - Names of containers. Every pod has to have each of them.
      - By default all containers of a pod and its native sidecars.
    type: list
    elements: str
"""
