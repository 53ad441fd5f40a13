#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_restart
short_description: Restart a workload by a rollout, and prove that no pod is left from before
version_added: 0.1.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Restarts all pods of a Deployment, StatefulSet or DaemonSet as C(kubectl rollout restart) does. The time is written
    into the annotation C(kubectl.kubernetes.io/restartedAt) of the pod template, and the controller replaces the pods
    by its own rules.
  - Waits until the controller is done, by all the rules of C(kubectl rollout status), and then until no pod is left
    from before. An old pod that is only waiting for the end of its grace period counts as gone.
  - A new pod without a readiness probe has to run on for 3 seconds, see O(wait). One that ends is waited for until it
    does, and is a warning then.
  - A rollout that exceeds its progress deadline fails at once. The error names the workload, what its controller says,
    the pod that explains most, the reason why it is not Ready, the last warning about it, and the end of its log.
  - Refuses a paused Deployment, since its controller would restart nothing. With the update strategy C(OnDelete) the
    module deletes the pods itself, one after the other, those of a StatefulSet from the highest ordinal down.
  - A StatefulSet with a partition is restarted in part, with a warning, unless O(below_partition=delete). A workload
    scaled to 0 gets the annotation, and no pod is restarted.
  - With O(older_than) a second run does nothing, and the run after one that was interrupted waits for what is left of
    it. A rollout replaces all pods of a workload, so that one pod that is too old is enough to start it.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.workload
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.account
  - saferestart.k8s.attributes
options:
  older_than:
    description:
      - Restart only if a pod was created before this. A duration, such as V(90s), V(2h30m), V(1d) or plain seconds,
        counts back from now; a time has a zone, such as V(2026-01-31T03:00:00Z).
      - To run until it is done, whatever interrupts it, use the same time in each run.
    type: str
    version_added: 0.2.0
  below_partition:
    description: What to do with the pods of a StatefulSet that its partition holds back.
    type: str
    default: leave
    choices:
      leave: Leave them alone, as the controller does.
      delete: Delete them one after the other. The controller makes them anew from the template that they had.
    version_added: 0.2.0
  reason:
    description:
      - Why this is done. It is kept with the new revision, as the annotation C(kubernetes.io/change-cause) that
        C(kubectl rollout history) shows.
    type: str
    version_added: 0.2.0
attributes:
  check_mode:
    support: full
    details: The API server validates the patch and does not keep it. The pods that would be replaced are listed.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(older_than) a second run does nothing. Without it each run restarts.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload and C(list) and C(watch) on pods. With
    C(list) on events and C(get) on C(pods/log) as well, errors say more.
  - To delete pods (C(OnDelete), O(below_partition=delete), and O(on_failure=undo) of a StatefulSet) they have to allow
    C(delete) on pods.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.pid1_info
"""

EXAMPLES = r"""
- name: Restart a Deployment and wait until all its pods are new and available
  saferestart.k8s.rollout_restart:
    namespace: shop
    kind: Deployment
    name: cart

- name: Allow a StatefulSet that starts slowly half an hour
  saferestart.k8s.rollout_restart:
    namespace: shop
    kind: StatefulSet
    name: db
    wait_timeout: 1800
  register: restart

- name: Show which pod took whose place
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.uid_before }} -> {{ item.uid_after }}"
  loop: "{{ restart.pods }}"
  loop_control:
    label: "{{ item.name }}"

- name: Restart what runs since before the certificate was renewed, as often as it takes
  saferestart.k8s.rollout_restart:
    namespace: shop
    kind: Deployment
    name: cart
    older_than: "2026-01-31T03:00:00Z"
    on_failure: undo
    reason: renewed certificate

- name: Only start the rollout of a DaemonSet
  saferestart.k8s.rollout_restart:
    namespace: shop
    kind: DaemonSet
    name: log-agent
    wait: false
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: rollout_restart
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
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    ACCOUNT,
    ON_FAILURE,
    WAIT,
    WORKLOAD,
    Options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_restart import rollout_restart

_OPTIONS: Options = {
    "older_than": {"type": "str"},
    "below_partition": {"type": "str", "default": "leave", "choices": ["leave", "delete"]},
    "reason": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    run_module({**WORKLOAD, **WAIT, **ON_FAILURE, **_OPTIONS, **ACCOUNT}, rollout_restart)


if __name__ == "__main__":
    main()
