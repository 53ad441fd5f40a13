#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_delete
short_description: Restart pods by evicting or deleting them, some at a time
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Takes pods down so that their controller makes new ones, as C(kubectl delete pod) does, but never more than
    O(max_unavailable) of an owner's pods at a time. A pod goes when the one before it is gone and its replacement is
    Ready.
  - By default pods are evicted, so that the API server asks the disruption budget of each. While a budget has no room,
    the module waits and tries again.
  - Every pod is tied down by its UID. A pod that is gone already, or was replaced meanwhile, is left alone and said.
  - Pods that are not Ready go first, since nobody misses them. Those of a StatefulSet go from the highest ordinal down.
  - Every pod is looked at before the first one is touched. If nothing would bring one of them back, none is deleted,
    see O(allow_unowned). The mirror of a static pod is always refused.
  - Pods of an owner that are not Ready count as down, also those that were not meant. As long as too many of them are
    down, no pod that is Ready is touched.
  - Use it for single pods, for a workload with the update strategy C(OnDelete), and where the template must not change.
    M(saferestart.k8s.rollout_restart) restarts a whole workload by its controller's own rules, and can surge.
    M(saferestart.k8s.container_restart) keeps the pods.
  - Do not use it to run a Job's work again. Its controller counts a deleted pod as a failure, and makes another one
    only after its back-off. If that failure would end the Job, the pod is refused. With the replacement policy
    C(Failed) a pod that ends with exit code 0 on deletion counts as done.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.account
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details:
      - The API server judges each eviction or deletion and does not carry it out. A budget that has no room now is said
        in the plan and is no error, since a real run would wait.
  diff_mode:
    support: none
    details: No object is changed but deleted, and the new pods are their controllers'.
  idempotent:
    support: partial
    details:
      - With O(older_than) a second run does nothing but wait for what the first one took down. Without it each run
        deletes.
      - After a run that was cut off, deleted pods are their controllers', and a new run goes on.
  action_group:
    support: full
options:
  method:
    description: How a pod is taken down.
    type: str
    default: evict
    choices:
      evict: Evict it. Disruption budgets are kept, and the pod gets the condition C(DisruptionTarget).
      delete: Delete it. No budget is asked.
  max_unavailable:
    description:
      - How many pods of each owner may be down at a time, as a number, or as a percentage of the pods that the owner
        wants, such as V(25%).
      - A percentage is rounded down, as Kubernetes does, but to 1 at least.
      - All pods of a Deployment have one owner in common, the Deployment. So have all pods without a controller.
    type: str
    default: "1"
  grace_seconds:
    description:
      - How many seconds the containers have to end, 1 at least.
      - By default the pod's own grace period.
    type: int
  force:
    description:
      - Remove the pod's object at once, without waiting for word from its node, as
        C(kubectl delete --force --grace-period=0) does.
      - Only for pods whose node does not come back. A pod that is named by O(pods) and stuck on its way out is removed,
        too. Until the node is reached the containers may run on, so that a
        StatefulSet may have two pods of one identity, which can damage its data.
    type: bool
    default: false
  allow_unowned:
    description: Whether to delete pods that have no controller. They are gone for good.
    type: bool
    default: false
  min_ready_seconds:
    description:
      - How long a new pod has to stay Ready before it counts.
      - By default the owner's C(spec.minReadySeconds), and 3 seconds for a pod with a container without a readiness
        probe, which is Ready as soon as it runs.
    type: int
  wait:
    description:
      - Whether to wait for the replacements. Without waiting nothing is proven, a budget without room is an error at
        once, and more pods of an owner than O(max_unavailable), with those that are down already, are refused.
    type: bool
    default: true
  wait_timeout:
    description: Seconds after which waiting has failed. They are counted anew whenever one more pod is replaced.
    type: int
    default: 660
  older_than:
    description:
      - Take only pods down that were created before this. A duration, such as V(90s), V(2h30m), V(1d) or plain seconds,
        counts back from now; a time has a zone, such as V(2026-01-31T03:00:00Z). The others are V(unchanged).
      - To run until it is done, whatever interrupts it, use the same time in each run. What an earlier run took down
        counts as down until it is replaced, and the run does not end before each owner has as many pods Ready as it
        wants. A pod that was made since, and is not Ready, is waited for as long as O(wait_timeout) lasts from then on;
        one that is not Ready for longer, or is older and was not meant, is not waited for.
      - An owner that cannot have as many pods as it wants, for example because of a quota, makes the run fail after
        O(wait_timeout), also where no earlier run took any down. Only owners that can be read, and want a number of
        pods, are waited for in this way, so that Jobs are not.
    type: str
    version_added: 0.5.0
  reason:
    description: Why this is done. It is told in the plan, by O(events) and in the O(record).
    type: str
notes:
  - The credentials have to allow C(list) and C(watch) on pods, and C(create) on C(pods/eviction), or C(delete) on pods
    for O(method=delete).
  - With C(get) on the owners (such as deployments and statefulsets) it is known how many pods each of them wants, and
    for how long they have to be Ready. Otherwise those that are there at first are counted, without those that are on
    their way out. A workload that is named by O(name) has to be readable.
  - With C(list) on events and on poddisruptionbudgets, and C(get) on C(pods/log) and nodes, errors say more.
  - More than one disruption budget for a pod is an error at once, since the API server evicts no such pod.
  - A run that is cut off leaves nothing to clean up. What it deleted is replaced by the controllers. A new run waits
    for that, and deletes all the pods that it finds, without O(older_than) also those that are new.
  - A pod with a finalizer stays until whoever set it removes it. There is a warning, and then an error at the end of
    O(wait_timeout).
  - "Other than C(kubectl delete pod), O(grace_seconds=0) is an error and not taken for 1."
seealso:
  - module: saferestart.k8s.rollout_restart
  - module: saferestart.k8s.container_restart
"""

EXAMPLES = r"""
- name: Replace all pods of a StatefulSet, one after the other, as its disruption budget allows
  saferestart.k8s.pod_delete:
    namespace: shop
    kind: StatefulSet
    name: db

- name: Replace the pods that were restarted more than five times, up to a quarter at a time
  saferestart.k8s.pod_delete:
    namespace: shop
    label_selectors: [app=cart]
    select: status.containerStatuses[?restartCount > `5`]
    max_unavailable: 25%
    allow_empty: true

- name: Replace one pod without asking a budget, and give it a minute to end
  saferestart.k8s.pod_delete:
    namespace: shop
    pods: [web-0]
    method: delete
    grace_seconds: 60
    reason: it holds a broken connection

- name: Remove a pod whose node is lost
  saferestart.k8s.pod_delete:
    namespace: shop
    pods: [web-1]
    method: delete
    force: true
"""

RETURN = r"""
strategy:
  description: V(pod_evict) or V(pod_delete), as O(method) says.
  returned: always
  type: str
  sample: pod_evict
workload:
  description: The workload, when one was named.
  returned: always
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: cart
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
plan:
  description: What was decided for each pod, in the order in which it is done, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: cart-5d9c7b8f6-x2x7k
      action: evict
      reason: Deployment cart brings it back, 1 of 2 may be down at a time
pods:
  description:
    - The pods before and after, in the order in which they were taken down. It is also returned on failure, as far as
      the run got.
    - The pod in the place of an old one is in the same entry. That of a StatefulSet has its name, that of a DaemonSet
      its node. Where pods have no places, as with a Deployment, the first new pod is put beside the first old one.
    - With O(older_than) a pod that was made during the run, but not in the place of one that this run took down, is an
      entry without what was before. An earlier run may have taken one down, or the owner may want one more by now.
  returned: always
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: "Name of the new pod, otherwise of the old one.", type: str, returned: always, sample: db-0}
    node: {description: Its node., type: str, returned: always, sample: worker}
    uid_before: {description: UID before., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    uid_after: {description: UID after., type: str, returned: always, sample: 41dd0a43-5b0e-4c1e-b7ad-05f0a5a1b7f2}
    static_uid:
      description: Which UID a static pod has for its kubelet. Its events have it, and C(kubectl describe) looks for it.
      type: str
      returned: for the mirrors of static pods
      sample: 5f1d0c3a2b4e69788796a5b4c3d2e1f0
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
            - V(restarted) means that the old pod is gone and a new one is Ready in its place. V(deleted) is a pod that
              nothing has replaced, and that was to be so, or was not waited for. V(failed) was taken down, and is still
              there or not replaced, or is a replacement that is not Ready. V(skipped) was not touched, or gone already.
              V(unchanged) is one that O(older_than) left alone.
          type: str
          returned: always
          choices: [restarted, deleted, unchanged, skipped, failed]
          sample: restarted
        reason: {description: Why., type: str, returned: always, sample: "evicted, and replaced"}
        container_id_before: {description: ID before., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://0a92f1d44e5b}
        restart_count_before: {description: Its restart count in the old pod., type: int, returned: always, sample: 3}
        restart_count_after: {description: Its restart count in the new pod., type: int, returned: always, sample: 0}
        seconds: {description: Seconds until it was replaced., type: float, returned: when replaced, sample: 4.2}
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
  description: Counts of the outcomes of the containers, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 7.41, api_requests: 4}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    ACCOUNT,
    PODS_RULES,
    WAIT,
    WHOLE_PODS,
    Options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pod_delete import pod_delete


def main() -> None:
    """Run the module."""
    options: Options = {
        "method": {"type": "str", "default": "evict", "choices": ["evict", "delete"]},
        "max_unavailable": {"type": "str", "default": "1"},
        "grace_seconds": {"type": "int"},
        "force": {"type": "bool", "default": False},
        "allow_unowned": {"type": "bool", "default": False},
        "min_ready_seconds": {"type": "int"},
        "older_than": {"type": "str"},
        "reason": {"type": "str"},
    }
    run_module({**WHOLE_PODS, **WAIT, **options, **ACCOUNT}, pod_delete, **PODS_RULES)


if __name__ == "__main__":
    main()
