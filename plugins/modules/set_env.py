#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: set_env
short_description: Set or remove environment variables of a workload, and prove that its pods are new
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Changes environment variables in the pod template, as C(kubectl set env) does, and waits until the controller has
    replaced all pods, as M(saferestart.k8s.rollout_restart) does.
  - Values that are set already restart nothing, and the result says so.
  - A variable that has its value from elsewhere (C(valueFrom)) is refused unless O(overwrite_value_from), while
    C(kubectl set env) overwrites it.
  - To restart without changing anything use M(saferestart.k8s.rollout_restart). It leaves no variable behind that
    means nothing to the program.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.workload
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.attributes
options:
  env:
    description:
      - Variables and their values. Numbers are taken too; other words that YAML does not take for texts, such as
        V(yes), have to be in quotes.
      - Without O(env) and O(remove) C(DEPLOY_DATE) is set to the time.
      - The values of variables that are named like a secret are hidden in results and logs. Better than that, keep
        them in a Secret, with C(valueFrom) in the template.
    type: dict
  remove:
    description: Names of variables to remove. One that no container has is a warning.
    type: list
    elements: str
  containers:
    description: Names of the containers, init containers among them. All of them by default, as with kubectl.
    type: list
    elements: str
  overwrite_value_from:
    description: Whether a plain value may take the place of a C(valueFrom).
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details: The API server validates the change and does not keep it. The pods that would be replaced are listed.
  diff_mode:
    support: full
    details: The values of environment variables that are named like a secret are hidden.
  idempotent:
    support: partial
    details: Values that are set already change nothing. Without O(env) and O(remove) each run sets the time anew.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload, and C(list) and C(watch) on pods.
    With C(list) on events and C(get) on C(pods/log) as well, errors say more.
seealso:
  - module: saferestart.k8s.rollout_restart
  - module: saferestart.k8s.template_patch
"""

EXAMPLES = r"""
- name: Restart by setting DEPLOY_DATE
  saferestart.k8s.set_env:
    namespace: shop
    kind: Deployment
    name: cart

- name: Change the level of the log in one container
  saferestart.k8s.set_env:
    namespace: shop
    kind: StatefulSet
    name: db
    containers: [app]
    env:
      LOG_LEVEL: debug
    remove: [OLD_LEVEL]
    reason: looking for the slow query
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: set_env
workload:
  description: The workload.
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
    - workload: Deployment shop/cart
      action: rollout
      reason: its controller replaces all pods, update strategy RollingUpdate
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
      containers: [{name: app, outcome: restarted, reason: replaced by the rollout}]
summary:
  description: Counts of the outcomes of the containers from before, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 7.41, api_requests: 4}
diff:
  description: The change, without the values of variables that are named like a secret.
  returned: when something was sent to the server
  type: dict
  sample: {before: {}, after: {}}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    CHANGE,
    ON_FAILURE,
    WAIT,
    WORKLOAD,
    Options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.set_env import set_env

_OPTIONS: Options = {
    "env": {"type": "dict"},
    "remove": {"type": "list", "elements": "str"},
    "containers": {"type": "list", "elements": "str"},
    "overwrite_value_from": {"type": "bool", "default": False},
}


def main() -> None:
    """Run the module."""
    run_module({**WORKLOAD, **CHANGE, **WAIT, **ON_FAILURE, **_OPTIONS}, set_env)


if __name__ == "__main__":
    main()
