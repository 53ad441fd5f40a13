#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: workload_info
short_description: Which workloads there are, and their pods
version_added: 0.5.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Lists the Deployments, StatefulSets and DaemonSets of a cluster or of some of its namespaces, with their pods, for
    playbooks that go over many of them.
options:
  namespaces:
    description: Namespaces to look into, all by default. That takes a ClusterRole.
    type: list
    elements: str
    default: []
  kinds:
    description: Kinds of workloads.
    type: list
    elements: str
    choices: [Deployment, StatefulSet, DaemonSet]
    default: [Deployment, StatefulSet, DaemonSet]
  label_selectors:
    description:
      - Label selectors as kubectl takes them. A workload is listed if its own labels match all of them, whatever those
        of its pods are.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.attributes
  - saferestart.k8s.attributes.info_module
notes:
  - The credentials have to allow C(list) on the kinds and on pods.
seealso:
  - module: saferestart.k8s.pid1_info
  - module: saferestart.k8s.stale_config_info
"""

EXAMPLES = r"""
- name: Find what belongs to the tier
  saferestart.k8s.workload_info:
    namespaces: [shop]
    label_selectors: [tier=backend]
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.kind }}/{{ item.name }}: {{ item.ready }} of {{ item.wanted }} pods Ready"
  loop: "{{ found.workloads }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
workloads:
  description: The workloads, by namespace, kind and name.
  returned: success
  type: list
  elements: dict
  contains:
    api_version: {description: API version., type: str, returned: always, sample: apps/v1}
    kind: {description: Kind., type: str, returned: always, sample: Deployment}
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: Name., type: str, returned: always, sample: cart}
    uid: {description: UID., type: str, returned: always, sample: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55}
    labels: {description: Its own labels., type: dict, returned: always, sample: {tier: backend}}
    wanted: {description: How many pods there are to be., type: int, returned: always, sample: 2}
    ready: {description: How many of its pods are Ready., type: int, returned: always, sample: 2}
    pods:
      description: Its pods, those that are Ready first, without those that have ended or are on their way out.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name., type: str, returned: always, sample: cart-5d9c7b8f6-x2x7k}
        uid: {description: UID., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
        node: {description: Node., type: str, returned: always, sample: worker}
        ready: {description: Whether it is Ready., type: bool, returned: always, sample: true}
        phase: {description: Its phase., type: str, returned: always, sample: Running}
summary:
  description: Counts, seconds and requests.
  returned: success
  type: dict
  sample: {workloads: 1, pods: 2, seconds: 0.11, api_requests: 4}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import WORKLOADS
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.workload_info import workload_info


def main() -> None:
    """Run the module."""
    run_module(WORKLOADS, workload_info)


if __name__ == "__main__":
    main()
