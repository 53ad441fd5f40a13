#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sandbox_restart
short_description: End the sandbox of pods, so that all their containers are restarted in the same pod
version_added: 0.3.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Ends the sandbox's process (pause), which is PID 1 in a pod with C(shareProcessNamespace). The kubelet sees that the
    sandbox has changed, makes a new one and starts every container of the pod again.
  - The pod keeps its UID, node and volumes. Its IP address may change, and its init containers run again.
  - All processes of the pod are killed at once (SIGKILL), without a grace period and without preStop hooks. To restart
    containers with less disruption use M(saferestart.k8s.container_restart).
  - Fails for pods that do not share their PID namespace. Their containers do not see the sandbox's process, so that
    there is no way to end it from inside. PID 1 of a pod with hostPID is never signalled.
  - A success is a new container ID and a higher restart count of every container that was running, all Ready, in a pod
    with the same UID. Whether the kubelet's event C(SandboxChanged) was seen is returned, and a warning given if not.
    That needs the rights to list and watch events.
  - One pod after the other. The first one that does not come back ends the run, the others are left alone. Nothing is
    sent to any of them if one is refused.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.account
  - saferestart.k8s.why
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details: Looks at PID 1 and returns the plan.
  diff_mode:
    support: none
    details: No object is changed.
  idempotent:
    support: none
    details: Each run restarts.
  action_group:
    support: full
options:
  shell:
    description: Path of a POSIX shell in one of the containers at least.
    type: str
    default: /bin/sh
  prestop:
    description: What to do with a pod in which a container has a preStop hook.
    type: str
    default: refuse
    choices:
      refuse: Leave it alone.
      skip: End its sandbox, without running the hook.
  grace_seconds:
    description:
      - How long it may take until the first container is seen to have ended.
      - By default the pod's own grace period, and 30 seconds at least.
    type: int
  min_ready_seconds:
    description:
      - How long all containers have to stay Ready before the next pod's turn.
      - By default the workload's C(spec.minReadySeconds), and 3 seconds if a container has no readiness probe.
    type: int
  wait_timeout:
    description: How long the containers may take, once the first one has ended, until all are Ready again.
    type: int
    default: 660
notes:
  - The credentials have to allow C(list), C(watch) and C(get) on pods, C(get) and C(create) on C(pods/exec), C(list)
    and C(watch) on events, and C(get) on the workload where one is named.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.container_signal
  - module: saferestart.k8s.pod_delete
"""

EXAMPLES = r"""
- name: Restart everything in a pod, and keep the pod
  saferestart.k8s.sandbox_restart:
    namespace: shop
    pods: [cache-0]
  register: sandbox

- name: Show its address before and after
  ansible.builtin.debug:
    msg: "{{ sandbox.pods[0].ip_before }} -> {{ sandbox.pods[0].ip_after }}"
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: sandbox_restart
workload:
  description: The workload, when one was named.
  returned: always
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: web
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
plan:
  description: What was decided for each pod, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: web-0
      container: null
      action: signal
      verdict: handled
      reason: PID 1 has a handler for SIGTERM
pods:
  description: The pods before and after. It is also returned on failure, as far as the run got.
  returned: always
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: Name., type: str, returned: always, sample: web-0}
    node: {description: Node., type: str, returned: always, sample: worker}
    uid_before: {description: UID before., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    uid_after: {description: UID after., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
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
    sandbox_changed_event:
      description: Whether the kubelet's event was seen; null where nothing was sent or events could not be read.
      type: bool
      returned: always
      sample: true
    containers:
      description: The containers.
      returned: always
      type: list
      elements: dict
      contains:
        name: {description: Name., type: str, returned: always, sample: app}
        outcome:
          description:
            - V(restarted) is proven. V(unchanged) means that the same instances still run, V(skipped) that nothing was
              sent or that it was not running, V(failed) that the pod did not come back, or that nothing could be sent.
          type: str
          returned: always
          choices: [restarted, unchanged, skipped, failed]
          sample: restarted
        reason: {description: Why., type: str, returned: always}
        verdict: {description: The verdict on the sandbox's process., type: str, returned: always, sample: handled}
        confidence:
          description:
            - How sure it is that the process ends on the signal, or that it does not. V(certain) where the kernel alone
              decides, V(likely) where the program's own code does, V(unknown) where that goes either way.
          type: str
          returned: always
          choices: [certain, likely, unknown]
          sample: likely
        evidence: {description: What the verdict rests on., type: list, elements: str, returned: always}
        via: {description: How the signal was sent., type: str, returned: when it was, sample: exec}
        basis:
          description: V(measured) where a signal was sent and the outcome was seen, V(forecast) where none was.
          type: str
          returned: always
          choices: [measured, forecast]
          sample: measured
        container_id_before: {description: ID before., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://0a92f1d44e5b}
        restart_count_before: {description: Restart count before., type: int, returned: always, sample: 0}
        restart_count_after: {description: Restart count after., type: int, returned: always, sample: 1}
        exit_code: {description: What it exited with., type: int, returned: when restarted, sample: 137}
        exit_reason: {description: The kubelet's word for it., type: str, returned: when restarted, sample: Error}
        downtime_seconds:
          description: Seconds from the end of the old instance to the start of the new one, by the kubelet's clock.
          type: float
          returned: when restarted
          sample: 1.0
        seconds: {description: From the signal until all are Ready., type: float, returned: when restarted, sample: 3.4}
        ended_at:
          description: When the old instance ended, by the kubelet's clock, in UTC and whole seconds.
          type: str
          returned: when restarted
          sample: "2026-01-31T03:00:01Z"
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
  description: Counts of the containers' outcomes, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 1, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 4.1, api_requests: 5}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    ACCOUNT,
    PATIENCE,
    PODS_RULES,
    PRESTOP,
    SHELL,
    WHOLE_PODS,
    WHY,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.sandbox_restart import sandbox_restart


def main() -> None:
    """Run the module."""
    run_module({**WHOLE_PODS, **SHELL, **PRESTOP, **PATIENCE, **WHY, **ACCOUNT}, sandbox_restart, **PODS_RULES)


if __name__ == "__main__":
    main()
