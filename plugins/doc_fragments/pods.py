# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods."""

from __future__ import annotations


class ModuleDocFragment:
    """Which pods."""

    DOCUMENTATION = r"""
options:
  namespace:
    description: Namespace of the pods.
    type: str
    required: true
  kind:
    description: Kind of the workload that O(name) names.
    type: str
    choices: [Deployment, StatefulSet, DaemonSet]
  name:
    description:
      - Name of a workload. All its pods are meant.
      - One of O(name), O(pods) and O(label_selectors) has to be given. Leaving out all three is an error; it never
        selects the whole namespace.
    type: str
  pods:
    description: Names of pods.
    type: list
    elements: str
  label_selectors:
    description: Label selectors as kubectl takes them. A pod is meant if it matches all of them.
    type: list
    elements: str
  select:
    description:
      - JMESPath expression over the live Pod object. Of the pods that are meant, only those are taken for which it is
        true, that is neither null nor false nor empty.
      - C(status.containerStatuses[?restartCount > `5`]) takes those with a container that was restarted more than five
        times.
      - Needs the Python library C(jmespath).
    type: str
  allow_empty:
    description: Whether a target without pods is fine. By default it is an error, since it is mostly a misspelt name.
    type: bool
    default: false
"""
