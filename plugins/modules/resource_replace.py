#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_replace
short_description: Replace a workload by a whole definition, or delete a bare pod and make it again
version_added: 0.2.0
author: saferestart.k8s contributors (@saferestart)
description:
  - With O(definition) of a Deployment, StatefulSet or DaemonSet, puts the definition in the object's place as
    C(kubectl replace) does. If the pod template changes, the controller replaces the pods, and the module waits until
    that is done, by the rules of M(saferestart.k8s.rollout_restart). A definition that changes nothing restarts
    nothing, and the result says so.
  - With O(force) and O(pod), deletes a pod that has no controller and makes it again from its live manifest, as
    C(kubectl get pod -o yaml) and C(kubectl replace --force) do.
  - C(kubectl replace --force) deletes first. When it is interrupted then, or the new pod is refused, nothing is left.
    This module asks the API server first, whether it would accept the new pod, and looks whether a node may take it
    and whether what it needs is there. It keeps the manifest until the new pod is Ready, see O(backup). The next run
    with the same options goes on where an interrupted one has stopped.
  - Do not use O(force) for a pod that a controller makes, use M(saferestart.k8s.pod_delete). Do not use it to restart a
    workload as it is, use M(saferestart.k8s.rollout_restart).
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.change
  - saferestart.k8s.wait
  - saferestart.k8s.on_failure
  - saferestart.k8s.account
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details: The API server validates the definition or the new pod, and does not keep it. Everything is looked at
      that is looked at before a change.
  diff_mode:
    support: full
    details: Values that are named like a secret are hidden.
  idempotent:
    support: partial
    details: A definition of a workload that is there already changes nothing. With O(force) each run restarts, except
      one that finishes an interrupted one.
  action_group:
    support: full
options:
  namespace:
    description:
      - Namespace of the object.
      - May be left out when O(definition) has it. When both are given they have to be equal.
    type: str
  definition:
    description:
      - The whole object, as in a manifest. It has to exist.
      - A C(metadata.resourceVersion) in it is respected. If the object was changed since then it is an error, and
        nothing is changed. Without it, whatever is there is replaced.
      - What it leaves out gets the server's default. A Deployment without C(spec.replicas) is scaled to 1, and a
        warning says so.
      - Its C(status) is ignored.
      - With O(force), of kind Pod.
    type: dict
  pod:
    description:
      - Name of a pod that is to be made again from its live manifest. Needs O(namespace) and O(force).
      - One of O(definition) and O(pod) has to be given.
    type: str
  select:
    description:
      - JMESPath expression over the live object. Unless it is true of the workload or pod, that is neither null nor
        false nor empty, nothing is done, and the result says so. What an interrupted run has begun is finished anyway.
      - Needs the Python library C(jmespath).
    type: str
  force:
    description:
      - Delete the pod, and make it again. It is an error for anything but a pod.
      - A pod with a controller and the mirror of a static pod are refused.
    type: bool
    default: false
  keep_node:
    description: Whether the new pod is bound to the old one's node. By default the scheduler chooses.
    type: bool
    default: false
  backup:
    description:
      - Where the manifest of the new pod is kept from before the old one is deleted until the new one is Ready, with
        the old one's UID.
      - It stays when the run fails after the delete, so that the next run finds it, or a person.
    type: str
    default: configmap
    choices:
      configmap: In the ConfigMap C(saferestart-backup-POD) of the pod's namespace, with the label
        C(saferestart.k8s/backup). Whoever may read ConfigMaps there may read it, so use V(file) for a pod with secrets
        in its C(env) or command line.
      file: In the file O(backup_path), readable by the user alone that the module runs as.
  backup_path:
    description: Path of the backup with O(backup=file), on the host that the module runs on. One file for each pod.
    type: path
  grace_seconds:
    description:
      - How long the old pod may take to end, instead of its own grace period.
      - V(0) is refused. The name would be free at once, while the processes may still run.
    type: int
  min_ready_seconds:
    description:
      - How long the new pod has to stay Ready. Only with O(force).
      - By default 3 seconds where a container has no readiness probe, which makes it Ready as soon as it runs.
    type: int
notes:
  - Not kept with O(force) is what the server, the node and the network have written into the old pod. These are the
    status, the UID and other metadata, the node, the volume with the service account's token, the priority that a class
    stands for, the two default tolerations, the node's topology labels, and annotations of Calico, Multus and
    OVN-Kubernetes. Ephemeral containers are lost, with a warning. An owner that no longer exists is left out, with a
    warning, since the new pod would be deleted because of it.
  - Unlike with C(kubectl replace --force), the new pod is not bound to the old one's node, see O(keep_node), and the
    annotation of C(kubectl apply) keeps the manifest that was applied, where kubectl writes the whole old pod into it.
  - C(emptyDir) volumes, generic ephemeral volumes and the containers' own file systems are lost with the old pod.
  - Errors before the delete are a pod that the server would refuse (its service account, priority class and limits are
    part of that), a quota that leaves no room even without the old pod, no node that the pod's node selector, required
    node affinity and tolerations allow, and a volume claim, ConfigMap or Secret that is needed and missing. Not judged
    are free CPU and memory, host ports, where a volume can be attached, and affinity to other pods. If one of these
    keeps the new pod from running, the error names it after O(wait_timeout).
  - With O(wait=false) and O(force) the end of the old pod is waited for all the same. It is only not waited until the
    new one is Ready.
  - When the new pod is not Ready in time, the backup stays, and the next run waits for that pod instead of replacing it
    again, unless its O(definition) is another one by then.
  - O(reason) has no effect with O(force), and O(on_failure) neither.
  - A definition with secrets is shown where Ansible shows a task's options. Set C(no_log) on the task, or keep them in
    a Secret.
  - The credentials have to allow C(get), C(watch) and C(update) on the workload and C(list) and C(watch) on pods. With
    O(force) they have to allow C(get), C(list), C(watch), C(create) and C(delete) on pods and, unless O(backup=file),
    C(get), C(create), C(update) and C(delete) on ConfigMaps. With C(list) on nodes and resourcequotas and C(get) on
    what the pod refers to, more is found out before the delete. What could not be checked is a warning, and an
    exceeded quota that may not be read is an error.
seealso:
  - module: saferestart.k8s.rollout_restart
  - module: saferestart.k8s.pod_delete
"""

EXAMPLES = r"""
- name: Replace a Deployment by a manifest, and wait until its pods are new
  saferestart.k8s.resource_replace:
    namespace: shop
    definition: "{{ lookup('ansible.builtin.file', 'cart.yml') | from_yaml }}"
    reason: Cart 1.5

- name: Restart a pod that nobody looks after
  saferestart.k8s.resource_replace:
    namespace: shop
    pod: toolbox
    force: true

- name: Restart it on its node, and keep its manifest out of the cluster meanwhile
  saferestart.k8s.resource_replace:
    namespace: shop
    pod: toolbox
    force: true
    keep_node: true
    backup: file
    backup_path: ~/toolbox.json

- name: Make a pod again with another image
  saferestart.k8s.resource_replace:
    force: true
    definition:
      apiVersion: v1
      kind: Pod
      metadata:
        namespace: shop
        name: toolbox
      spec:
        containers:
          - name: app
            image: registry.example.com/toolbox:1.5
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: resource_replace
workload:
  description: The workload, null for a pod.
  returned: always
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: cart
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
plan:
  description: What was decided, and why. The action V(resume) finishes what an interrupted run had begun.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: toolbox
      action: replace
      reason: deleted and made again, its manifest is kept in ConfigMap shop/saferestart-backup-toolbox meanwhile
pods:
  description:
    - The pods before and after. It is also returned on failure, as far as the run got. It is empty for a workload when
      O(wait=false).
    - A pod that was made again is one entry, as are those of a StatefulSet or DaemonSet. The old and the new pods of a
      Deployment are in entries of their own.
  returned: always
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: "Name of the new pod, otherwise of the old one.", type: str, returned: always, sample: toolbox}
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
        reason: {description: Why., type: str, returned: always, sample: "replaced by a new pod, which is Ready"}
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
  sample: {pods: 1, restarted: 1, unchanged: 0, skipped: 0, failed: 0, seconds: 3.02, api_requests: 8}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import ACCOUNT, CHANGE, ON_FAILURE, WAIT, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.resource_replace import (
    definition_secrets,
    resource_replace,
)


def main() -> None:
    """Run the module."""
    options: Options = {
        "namespace": {"type": "str"},
        "definition": {"type": "dict"},
        "pod": {"type": "str"},
        "select": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "keep_node": {"type": "bool", "default": False},
        "backup": {"type": "str", "default": "configmap", "choices": ["configmap", "file"]},
        "backup_path": {"type": "path"},
        "grace_seconds": {"type": "int"},
        "min_ready_seconds": {"type": "int"},
    }
    run_module(
        {**options, **CHANGE, **WAIT, **ON_FAILURE, **ACCOUNT},
        resource_replace,
        definition_secrets,
        required_one_of=[("definition", "pod")],
        mutually_exclusive=[("definition", "pod")],
        required_if=[("backup", "file", ("backup_path",))],
    )


if __name__ == "__main__":
    main()
