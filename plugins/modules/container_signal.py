#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_signal
short_description: Send a signal to a container's process, and prove what it did
version_added: 0.3.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Sends any signal to PID 1 of containers, as C(kubectl exec POD -- kill -HUP 1) does.
  - In a pod with a shared PID namespace PID 1 is the pod's sandbox. There the container's own first process gets the
    signal. It is found by its cgroup, from the container itself or from a sibling that has a shell.
  - Sends it to another process where O(process) names one.
  - Says beforehand whether the process would do what is expected of it, and afterwards whether it did. Nothing is sent
    to any process unless the forecast for each one allows it, see O(force).
  - One process after the other. The first one that does something else than was expected ends the run, the others are
    left alone.
  - PID 1 of a pod with hostPID, and the sandbox of a pod with a shared PID namespace, are never signalled.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.containers
  - saferestart.k8s.shell
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details: Looks at the processes and returns the plan. Nothing is sent.
  diff_mode:
    support: none
    details: No object is changed.
  idempotent:
    support: none
    details: Each run sends the signal.
  action_group:
    support: full
options:
  signal:
    description: Name or number of a signal, such as V(HUP), V(SIGUSR1), V(15) or V(RTMIN+3).
    type: str
    required: true
  expect:
    description: What the signal is to do. The task fails if that is not seen.
    type: str
    required: true
    choices:
      restart: The container ends and comes back as a new instance, as M(saferestart.k8s.container_restart) proves it.
      reload: The process stays (PID and start time), its children are replaced by others, and the container stays.
      nothing: The process and the container stay the same. What else the process does, such as opening its log anew,
        is not looked at.
  process:
    description:
      - Name of the process that is meant, as it calls itself (comm) or as its program's file is called.
      - Of several processes of that name it is the one that the others are children of, such as nginx's master.
      - Without O(containers) it is searched in all containers of a pod, and has to be in just one of them.
      - By default PID 1, or the container's first process where the pod shares its PID namespace.
    type: str
  via:
    description: The container whose shell sends the signal.
    type: str
    default: auto
    choices:
      auto: The container itself, or else a sibling where the pod shares its PID namespace.
      exec: The container itself.
      sibling: Another container of a pod with a shared PID namespace.
  prestop:
    description: What to do with a container that has a preStop hook, with O(expect=restart).
    type: str
    default: refuse
    choices:
      refuse: Send nothing, since the hook would not run.
      skip: Send the signal, and the hook is not run.
  force:
    description:
      - Send the signal whatever the forecast is.
      - It does not override what would harm, as in M(saferestart.k8s.container_restart), nor does
        it make the task succeed when something else happens than was expected.
    type: bool
    default: false
  grace_seconds:
    description:
      - How long the process may take to act on the signal.
      - By default 30 seconds; with O(expect=restart) the pod's own grace period, and 30 seconds at least.
    type: int
  watch_seconds:
    description: How long container and process have to stay the same, with O(expect=reload) and O(expect=nothing).
    type: int
    default: 5
  min_ready_seconds:
    description:
      - How long a restarted container has to stay Ready.
      - By default the workload's C(spec.minReadySeconds), and 3 seconds for a container without a readiness probe.
    type: int
  wait_timeout:
    description: How long a container may take, once the old instance has ended, until it is Ready again.
    type: int
    default: 660
notes:
  - The credentials have to allow C(list), C(watch) and C(get) on pods, C(get) and C(create) on C(pods/exec), and C(get)
    on the workload where one is named.
  - Workers that come and go by themselves prove no reload. Where the children have changed between the look and the
    signal nothing is sent.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.pid1_info
  - module: saferestart.k8s.sandbox_restart
"""

EXAMPLES = r"""
- name: Have nginx read its configuration again, and prove that it has new workers
  saferestart.k8s.container_signal:
    namespace: shop
    kind: StatefulSet
    name: web
    containers: [nginx]
    signal: HUP
    expect: reload

- name: The same where an init or a shell is PID 1 of the container
  saferestart.k8s.container_signal:
    namespace: shop
    pods: [web-0]
    process: nginx
    signal: HUP
    expect: reload

- name: Have it open its log files anew
  saferestart.k8s.container_signal:
    namespace: shop
    label_selectors: [app=web]
    process: nginx
    signal: USR1
    expect: nothing
"""

RETURN = r"""
strategy:
  description: The way.
  returned: always
  type: str
  sample: signal
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
  description: What was decided for each process, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - pod: web-5d9c7b8f6-x2x7k
      container: nginx
      action: signal
      pid: 1
      process: nginx
      verdict: handled
      reason: PID 1 has a handler for SIGHUP
pods:
  description: The pods before and after. It is also returned on failure, as far as the run got.
  returned: always
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: Name., type: str, returned: always, sample: web-5d9c7b8f6-x2x7k}
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
        name: {description: Name., type: str, returned: always, sample: nginx}
        outcome:
          description:
            - V(restarted) and V(reloaded) are proven, V(unchanged) means that container and process are the same.
            - V(skipped) means that nothing was sent, V(failed) that something happened that was not expected.
          type: str
          returned: always
          choices: [restarted, reloaded, unchanged, skipped, failed]
          sample: reloaded
        reason:
          description: Why.
          type: str
          returned: always
          sample: "its children were replaced: 7, 8 before, 21, 22 after"
        verdict: {description: The verdict that the signal was sent on., type: str, returned: always, sample: handled}
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
        container_id_after: {description: ID after., type: str, returned: always, sample: containerd://5c1c6d6c5f3c}
        restart_count_before: {description: Restart count before., type: int, returned: always, sample: 0}
        restart_count_after: {description: Restart count after., type: int, returned: always, sample: 0}
        exit_code: {description: What the process exited with., type: int, returned: when restarted, sample: 0}
        exit_reason: {description: The kubelet's word for it., type: str, returned: when restarted, sample: Completed}
        downtime_seconds:
          description: Seconds from the end of the old instance to the start of the new one, by the kubelet's clock.
          type: float
          returned: when restarted
          sample: 1.0
        seconds: {description: From the signal until proven., type: float, returned: when signalled, sample: 6.34}
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
        process:
          description: The process that was signalled; null if none could be found.
          type: dict
          returned: always
          contains:
            pid: {description: Its PID as the session sees it., type: int, returned: always, sample: 1}
            name: {description: Its name (comm)., type: str, returned: always, sample: nginx}
            start_time: {description: Its start in ticks since boot., type: int, returned: always, sample: 4711}
            same:
              description: Whether it still runs, by PID and start time.
              type: bool
              returned: where it is expected to stay
              sample: true
            workers_before:
              description: PIDs of its children before.
              type: list
              elements: int
              returned: where it is expected to stay
              sample: [7, 8]
            workers_after:
              description: PIDs of its children after.
              type: list
              elements: int
              returned: where it is expected to stay
              sample: [21, 22]
summary:
  description: Counts of the outcomes, seconds and requests.
  returned: always
  type: dict
  sample: {pods: 1, restarted: 0, reloaded: 1, unchanged: 0, skipped: 0, failed: 0, seconds: 6.9, api_requests: 6}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import (
    PATIENCE,
    PODS,
    PODS_RULES,
    PRESTOP,
    SHELL,
    Options,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.container_signal import container_signal


def main() -> None:
    """Run the module."""
    options: Options = {
        "signal": {"type": "str", "required": True},
        "expect": {"type": "str", "required": True, "choices": ["restart", "reload", "nothing"]},
        "process": {"type": "str"},
        "via": {"type": "str", "default": "auto", "choices": ["auto", "exec", "sibling"]},
        "force": {"type": "bool", "default": False},
        "watch_seconds": {"type": "int", "default": 5},
    }
    run_module({**PODS, **SHELL, **PRESTOP, **PATIENCE, **options}, container_signal, **PODS_RULES)


if __name__ == "__main__":
    main()
