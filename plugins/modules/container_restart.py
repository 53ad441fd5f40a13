#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_restart
short_description: Restart containers in place, where PID 1 acts on the signal
version_added: 0.1.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Signals PID 1 of containers from inside, as C(kubectl exec POD -- kill 1) does, so that the kubelet starts them
    again in the same pod. The pod keeps its UID, IP address, node and volumes.
  - First reads the signal masks of PID 1 in every container that is meant. Nothing is sent to any of them unless
    each one acts on the signal and would be started again, see O(on_refused) and O(force).
  - Looks again and signals in one session, so that what is signalled is what was judged.
  - Then follows the pod until the container is Ready again. A success is a new container ID and a higher restart
    count. What the session or C(kill) returned is never taken as proof.
  - Restarts one container after the other. The first one that does not come back ends the run, the others are left
    alone.
  - Do not use it to bring a new image or template into effect, nor where a preStop hook has to run, see O(prestop).
    M(saferestart.k8s.rollout_restart) does both.
  - The kubelet waits before it restarts a container again within ten minutes, 10 seconds the second time, then 20,
    and so on up to 300. O(wait_timeout) has to allow for it.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.containers
  - saferestart.k8s.signals
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
  force:
    description:
      - Send the signal whatever the verdict is.
      - It does not help against the kernel. A signal that PID 1 has no handler for is dropped, V(KILL) included, and
        the task fails after O(grace_seconds) because nothing has changed.
      - It does not override what would harm. PID 1 of a pod with hostPID or a shared PID namespace is never
        signalled, nor is a container that would not be started again.
    type: bool
    default: false
  on_refused:
    description: What to do when some of the containers cannot be restarted in place.
    type: str
    default: fail
    choices:
      fail: Send nothing at all and fail, naming each of them and the reason.
      skip: Restart the others, and list them as skipped.
  grace_seconds:
    description:
      - How long PID 1 may take to end after the signal.
      - By default the pod's own grace period, and 30 seconds at least.
    type: int
  min_ready_seconds:
    description:
      - How long a container has to stay Ready before the next one is signalled.
      - By default the workload's C(spec.minReadySeconds), and 3 seconds for a container without a readiness probe,
        which is Ready as soon as it runs.
    type: int
  wait_timeout:
    description: How long a container may take, once the old instance has ended, until it is Ready again.
    type: int
    default: 660
seealso:
  - module: saferestart.k8s.pid1_info
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Restart all containers of a Deployment in place, one after the other
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: cart

- name: Restart one container of one pod with the signal that it shuts down cleanly on
  saferestart.k8s.container_restart:
    namespace: shop
    pods: [web-0]
    containers: [nginx]
    signal: QUIT

- name: Restart what can be restarted in place, leave the rest alone
  saferestart.k8s.container_restart:
    namespace: shop
    label_selectors: [tier=backend]
    on_refused: skip
  register: restart

- name: Show what was left alone
  ansible.builtin.debug:
    msg: "{{ restart.plan | selectattr('action', 'eq', 'skip') }}"
"""

RETURN = r"""
strategy:
  description: The way of restarting.
  returned: always
  type: str
  sample: in_place
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
  description: What was decided for each container, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: cart-5d9c7b8f6-x2x7k
      container: app
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
    name: {description: Name., type: str, returned: always, sample: cart-5d9c7b8f6-x2x7k}
    node: {description: Node., type: str, returned: always, sample: worker}
    uid_before: {description: UID before., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    uid_after: {description: UID after., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    ip_before: {description: IP address before., type: str, returned: always, sample: 10.244.1.7}
    ip_after: {description: IP address after., type: str, returned: always, sample: 10.244.1.7}
    containers:
      description: The containers.
      returned: always
      type: list
      elements: dict
      contains:
        name: {description: Name., type: str, returned: always, sample: app}
        outcome:
          description:
            - V(restarted) is proven. V(unchanged) means that the same instance still runs, V(skipped) that nothing
              was sent, V(failed) that it did not come back, or that nothing could be sent.
          type: str
          returned: always
          choices: [restarted, unchanged, skipped, failed]
          sample: restarted
        reason: {description: Why., type: str, returned: always, sample: a new instance of the container is Ready}
        verdict: {description: The verdict that the signal was sent on., type: str, returned: always, sample: handled}
        confidence:
          description:
            - How sure it is that PID 1 ends on the signal, or that it does not. V(certain) where the kernel alone
              decides, V(likely) where the program's own code does, V(unknown) where that goes either way.
          type: str
          returned: always
          choices: [certain, likely, unknown]
          sample: likely
        evidence: {description: What the verdict rests on., type: list, elements: str, returned: always}
        via: {description: How the signal was sent., type: str, returned: when it was, sample: exec}
        container_id_before: {description: ID before., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://0a92f1d44e5b}
        restart_count_before: {description: Restart count before., type: int, returned: always, sample: 0}
        restart_count_after: {description: Restart count after., type: int, returned: always, sample: 1}
        exit_code: {description: What PID 1 exited with., type: int, returned: when restarted, sample: 0}
        exit_reason: {description: The kubelet's word for it., type: str, returned: when restarted, sample: Completed}
        downtime_seconds:
          description: Seconds from the end of the old instance to the start of the new one, by the kubelet's clock.
          type: float
          returned: when restarted
          sample: 1.0
        seconds: {description: From the signal until Ready., type: float, returned: when signalled, sample: 1.34}
summary:
  description: Counts of the outcomes, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 2.9, api_requests: 6}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import PODS, PODS_RULES, SIGNAL, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_restart import container_restart


def main() -> None:
    """Run the module."""
    options: Options = {
        "force": {"type": "bool", "default": False},
        "on_refused": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
        "grace_seconds": {"type": "int"},
        "min_ready_seconds": {"type": "int"},
        "wait_timeout": {"type": "int", "default": 660},
    }
    run_module({**PODS, **SIGNAL, **options}, container_restart, **PODS_RULES)


if __name__ == "__main__":
    main()
