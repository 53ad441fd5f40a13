#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: set_env
short_description: Set or remove environment variables of a workload, and prove that its pods were replaced
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Sets or removes environment variables of the containers of a Deployment, StatefulSet or DaemonSet, as
    C(kubectl set env) does. The controller then replaces the pods by its own rules.
  - With neither O(env) nor O(remove) it sets C(DEPLOY_DATE) to the present time, RFC 3339 in UTC, which restarts the
    workload in each run.
  - Variables that are as asked for already restart nothing, and the result says so.
  - Waits until the controller is done, by all the rules of C(kubectl rollout status), and then until no pod is left
    from before. A failed rollout is an error with the reason why the pod that explains most is not Ready.
  - Init containers are containers too, as they are for kubectl. Name those that are meant to leave the others alone.
  - Variables keep their order, and new ones come last.
  - Unlike C(kubectl set env) it refuses to put a plain value in the place of a reference (C(valueFrom)) unasked, and a
    container that does not exist.
  - Refuses a paused Deployment, as C(kubectl rollout restart) does, since its controller would restart nothing. With
    the update strategy C(OnDelete) the module deletes the pods itself, one after the other.
  - Not for secrets. A value is readable by whoever can read the workload; keep it in a Secret, and refer to it with
    C(valueFrom) and C(secretKeyRef), by M(saferestart.k8s.template_patch) for example.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.workload
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.account
  - saferestart.k8s.attributes
options:
  env:
    description:
      - Values by name. They have to be strings, so numbers need quotes.
      - Values of variables that are named like a secret (C(DB_PASSWORD), C(API_TOKEN)) are hidden in logs, results and
        diffs.
    type: dict
  remove:
    description: Names of variables to remove. One that no container has is none to remove, and no error.
    type: list
    elements: str
  containers:
    description:
      - Names of containers. Each has to exist.
      - By default all containers, the init containers and native sidecars among them.
    type: list
    elements: str
  overwrite_value_from:
    description: Whether O(env) may put a plain value in the place of a reference (C(valueFrom)), as to a Secret.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details: The API server validates the patch and does not keep it. The pods that would be replaced are listed.
  diff_mode:
    support: full
    details: Values of variables that are named like a secret are hidden.
  idempotent:
    support: partial
    details: With O(env) or O(remove). Without them each run restarts.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload and C(list) and C(watch) on pods. With
    C(list) on events and C(get) on C(pods/log) as well, errors say more.
  - Where nothing changes, nothing restarts. A rollout that is still under way, of an interrupted run perhaps, is waited
    for to its end.
  - With the update strategy OnDelete an interrupted run leaves pods of the earlier template, and the same task again
    does not see them. M(saferestart.k8s.pod_delete) replaces them.
seealso:
  - module: saferestart.k8s.template_patch
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Set one variable in all containers and wait until all pods are new and available
  saferestart.k8s.set_env:
    namespace: shop
    kind: Deployment
    name: cart
    env:
      LOG_LEVEL: debug

- name: Set one variable of one container, and remove another
  saferestart.k8s.set_env:
    namespace: shop
    kind: StatefulSet
    name: db
    containers: [exporter]
    env:
      SCRAPE_SECONDS: "15"
    remove: [SCRAPE_INTERVAL]
    reason: renamed in version 2

- name: Restart by a timestamp
  saferestart.k8s.set_env:
    namespace: shop
    kind: DaemonSet
    name: log-agent
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
    ENV,
    ON_FAILURE,
    WAIT,
    WORKLOAD,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.set_env import env_secrets, set_env


def main() -> None:
    """Run the module."""
    run_module({**WORKLOAD, **ENV, **CHANGE, **WAIT, **ON_FAILURE, **ACCOUNT}, set_env, env_secrets)


if __name__ == "__main__":
    main()
