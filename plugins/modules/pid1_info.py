#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pid1_info
short_description: Read the signal masks of PID 1 in containers, and what it would do with a signal
version_added: 0.1.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Reads C(/proc/1/status) and what else C(/proc) tells about PID 1 of containers, many pods in one call and side
    by side, and decodes its signal masks to names.
  - Gives a verdict for one signal, with the evidence for it. The kernel drops a signal that a container sends to
    its own PID 1 when no handler is installed, V(KILL) included, so C(kill 1) restarts a container in place only
    where PID 1 acts on it.
  - In a pod with a shared PID namespace PID 1 is the pod's sandbox. There it looks at each container's own first
    process, from the container itself or from a sibling that has a shell. Of a pod with hostPID nothing is read, since
    PID 1 is the node's own init.
  - A verdict is a forecast. What happened is only known when the container's ID and restart count have changed.
  - Needs nothing in the image but a shell. Containers without a shell are reported as V(unknown).
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.containers
  - saferestart.k8s.signals
  - saferestart.k8s.shell
  - saferestart.k8s.attributes
  - saferestart.k8s.attributes.info_module
notes:
  - The credentials have to allow C(list) on pods, C(get) and C(create) on C(pods/exec), and C(get) on the workload
    where one is named.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.rollout_restart
  - plugin: saferestart.k8s.signal_names
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Ask what PID 1 of each container of a Deployment does with SIGTERM
  saferestart.k8s.pid1_info:
    namespace: shop
    kind: Deployment
    name: cart
  register: pid1

- name: Show the verdicts
  ansible.builtin.debug:
    msg: "{{ item.0.name }}/{{ item.1.name }}: {{ item.1.verdict }}, {{ item.1.reason }}"
  loop: "{{ pid1.pods | subelements('containers') }}"
  loop_control:
    label: "{{ item.0.name }}"

- name: Look at one container of two pods, for the signal that makes nginx finish its requests first
  saferestart.k8s.pid1_info:
    namespace: shop
    pods: [web-0, web-1]
    containers: [nginx]
    signal: QUIT
"""

RETURN = r"""
all_in_place:
  description: Whether there are containers and every one of them can be restarted in place with this signal.
  returned: success
  type: bool
  sample: true
workload:
  description: The workload, when one was named.
  returned: success
  type: dict
  sample:
    api_version: apps/v1
    kind: Deployment
    namespace: shop
    name: cart
    uid: 0b3ea411-6c46-4a8b-9f0e-1c1a8b7d2a55
pods:
  description: The pods, and what was read in each of their containers.
  returned: success
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: Name., type: str, returned: always, sample: cart-5d9c7b8f6-x2x7k}
    uid: {description: UID., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    ip: {description: IP address., type: str, returned: always, sample: 10.244.1.7}
    node: {description: Node., type: str, returned: always, sample: worker}
    ready: {description: Whether the pod is Ready., type: bool, returned: always, sample: true}
    not_ready:
      description: Why it is not, as far as its status says.
      type: str
      returned: when RV(pods[].ready) is false
      sample: "container app: CrashLoopBackOff; it ended with exit code 1 (Error)"
      version_added: 0.8.0
    containers:
      description: The containers.
      returned: always
      type: list
      elements: dict
      contains:
        name: {description: Name., type: str, returned: always, sample: app}
        image: {description: Image as the pod's template names it., type: str, returned: always, sample: cart:1.4}
        container_id:
          description: ID of the running instance.
          type: str
          returned: always
          sample: containerd://5c1c6d6c5f3c
        restart_count: {description: How often it was restarted., type: int, returned: always, sample: 0}
        signal: {description: The signal that the verdict is about., type: str, returned: always, sample: SIGTERM}
        verdict:
          description:
            - V(handled) means that PID 1 has a handler for the signal, V(waited) that it waits for it (signalfd,
              sigwait).
            - V(ignored) means that it told the kernel to ignore it, V(default) that it has no handler and the
              kernel drops it.
            - V(blocked) means that it is held back and nobody was seen who would fetch it.
            - V(unknown) means that nothing that can be read settles it; RV(pods[].containers[].reason) says why.
          type: str
          returned: always
          choices: [handled, waited, ignored, default, blocked, unknown]
          sample: handled
        acts: {description: Whether PID 1 is expected to act on the signal., type: bool, returned: always, sample: true}
        ends:
          description:
            - Whether it is expected to end on the signal. Some programs are known to act on it and go on, they reload
              or execute themselves again. An init does not end as long as the child that it passes the signal to does
              not.
          type: bool
          returned: always
          sample: true
        confidence:
          description:
            - How sure it is that PID 1 ends on the signal, or that it does not.
            - V(certain) means that the kernel alone decides, and that everything that it decides by was read. It is
              true of the process as it was at that moment.
            - V(likely) means that the program's own code decides, which cannot be read, or that something that counts
              may not be read. A handler is never more than that, it may as well only write a log line.
            - V(unknown) means that nothing was read, or that programs of the kind do one as often as the other.
              Node.js and a shell with a trap that may have a command in the foreground are such.
          type: str
          returned: always
          choices: [certain, likely, unknown]
          sample: likely
        reason:
          description: The verdict in a sentence.
          type: str
          returned: always
          sample: PID 1 has a handler for SIGTERM
        evidence:
          description: What the verdict rests on.
          type: list
          elements: str
          returned: always
          sample: [SigCgt 0000000000004000 has SIGTERM]
        in_place:
          description: Whether M(saferestart.k8s.container_restart) would send the signal.
          type: bool
          returned: always
          sample: true
        refusal: {description: Why it would not., type: str, returned: "when RV(pods[].containers[].in_place) is false"}
        basis:
          description:
            - What RV(pods[].containers[].in_place) rests on. V(measured) is what the signal did to the same image and
              command in an earlier run, which M(saferestart.k8s.container_restart) has kept on the workload
              (C(remember)). It counts for more than the verdict, V(forecast), unless that is V(certain).
          type: str
          returned: always
          choices: [measured, forecast]
          sample: forecast
          version_added: 0.4.0
        process:
          description: What was read about PID 1; null if nothing could be.
          type: dict
          returned: always
          contains:
            pid: {description: Its PID in the container., type: int, returned: always, sample: 1}
            name: {description: Its name (comm)., type: str, returned: always, sample: c-sleep-sig}
            command:
              description: Its command line, null where it could not be read.
              type: list
              elements: str
              returned: always
              sample: [/programs/c-sleep-sig]
            command_exact:
              description: Whether the words of the command line could be told apart.
              type: bool
              returned: always
              sample: true
            uid: {description: Its effective user., type: int, returned: always, sample: 0}
            masks:
              description: The signal masks, 16 hexadecimal digits each.
              type: dict
              returned: always
              sample:
                SigPnd: "0000000000000000"
                ShdPnd: "0000000000000000"
                SigBlk: "0000000000000000"
                SigIgn: "0000000000000000"
                SigCgt: "0000000000004000"
            signals:
              description: The same masks as names of signals.
              type: dict
              returned: always
              sample: {SigPnd: [], ShdPnd: [], SigBlk: [], SigIgn: [], SigCgt: [SIGTERM]}
            state: {description: Its state., type: str, returned: always, sample: S (sleeping)}
            arch: {description: The architecture it runs on., type: str, returned: always, sample: x86_64}
            own_uid: {description: The user that looked., type: int, returned: always, sample: 0}
            thread_count: {description: How many threads it has., type: int, returned: always, sample: 1}
            threads: {description: Its first 32 threads., type: list, elements: dict, returned: always}
            signalfds:
              description: Masks of its signalfd descriptors, null where they may not be read.
              type: list
              elements: str
              returned: always
            may_signal: {description: Whether the session may signal it., type: bool, returned: always, sample: true}
wanted:
  description: How many pods the workload wants; null for pods that were not named by a workload.
  returned: success
  type: int
  sample: 2
  version_added: 0.6.0
left_at_zero:
  description:
    - What to do where an interrupted M(saferestart.k8s.scale_cycle) has left the workload without pods; otherwise null.
  returned: success
  type: str
  sample: null
  version_added: 0.8.0
summary:
  description: Counts, seconds and requests.
  returned: success
  type: dict
  sample: {pods: 2, containers: 2, in_place: 2, seconds: 0.21, api_requests: 4}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import PODS, PODS_RULES, SIGNAL
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1_info import pid1_info


def main() -> None:
    """Run the module."""
    run_module({**PODS, **SIGNAL}, pid1_info, **PODS_RULES)


if __name__ == "__main__":
    main()
