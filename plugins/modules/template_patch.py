#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: template_patch
short_description: Change the pod template of a workload, and prove that its pods were replaced
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Patches the pod template of a Deployment, StatefulSet or DaemonSet, of an Argo Rollout or an OpenKruise CloneSet, or
    of any other object that has one, as C(kubectl patch) does. The controller then replaces the pods by its own rules.
  - Waits until the controller is done, by all the rules of C(kubectl rollout status), and then until no pod is left
    from before. A failed rollout is an error with the reason why the pod that explains most is not Ready.
  - A patch that changes nothing restarts nothing, and the result says so.
  - Whether the patch fits is judged by the API server, before anything is changed. A field that does not exist is an
    error; C(kubectl patch) only warns of it, and the server drops it.
  - Refuses a paused Deployment, Rollout or CloneSet, as C(kubectl rollout restart) does, since its controller would
    restart nothing. With the update strategy C(OnDelete) the module deletes the pods itself, one after the other.
  - To restart without a change, use M(saferestart.k8s.rollout_restart). To change environment variables only, use
    M(saferestart.k8s.set_env).
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.account
  - saferestart.k8s.attributes
options:
  namespace:
    description: Namespace of the workload.
    type: str
    required: true
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
  kind:
    description:
      - Kind of the workload.
      - V(Deployment), V(StatefulSet), V(DaemonSet), V(CronJob), V(Rollout) (C(argoproj.io/v1alpha1)) and V(CloneSet)
        (C(apps.kruise.io/v1alpha1)) are known by name. Any other needs O(api_version).
    type: str
    required: true
  api_version:
    description: API version of a kind that is not known by name, such as V(example.com/v1).
    type: str
  template_path:
    description:
      - Where in the object its pod template is, from C(spec) on, with dots.
      - By default C(spec.template), and C(spec.jobTemplate.spec.template) in a CronJob.
    type: str
  patch:
    description:
      - The patch of the pod template itself, not of the object around it. A dictionary with C(metadata), C(spec) or
        both.
      - With O(patch_type=json) a list of operations, the paths of which begin at the pod template, as in
        C(/spec/containers/0/image).
      - Values of variables that are named like a secret are not shown. Better take them from a Secret with
        C(valueFrom).
    type: raw
    required: true
  patch_type:
    description:
      - V(strategic) merges lists such as containers by name. It is the default for what is built in, and not for
        custom resources.
      - V(merge) (RFC 7386) replaces whole lists. It is the default for custom resources.
      - V(json) (RFC 6902) is a list of operations.
    type: str
    choices: [strategic, merge, json]
attributes:
  check_mode:
    support: full
    details: The API server validates the patch and does not keep it. The pods that would be replaced are listed.
  diff_mode:
    support: full
    details: Values of variables that are named like a secret are hidden.
  idempotent:
    support: partial
    details: A JSON patch may say something else each time.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload and C(list) and C(watch) on pods. With
    C(list) on events and C(get) on C(pods/log) as well, errors say more.
  - A Rollout is done when its phase is Healthy, its new pods are stable and all counts of its status agree. One that a
    step has paused is waited for until O(wait_timeout).
  - A CloneSet that may be updated in place, or has a partition, is only patched with O(wait=false), since new pods
    cannot prove its rollout.
  - A type that is not known is waited for by its pods. Those are the pods that name it as their controller. All from
    before have to be gone, and as many new ones as C(spec.replicas) says have to be Ready. Where it has none, because
    another object in between owns them, waiting is refused, and O(wait=false) is needed.
  - A CronJob has no pods of its own. Its template is patched and nothing is waited for, with a warning.
  - O(reason) is only written where the template changes. The API server is asked for that first.
  - A patch that changes nothing restarts nothing. A rollout that is still under way, of an interrupted run perhaps, is
    waited for to its end.
  - With the update strategy OnDelete an interrupted run leaves pods of the earlier template, and the same task again
    does not see them. M(saferestart.k8s.pod_delete) replaces them.
seealso:
  - module: saferestart.k8s.set_env
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Roll out another image, and wait until all pods are new and available
  saferestart.k8s.template_patch:
    namespace: shop
    kind: Deployment
    name: cart
    patch:
      spec:
        containers:
          - name: app
            image: registry.example.com/cart:2.0
    reason: version 2.0

- name: Remove the second container of a StatefulSet, if that is still the one that is meant
  saferestart.k8s.template_patch:
    namespace: shop
    kind: StatefulSet
    name: db
    patch_type: json
    patch:
      - {op: test, path: /spec/containers/1/name, value: exporter}
      - {op: remove, path: /spec/containers/1}

- name: Restart an Argo Rollout by an annotation, through all steps of its canary
  saferestart.k8s.template_patch:
    namespace: shop
    kind: Rollout
    name: web
    patch: {metadata: {annotations: {example.com/certificate: "2026-01-02"}}}
    wait_timeout: 1800

- name: Change the template of a custom resource whose pods belong to a StatefulSet in between
  saferestart.k8s.template_patch:
    namespace: shop
    kind: Cache
    api_version: example.com/v1
    template_path: spec.podTemplate
    name: sessions
    patch: {spec: {priorityClassName: high}}
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
    - The pods before and after. It is also returned on failure, as far as the run got. It is empty when O(wait=false).
    - The new pod of a StatefulSet has the name, that of a DaemonSet the node, of the one it replaced, and both are in
      one entry. The old and the new pods of a Deployment are in entries of their own.
  returned: always
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: "Name of the new pod, otherwise of the old one.", type: str, returned: always, sample: db-0}
    node: {description: Its node., type: str, returned: always, sample: worker}
    uid_before: {description: UID before., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    uid_after: {description: UID after., type: str, returned: always, sample: 41dd0a43-5b0e-4c1e-b7ad-05f0a5a1b7f2}
    ip_before: {description: IP address before., type: str, returned: always, sample: 10.244.1.7}
    ip_after: {description: IP address after., type: str, returned: always, sample: 10.244.1.9}
    created_at:
      description: When the pod was created, the new one where there is one.
      type: str
      returned: always
      sample: "2026-01-31T03:00:00Z"
    containers:
      description: The containers.
      returned: always
      type: list
      elements: dict
      contains:
        name: {description: Name., type: str, returned: always, sample: app}
        outcome:
          description:
            - V(restarted) is proven. V(unchanged) means that the pod from before is still there, V(failed) that no new
              pod is Ready in its place, V(skipped) that nothing was done because of check mode.
          type: str
          returned: always
          choices: [restarted, unchanged, skipped, failed]
          sample: restarted
        reason: {description: Why., type: str, returned: always, sample: replaced by the rollout}
        container_id_before: {description: ID before., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://0a92f1d44e5b}
        restart_count_before: {description: Its restart count in the old pod., type: int, returned: always, sample: 3}
        restart_count_after: {description: Its restart count in the new pod., type: int, returned: always, sample: 0}
        started_at:
          description: When the instance that runs now was started, by the kubelet's clock, in UTC and whole seconds.
          type: str
          returned: when restarted
          sample: "2026-01-31T03:00:02Z"
        ready_at:
          description: When its pod was Ready, by the kubelet's clock. Null where it was not seen to become so.
          type: str
          returned: when restarted
          sample: "2026-01-31T03:00:02Z"
summary:
  description: Counts of the outcomes of the containers from before, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 7.41, api_requests: 4}
diff:
  description: The pod template before and after, without the values of what is named like a secret.
  returned: always
  type: dict
  sample: {before: {spec: {template: {}}}, after: {spec: {template: {}}}}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    ACCOUNT,
    CHANGE,
    ON_FAILURE,
    TEMPLATE_PATCH,
    WAIT,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.template_patch import patch_secrets, template_patch


def main() -> None:
    """Run the module."""
    run_module({**TEMPLATE_PATCH, **CHANGE, **WAIT, **ON_FAILURE, **ACCOUNT}, template_patch, patch_secrets)


if __name__ == "__main__":
    main()
