#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_restart
short_description: Restart containers in place, where that is proven to work
version_added: 0.1.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Signals PID 1 of containers from inside, as C(kubectl exec POD -- kill 1) does, so that the kubelet starts them
    again in the same pod. The pod keeps its UID, IP address, node and volumes. Where nothing can be signalled from
    inside there are other ways, see O(via).
  - First reads the signal masks of PID 1 in every container that is meant. Nothing is sent to any of them unless
    each one acts on the signal and would be started again, see O(on_refused) and O(force).
  - Looks again and signals in one session, so that what is signalled is what was judged.
  - Looks up what may keep a container from starting again, too, before it sends anything, see O(gates).
  - Then follows the pod until the container is Ready again. A success is a new container ID and a higher restart
    count. What the session or C(kill) returned is never taken as proof.
  - Restarts pod after pod, with no more of an owner's pods away at a time than O(max_unavailable) allows. The next
    pod's turn comes as soon as one is Ready again. The first container that does not come back ends the run, see
    O(max_failures); those of other pods that were signalled already are followed to their end, and the rest is left
    alone.
  - Restarts the containers of a pod one after the other, in the order in which O(containers) names them. By default
    that is the order in which the kubelet starts them, native sidecars first and then the others, each in the order in
    which the pod lists them, so that what was started later finds the new instance of what it needs. The next one is
    signalled when the pod is Ready again, see O(min_ready_seconds) and O(min_started_seconds).
  - Restarts a pod's containers only while its disruption budget has room, see O(disruption_budget).
  - Do not use it to bring a new image or template into effect. M(saferestart.k8s.rollout_restart) does.
  - The kubelet waits before it starts a container again that was restarted within the last ten minutes, 10 seconds the
    second time, then 20, and so on up to 300. See O(on_backoff). O(wait_timeout) has to allow for it.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.containers
  - saferestart.k8s.signals
  - saferestart.k8s.after_signal
  - saferestart.k8s.shell
  - saferestart.k8s.gates
  - saferestart.k8s.in_place
  - saferestart.k8s.in_place_ways
  - saferestart.k8s.disruption_budget
  - saferestart.k8s.rolling
  - saferestart.k8s.recent_restarts
  - saferestart.k8s.account
  - saferestart.k8s.why
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details:
      - Looks at PID 1 and returns the plan. The server is asked whether it would accept another name of the image.
      - With O(via=ephemeral) it looks at nothing, because it would have to add an ephemeral container for it. The
        server is asked whether it could be added.
  diff_mode:
    support: none
    details: What changes is in RV(plan).
  idempotent:
    support: partial
    details: >-
      With O(older_than) a second run does nothing but wait for what the first one began. Without it each run restarts.
  action_group:
    support: full
notes:
  - The credentials have to allow C(list), C(watch) and C(get) on pods, C(get) and C(create) on C(pods/exec), and C(get)
    on the workload where one is named. M(saferestart.k8s.restart_account) makes an account that may do this.
seealso:
  - module: saferestart.k8s.restart_plan_info
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

- name: Restart an image without a shell, by the kubelet itself
  saferestart.k8s.container_restart:
    namespace: shop
    kind: StatefulSet
    name: queue
    via: image_alias

- name: Signal a container without a shell from a debug container
  saferestart.k8s.container_restart:
    namespace: shop
    pods: [queue-0]
    via: ephemeral
    ephemeral_image: busybox:1.37

- name: Restart whole pods in place, init containers too, by a rule RestartAllContainers of one of their containers
  saferestart.k8s.container_restart:
    namespace: shop
    label_selectors: [job-name=train]
    via: restart_all_containers

- name: Find out whether a Node.js program ends on SIGTERM, on one pod, go on if it does, and keep that for later runs
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: front
    unknown: try
    remember: true

- name: Replace the pods where a container does not end in time
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: cart
    grace_seconds: 60
    on_timeout: rollout

- name: Restart a quarter of the pods at a time, but none whose container would need a registry to start again
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: cart
    max_unavailable: 25%
    gates: {registry: refuse}

- name: Restart what has run since before the secret was changed; a second run does nothing, or what is left to do
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: cart
    older_than: "2026-01-31T03:00:00Z"
    on_backoff: wait

- name: Try it on one pod, watch that for ten seconds, then restart the rest
  saferestart.k8s.container_restart:
    namespace: shop
    kind: Deployment
    name: cart
    canary:
      soak_seconds: 10
      until: "workload.status.unavailableReplicas == `null`"
      url: https://shop.example.com/healthz

- name: Show what was left alone
  ansible.builtin.debug:
    msg: "{{ restart.plan | selectattr('action', 'eq', 'skip') }}"
"""

RETURN = r"""
strategy:
  description: The way of restarting. V(rollout_restart) where it came to that, see O(on_timeout).
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
  description:
    - What was decided for each container, and why. C(action) is C(signal), C(patch) for another name of its
      image, C(along) for one that the kubelet restarts along with another one (O(via=restart_all_containers)), C(skip),
      or C(leave) where O(older_than) does not apply to it, or where it is being restarted already and the run only
      waits for it.
    - C(gates) is what may keep the container from starting again, see O(gates).
    - C(back_off_seconds) is how long the kubelet is likely to wait before it starts the container again, and
      C(back_off_bounds) the least and the most. No status tells it exactly. It takes up to half as long again until the
      kubelet looks. On a node that is set to wait less it is less.
    - C(budget) is who judged whether its pod may be down, V(server), V(computed) from the disruption budgets, or
      V(none) where no budget counts the pod, nobody could be asked, or with O(disruption_budget=ignore). It is null
      where its turn has not come.
    - C(basis) is V(measured) where the decision rests on what the signal did in an earlier run (O(remember)), else
      V(forecast).
    - With O(on_timeout=rollout) a last entry tells of the rollout.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: cart-5d9c7b8f6-x2x7k
      container: app
      action: signal
      via: exec
      verdict: handled
      budget: server
      reason: PID 1 has a handler for SIGTERM
      basis: forecast
      back_off_seconds: 0
      back_off_bounds: [0, 0]
      back_off_reason: it has not been restarted yet
      gates: [{gate: registry, level: warn, reason: "its imagePullPolicy is Always, and ..."}]
signalled:
  description: The pods as RV(pods), from before the rollout.
  returned: when a rollout was begun because of O(on_timeout)
  type: list
  elements: dict
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
    static_uid:
      description: Which UID a static pod has for its kubelet. Its events have it, and C(kubectl describe) looks for it.
      type: str
      returned: for the mirrors of static pods
      sample: 5f1d0c3a2b4e69788796a5b4c3d2e1f0
    ip_before: {description: IP address before., type: str, returned: always, sample: 10.244.1.7}
    ip_after: {description: IP address after., type: str, returned: always, sample: 10.244.1.7}
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
            - V(restarted) is proven. V(unchanged) means that the same instance still runs, after a signal or because
              O(older_than) left it alone, V(skipped) that nothing was sent, V(failed) that it did not come back, or
              that nothing could be sent. V(restarted) with C(via) null means that somebody else has done it, a moment
              before.
          type: str
          returned: always
          choices: [restarted, unchanged, skipped, failed]
          sample: restarted
        reason: {description: Why., type: str, returned: always, sample: a new instance of the container is Ready}
        verdict:
          description: The verdict that the signal was sent on. Null where nobody had to look.
          type: str
          returned: always
          sample: handled
        confidence:
          description:
            - How sure it is that PID 1 ends on the signal, or that it does not. V(certain) where the kernel alone
              decides, V(likely) where the program's own code does, V(unknown) where that goes either way.
          type: str
          returned: always
          choices: [certain, likely, unknown]
          sample: likely
        evidence: {description: What the verdict rests on., type: list, elements: str, returned: always}
        via: {description: How it was restarted., type: str, returned: when something was sent, sample: exec}
        basis:
          description:
            - What the outcome rests on. V(measured) is what a container did on the signal, this one or another with
              the same image and command. V(forecast) is what a look at it promised.
          type: str
          returned: always
          choices: [measured, forecast]
          sample: measured
        container_id_before: {description: ID before., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://0a92f1d44e5b}
        restart_count_before: {description: Restart count before., type: int, returned: always, sample: 0}
        restart_count_after: {description: Restart count after., type: int, returned: always, sample: 1}
        exit_code:
          description:
            - What PID 1 exited with. With O(via=restart_all_containers) the kubelet says 137 of all containers of the
              pod, and C(RestartingAllContainers) for the reason.
          type: int
          returned: when restarted
          sample: 0
        exit_reason: {description: The kubelet's word for it., type: str, returned: when restarted, sample: Completed}
        downtime_seconds:
          description: Seconds from the end of the old instance to the start of the new one, by the kubelet's clock.
          type: float
          returned: when restarted, and the kubelet tells both
          sample: 1.0
        seconds: {description: From the signal until Ready., type: float, returned: when signalled, sample: 1.34}
        sent_at:
          description:
            - When it was begun, by the clock of the machine that the module runs on. The session was opened then that
              looks once more and sends the signal, or the image was given another name.
          type: str
          returned: when something was sent
          sample: "2026-01-31T03:00:01Z"
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
  description: Counts of the outcomes, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 2, restarted: 2, unchanged: 0, skipped: 0, failed: 0, seconds: 2.9, api_requests: 6}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import ACCOUNT, IN_PLACE, IN_PLACE_RULES, WHY
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_restart import container_restart


def main() -> None:
    """Run the module."""
    run_module({**IN_PLACE, **WHY, **ACCOUNT}, container_restart, **IN_PLACE_RULES)


if __name__ == "__main__":
    main()
