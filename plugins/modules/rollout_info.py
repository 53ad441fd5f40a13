#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_info
short_description: How far a rollout is, and which revisions a workload has
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Tells what C(kubectl rollout status) and C(kubectl rollout history) tell of a Deployment, StatefulSet or DaemonSet,
    as data. It asks once and does not wait.
  - On request it returns the pod template of a revision, or the difference between two.
  - A Deployment's revisions are its ReplicaSets, those of the other kinds are ControllerRevisions.
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
  revision:
    description: Number of a revision whose pod template is returned as well; V(0) is the current template.
    type: int
  compare:
    description: Two revisions whose pod templates are compared, the older one first; V(0) is the current template.
    type: list
    elements: int
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Nothing changes. The difference between two revisions is returned with O(compare).
  idempotent:
    support: full
    details: Nothing is changed.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get) on the workload, and C(list) on C(replicasets) or C(controllerrevisions).
seealso:
  - module: saferestart.k8s.rollout_undo
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Look at a rollout
  saferestart.k8s.rollout_info:
    namespace: shop
    kind: Deployment
    name: cart
  register: rollout

- name: Stop if it has failed
  ansible.builtin.assert:
    that: not rollout.status.failed
    fail_msg: "{{ rollout.status.message }}"

- name: Compare the current template with that of revision 1
  saferestart.k8s.rollout_info:
    namespace: shop
    kind: Deployment
    name: cart
    compare: [1, 0]
  register: rollout

- name: Show the difference
  ansible.builtin.debug:
    msg: "{{ rollout.diff_text }}"
"""

RETURN = r"""
workload:
  description: The workload.
  returned: success
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: cart
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
status:
  description: How far the rollout is.
  returned: success
  type: dict
  contains:
    done: {description: All wanted pods are new and available., type: bool, returned: success, sample: false}
    failed:
      description:
        - Its controller gave up, as only that of a Deployment does, or it cannot end by itself because of the update
          strategy C(OnDelete).
      type: bool
      returned: success
      sample: false
    message:
      description: What is missing, in words.
      type: str
      returned: success
      sample: 1 of 2 new pods are available
    paused: {description: The Deployment is paused., type: bool, returned: success, sample: false}
    generation: {description: The workload's generation., type: int, returned: success, sample: 7}
    observed_generation:
      description: The generation that its controller has seen.
      type: int
      returned: success
      sample: 7
    wanted: {description: How many pods there are to be., type: int, returned: success, sample: 2}
    pods:
      description: How many there are. Of a DaemonSet, the nodes that have a pod and should.
      type: int
      returned: success
      sample: 3
    updated: {description: Those of the current template., type: int, returned: success, sample: 2}
    ready: {description: Those that are Ready., type: int, returned: success, sample: 2}
    available: {description: Those that were Ready for long enough., type: int, returned: success, sample: 1}
revisions:
  description: The revisions, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    revision: {description: Its number., type: int, returned: success, sample: 4}
    name:
      description: Name of its ReplicaSet or ControllerRevision.
      type: str
      returned: success
      sample: cart-6c8d7f6bd9
    created: {description: When that was made., type: str, returned: success, sample: "2026-01-02T03:04:05Z"}
    change_cause:
      description: Its annotation C(kubernetes.io/change-cause), or null.
      type: str
      returned: success
      sample: image 1.2
    current:
      description:
        - Whether it is that of the workload's template. None is while the controller has not made it yet.
      type: bool
      returned: success
      sample: true
    replicas:
      description: How many pods it has. Null for other kinds than Deployment.
      type: int
      returned: success
      sample: 2
    ready:
      description: How many of them are Ready. Null for other kinds than Deployment.
      type: int
      returned: success
      sample: 2
template:
  description: The pod template of O(revision), with the values of what is named like a secret hidden.
  returned: when O(revision) is given
  type: dict
  sample: {metadata: {labels: {app: cart}}, spec: {containers: [{name: app, image: "shop/cart:1.2"}]}}
diff:
  description:
    - The two templates of O(compare) as C(before) and C(after), with the values of what is named like a secret hidden.
  returned: when O(compare) is given
  type: dict
diff_text:
  description:
    - The same as a unified diff. It is empty if the templates are equal, and says so if they differ only in what is
      hidden.
  returned: when O(compare) is given
  type: str
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import WORKLOAD
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_info import rollout_info


def main() -> None:
    """Run the module."""
    options = {
        **{name: option for name, option in WORKLOAD.items() if name != "select"},
        "revision": {"type": "int"},
        "compare": {"type": "list", "elements": "int"},
    }
    run_module(options, rollout_info)


if __name__ == "__main__":
    main()
