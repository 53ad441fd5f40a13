# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One workload."""

from __future__ import annotations


class ModuleDocFragment:
    """One workload."""

    DOCUMENTATION = r"""
options:
  namespace:
    description: Namespace of the workload.
    type: str
    required: true
  kind:
    description: Kind of the workload.
    type: str
    required: true
    choices: [Deployment, StatefulSet, DaemonSet]
  name:
    description: Name of the workload.
    type: str
    required: true
  select:
    description:
      - JMESPath expression over the live object. Unless it is true of the workload, that is neither null nor false nor
        empty, nothing is done, and the result says so.
      - Needs the Python library C(jmespath).
    type: str
"""
