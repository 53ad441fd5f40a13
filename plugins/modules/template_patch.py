#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: template_patch
short_description: Change the pod template of a workload, and prove that its pods are new
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Patches the pod template of a Deployment, StatefulSet, DaemonSet, or of a custom resource that has one, and waits
    until the controller has replaced all pods, as M(saferestart.k8s.rollout_restart) does.
  - A patch that changes nothing restarts nothing, and says so. A field that does not exist is an error, while
    C(kubectl patch) drops it with a warning.
  - Refuses a paused Deployment, since its controller would restart nothing. With the update strategy C(OnDelete) the
    module deletes the pods itself, one after the other.
  - To restart without changing anything use M(saferestart.k8s.rollout_restart). An object that Flux, Argo CD or Helm
    looks after is better changed there.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.attributes
options:
  namespace:
    description: Namespace of the workload.
    type: str
    required: true
  kind:
    description:
      - Kind of the workload. C(Deployment), C(StatefulSet), C(DaemonSet), C(Rollout) of Argo Rollouts and C(CloneSet)
        of OpenKruise are known by name. Any other kind needs O(api_version).
    type: str
    required: true
  api_version:
    description: API version of a custom resource, such as V(example.com/v1).
    type: str
  name:
    description: Name of the workload.
    type: str
    required: true
  template_path:
    description: Where the pod template is in the object, V(spec.template) by default.
    type: str
  patch:
    description:
      - The patch of the pod template. A dictionary, or for O(patch_type=json) a list of operations, whose paths begin
        at the template, V(/spec/containers/0/image) for example.
    type: raw
    required: true
  patch_type:
    description:
      - By default V(json) for a list, V(strategic) for a built-in kind, and V(merge) for a custom resource, of which
        the API server takes no strategic merge patch.
    type: str
    choices:
      strategic: Merges containers, variables, ports and volumes by their names.
      merge: A JSON merge patch (RFC 7386). It replaces lists as a whole.
      json: A JSON patch (RFC 6902).
  select:
    description:
      - JMESPath expression over the live object. Unless it is true of the workload, that is neither null nor false
        nor empty, nothing is done, and the result says so.
      - Needs the Python library C(jmespath).
    type: str
attributes:
  check_mode:
    support: full
    details: The API server validates the change and does not keep it. The pods that would be replaced are listed.
  diff_mode:
    support: full
    details: The values of environment variables that are named like a secret are hidden.
  idempotent:
    support: full
    details: A patch that is in effect already changes and restarts nothing, but for a JSON patch that adds to a list.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload, and C(list) and C(watch) on pods.
    With C(list) on events and C(get) on C(pods/log) as well, errors say more.
seealso:
  - module: saferestart.k8s.rollout_restart
  - module: saferestart.k8s.set_env
  - module: saferestart.k8s.resource_replace
"""

EXAMPLES = r"""
- name: Change the image of one container
  saferestart.k8s.template_patch:
    namespace: shop
    kind: Deployment
    name: cart
    patch:
      spec:
        containers:
          - name: app
            image: "registry.example.com/cart:2.1"
    reason: release 2.1
    on_failure: undo

- name: Change a CloneSet, where a merge patch would replace the list of containers
  saferestart.k8s.template_patch:
    namespace: shop
    kind: CloneSet
    name: cart
    patch:
      - {op: replace, path: /spec/containers/0/image, value: "registry.example.com/cart:2.1"}

- name: Change the template of another custom resource, and do not wait
  saferestart.k8s.template_patch:
    namespace: shop
    kind: Shop
    api_version: example.com/v1
    name: main
    template_path: spec.frontend.template
    patch: {metadata: {annotations: {restarted-by: runbook}}}
    wait: false
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: template_patch
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

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import CHANGE, ON_FAILURE, WAIT, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.template_patch import template_patch

_OPTIONS: Options = {
    "namespace": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "api_version": {"type": "str"},
    "name": {"type": "str", "required": True},
    "template_path": {"type": "str"},
    "patch": {"type": "raw", "required": True},
    "patch_type": {"type": "str", "choices": ["strategic", "merge", "json"]},
    "select": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    run_module({**CHANGE, **WAIT, **ON_FAILURE, **_OPTIONS}, template_patch)


if __name__ == "__main__":
    main()
