#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_delete
short_description: Have pods made anew by evicting or deleting them, a few at a time
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Evicts or deletes the pods of a workload, or of a selector, or named ones, and waits for those that their
    controllers make in their place. Each new pod has to be Ready, and each old one gone, before more are taken down
    than O(max_unavailable) allows.
  - Pods are told apart by their UIDs, since that of a StatefulSet comes back under the same name. Those of a
    StatefulSet are taken from the highest ordinal down, of other controllers those that are not Ready first.
  - An eviction asks the pod's disruption budget. Where that has no room the pod is asked for again every 5 seconds,
    until O(wait_timeout). Two budgets that cover the same pod make the server refuse, and the error names them.
  - A pod that no controller owns is refused unless O(allow_unowned), since nothing brings it back. So is the copy of
    a static pod, since deleting it ends nothing.
  - To restart a whole workload M(saferestart.k8s.rollout_restart) is better, since its controller makes a new pod
    before an old one goes. This module is for single pods, for what no rollout reaches, and for the update strategy
    C(OnDelete).
  - A Job makes another pod for one that was deleted, and counts it as failed unless its pod failure policy ignores
    disruptions.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.wait
  - saferestart.k8s.attributes
options:
  method:
    description: How a pod is taken down.
    type: str
    default: evict
    choices:
      evict: Ask its disruption budget, as C(kubectl drain) does. Pods without a budget are deleted.
      delete: Delete it, whatever its disruption budget says.
  max_unavailable:
    description:
      - How many pods of one controller may be unavailable at a time, V(2) or V(25%), rounded down but at least 1.
        Those that were not Ready before count too.
    type: str
    default: "1"
  grace_seconds:
    description: Seconds that a pod has to end, 1 or more. By default its own grace period.
    type: int
  force:
    description:
      - Whether to take the pod off the API server at once, as C(kubectl delete --force --grace-period=0) does. Its
        processes may run on for a while, or for ever on a node that does not answer.
      - Only with O(method=delete).
    type: bool
    default: false
  allow_unowned:
    description: Whether to delete pods that no controller owns. They do not come back.
    type: bool
    default: false
  reason:
    description: Why this is done. It is shown in the plan.
    type: str
attributes:
  check_mode:
    support: full
    details: The API server judges each eviction or deletion and does not carry it out. Budgets without room are
      reported.
  diff_mode:
    support: none
    details: Pods are replaced, not changed.
  idempotent:
    support: none
    details: Each run replaces the pods. When it is interrupted, the controllers make the pods that were deleted.
  action_group:
    support: full
notes:
  - The credentials have to allow C(list) and C(watch) on pods, and C(create) on C(pods/eviction) or C(delete) on
    pods. With C(list) on events and on poddisruptionbudgets as well, errors say more.
  - With O(wait=false) all pods are taken down at once, so that is refused where O(max_unavailable) does not allow it.
seealso:
  - module: saferestart.k8s.rollout_restart
  - module: saferestart.k8s.container_restart
"""

EXAMPLES = r"""
- name: Replace all pods of a Deployment, never with more than one down
  saferestart.k8s.pod_delete:
    namespace: shop
    kind: Deployment
    name: cart

- name: Replace a quarter at a time, whatever the disruption budgets say
  saferestart.k8s.pod_delete:
    namespace: shop
    label_selectors: [tier=backend]
    method: delete
    max_unavailable: 25%

- name: Replace only pods that were restarted more than five times
  saferestart.k8s.pod_delete:
    namespace: shop
    label_selectors: [tier=backend]
    select: "status.containerStatuses[?restartCount > `5`]"
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: pod_evict
workload:
  description: The workload, null for pods that were named or selected.
  returned: always
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: cart
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
plan:
  description: What was decided, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - {pod: cart-0, action: evict, reason: StatefulSet cart makes another one}
pods:
  description:
    - The pods before and after, with their containers, as M(saferestart.k8s.rollout_restart) returns them. It is also
      returned on failure, as far as the run got.
  returned: always
  type: list
  elements: dict
  sample:
    - namespace: shop
      name: cart-0
      node: worker
      uid_before: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1
      uid_after: 41dd0a43-5b0e-4c1e-b7ad-05f0a5a1b7f2
      ip_before: 10.244.1.7
      ip_after: 10.244.1.9
      containers: [{name: app, outcome: restarted, reason: "deleted, and replaced by another pod"}]
summary:
  description: Counts of the outcomes of the containers from before, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 7.41, api_requests: 4}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import PODS_RULES, WAIT, WHOLE_PODS, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pod_delete import pod_delete

_OPTIONS: Options = {
    "method": {"type": "str", "default": "evict", "choices": ["evict", "delete"]},
    "max_unavailable": {"type": "str", "default": "1"},
    "grace_seconds": {"type": "int"},
    "force": {"type": "bool", "default": False},
    "allow_unowned": {"type": "bool", "default": False},
    "reason": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    run_module({**WHOLE_PODS, **WAIT, **_OPTIONS}, pod_delete, **PODS_RULES)


if __name__ == "__main__":
    main()
