#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_undo
short_description: Go back to an earlier revision of a workload, and prove that every pod has it
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Puts the pod template of an earlier revision of a Deployment, StatefulSet or DaemonSet back, as
    C(kubectl rollout undo) does, and its controller replaces the pods by its own rules. With it come a Deployment's
    annotations of that time, its change cause among them.
  - Waits until the controller is done, by all the rules of C(kubectl rollout status), and then until no pod is left
    of the template that was undone.
  - Deletes the pods that keep a StatefulSet from going back. Its controller waits until every pod is Ready before it
    replaces one, also where the pod can never be because of the very change that is undone. See O(delete_stuck).
  - Other than with a restart, a pod that already has that template stays.
  - Refuses what kubectl refuses. That is a paused Deployment, a revision that is not in the history, and a workload
    without an earlier one. A template that already is that of the revision is left alone, and the result says so.
  - Other than kubectl, the current revision is found by its template, not by the highest number. So an undo right after
    a change that the controller has not seen yet undoes that change, not the one before.
  - Not for going back to a version that is no longer in the history, or to other fields than the pod template. Apply
    that version's manifest for these.
options:
  to_revision:
    description:
      - Number of the revision to go back to, as M(saferestart.k8s.rollout_info) and C(kubectl rollout history) show it.
      - By default, V(0), the newest one before the current. A second run with it undoes the undo.
      - A revision gets a new number when it becomes the current one again. A Deployment's can be named by each number
        that it ever had. The old number of a StatefulSet's or DaemonSet's is no longer known.
    type: int
    default: 0
  to_name:
    description:
      - Name of the ReplicaSet or ControllerRevision to go back to, as M(saferestart.k8s.rollout_info) returns it. It
        stays when the revision becomes the current one again, so that the task can be repeated.
    type: str
  delete_stuck:
    description:
      - Whether to delete the pods of a StatefulSet that are not Ready and of another revision than the one that it goes
        back to. The Kubernetes documentation asks people to do that by hand (forced rollback).
      - They are deleted once the controller has seen the undo, each by its UID, with its own grace period. Pods that
        are Ready, those below a partition, and those of other kinds, whose controllers do not wait, are never deleted.
      - Nothing is deleted with O(wait=false).
    type: bool
    default: true
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.workload
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.account
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details: The API server validates the patch and does not keep it. The pods that would be replaced, and those that
      would be deleted because they are stuck, are listed.
  diff_mode:
    support: full
    details: The pod template, with the values of what is named like a secret hidden.
  idempotent:
    support: partial
    details: With O(to_name), and for a Deployment with O(to_revision), a second run changes nothing, and one after an
      interrupted run sees its rollout to the end. For the other kinds a second run with O(to_revision) is an error once
      the revision has a new number. Without either, each run goes back to the revision before, so that two of them
      cancel each other.
  action_group:
    support: full
notes:
  - The credentials have to allow C(get), C(watch) and C(patch) on the workload, C(list) on C(replicasets) or
    C(controllerrevisions), and C(list) and C(watch) on pods, and for O(delete_stuck) C(delete) on pods. With C(list)
    on events and C(get) on C(pods/log) as well, errors say more.
  - The revisions of a StatefulSet and a DaemonSet keep the change cause that they were made with, and as with kubectl
    the workload's own annotations stay. O(reason) is written on the workload.
  - With the update strategy C(OnDelete) the pods that have another template are deleted one after the other; with
    O(wait=false) none is, and a warning says so.
seealso:
  - module: saferestart.k8s.rollout_info
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Undo the last change, and wait until its pods are gone
  saferestart.k8s.rollout_undo:
    namespace: shop
    kind: Deployment
    name: cart
    reason: the change of 12:05 broke the checkout

- name: Look at the history first
  saferestart.k8s.rollout_info:
    namespace: shop
    kind: StatefulSet
    name: db
  register: rollout

- name: Go back to the revision before the current one, by its name, so that this task can be repeated
  saferestart.k8s.rollout_undo:
    namespace: shop
    kind: StatefulSet
    name: db
    to_name: "{{ (rollout.revisions | rejectattr('current') | last).name }}"

- name: Show what an undo would change, and which pods are stuck
  saferestart.k8s.rollout_undo:
    namespace: shop
    kind: StatefulSet
    name: db
  check_mode: true
  diff: true
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: rollout_undo
workload:
  description: The workload.
  returned: always
  type: dict
  sample:
    api_version: apps/v1
    kind: StatefulSet
    namespace: shop
    name: db
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
plan:
  description: What was decided, and why. A stuck pod that was deleted has an entry, too.
  returned: always
  type: list
  elements: dict
  sample:
    - workload: StatefulSet shop/db
      action: undo
      reason: the template of revision 3 (db-6c8d7f6bd9) is put in the place of that of revision 4
    - workload: StatefulSet shop/db
      action: rollout
      reason: its controller replaces all pods, update strategy RollingUpdate
    - pod: db-1
      action: delete_stuck
      reason: "not Ready, and of the revision that is undone: its controller would wait for it to become Ready"
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
    CHANGE,
    ON_FAILURE,
    WAIT,
    WORKLOAD,
    Options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.rollout_undo import rollout_undo


def main() -> None:
    """Run the module."""
    options: Options = {
        "to_revision": {"type": "int", "default": 0},
        "to_name": {"type": "str"},
        "delete_stuck": {"type": "bool", "default": True},
    }
    run_module(
        {**WORKLOAD, **CHANGE, **options, **WAIT, **ON_FAILURE, **ACCOUNT},
        rollout_undo,
        mutually_exclusive=[("to_revision", "to_name")],
    )


if __name__ == "__main__":
    main()
