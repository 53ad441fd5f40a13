#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scale_cycle
short_description: Scale a workload to 0 and back, and prove that all its pods are new
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Scales a Deployment or StatefulSet to 0, waits until no pod is left from before, and scales it back to as many pods
    as it had.
  - This interrupts the service, and is not advised where M(saferestart.k8s.rollout_restart) does. It is right where an
    old and a new pod must never run at the same time, where a volume can be mounted by one pod only, or where all pods
    have to forget what they know at once. RV(summary.downtime_seconds) tells how long no pod was Ready.
  - The count is written into the annotation C(saferestart.k8s/replicas) of the workload by the same request that sets
    it to 0, and removed by the one that puts it back. Whatever ends the run in between, the next run puts it back.
    C(kubectl scale) would have forgotten it.
  - If the count is 0 at the start and the annotation is there, the run goes on where the earlier one ended. Without
    the annotation it is an error, since nothing says how many pods there should be. If the count is not 0, an
    annotation from before is overwritten, with a warning.
  - If an old pod is not gone in time, because of a finalizer or of a node that does not answer, the workload is scaled
    up all the same, and the task fails and names the pod and what holds it. Any other error after the count was set to
    0 puts it back, too, and the message says whether that worked, and how to do it by hand if not.
  - A HorizontalPodAutoscaler does nothing while the count is 0, and goes on afterwards. Its minimum and maximum are not
    fought; the module waits for the count that the workload then asks for. A warning names it.
  - Disruption budgets do not protect against scaling, and are not asked.
  - A StatefulSet whose C(persistentVolumeClaimRetentionPolicy) is C(whenScaled=Delete) is refused, since its volumes
    would be deleted with its pods.
  - A paused Deployment is scaled like any other, as is one with an unfinished rollout, and a StatefulSet with the
    update strategy C(OnDelete).
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.workload
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.account
  - saferestart.k8s.attributes
options:
  kind:
    description: Kind of the workload. A DaemonSet has no count.
    type: str
    required: true
    choices: [Deployment, StatefulSet]
  reason:
    description:
      - Why this is done. It is shown in the plan. No revision is made, so the change cause of the present one stays.
    type: str
  wait:
    description:
      - Whether to wait until the new pods are available, and those without a readiness probe have run on for 3 seconds.
        Without waiting there is no proof that they are. One that ends again and again is given up after its fourth
        restart.
      - The end of the old pods is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds after which waiting has failed. They are counted twice, first for the end of the old pods, then for the
        new ones.
    type: int
    default: 660
attributes:
  check_mode:
    support: full
    details: The API server validates the first request and does not keep it. The pods that would be ended are listed.
  diff_mode:
    support: full
    details: Shows what the first request changes. The last one takes it back.
  idempotent:
    support: none
    details: Each run restarts.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload and C(list) and C(watch) on pods. With
    C(list) on horizontalpodautoscalers the module knows of autoscalers, otherwise it warns. With C(list) on events and
    C(get) on C(pods/log) as well, errors say more.
  - The Deployment controller copies the annotation to the ReplicaSet, where it stays, and C(kubectl rollout undo)
    brings back the annotations of a ReplicaSet. It means nothing while the Deployment is not scaled to 0.
  - Where O(select) is not true of a workload that an earlier run has left at 0, a warning says so, and it stays there.
seealso:
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Restart a singleton, whose old and new pod must not overlap
  saferestart.k8s.scale_cycle:
    namespace: shop
    kind: Deployment
    name: scheduler

- name: Clear the memory of all cache nodes at once, because of a poisoned entry
  saferestart.k8s.scale_cycle:
    namespace: shop
    kind: StatefulSet
    name: cache
    reason: poisoned entry
    wait_timeout: 300
  register: cycle

- name: Show how long the service was away
  ansible.builtin.debug:
    msg: "No pod was Ready for {{ cycle.summary.downtime_seconds }} s"

- name: Never touch what Flux, Argo CD or Helm keeps a copy of
  saferestart.k8s.scale_cycle:
    namespace: shop
    kind: Deployment
    name: scheduler
    allow_managed: false
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: scale_cycle
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
      action: scale_down
      reason: from 2 to 0, the count is kept in its annotation saferestart.k8s/replicas
    - workload: Deployment shop/cart
      action: scale_up
      reason: to 2, as soon as no pod is left from before
pods:
  description:
    - The pods before and after. It is also returned on failure, as far as the run got. It is empty when O(wait=false).
    - The new pod of a StatefulSet has the name of the one it replaced, and both are in one entry. The old and the new
      pods of a Deployment are in entries of their own.
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
        reason: {description: Why., type: str, returned: always, sample: replaced by the scale cycle}
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
  description:
    - Counts of the outcomes of the containers from before, seconds and requests.
    - C(downtime_seconds) is the time without a Ready pod, by the conditions of the pods, in whole seconds. It is null
      where they do not say, as after an interrupted run.
  returned: always
  type: dict
  contains:
    pods: {description: Pods from before., type: int, returned: always, sample: 2}
    restarted: {description: Containers with that outcome., type: int, returned: always, sample: 2}
    unchanged: {description: Containers with that outcome., type: int, returned: always, sample: 0}
    skipped: {description: Containers with that outcome., type: int, returned: always, sample: 0}
    failed: {description: Containers with that outcome., type: int, returned: always, sample: 0}
    downtime_seconds: {description: Seconds without a Ready pod., type: int, returned: when selected, sample: 3}
    seconds: {description: Seconds of the run., type: float, returned: always, sample: 6.12}
    api_requests: {description: "Requests sent, the watches aside.", type: int, returned: always, sample: 7}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import ACCOUNT, CHANGE, WAIT, WORKLOAD
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.scale_cycle import scale_cycle


def main() -> None:
    """Run the module."""
    kind = {"kind": {"type": "str", "required": True, "choices": ["Deployment", "StatefulSet"]}}
    run_module({**WORKLOAD, **kind, **CHANGE, **WAIT, **ACCOUNT}, scale_cycle)


if __name__ == "__main__":
    main()
