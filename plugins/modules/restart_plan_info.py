#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restart_plan_info
short_description: Tell how a workload would be restarted, and why, and touch nothing
version_added: 0.4.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Makes the whole decision that M(saferestart.k8s.container_restart) makes with the same options, by the same code as
    its check mode, and returns it. Whether each container can be restarted in place, in which way, what may keep it
    from starting again, how long the kubelet would make it wait, and whether its disruption budget has room now.
  - What cannot be restarted in place is no failure here, but the answer.
  - It takes the options of M(saferestart.k8s.container_restart), so that they can be given to both by one variable.
    O(max_unavailable), O(max_failures), O(canary), O(grace_seconds), O(min_ready_seconds) and O(remember) are checked
    and change nothing in the plan.
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
  - saferestart.k8s.attributes
  - saferestart.k8s.attributes.info_module
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.pid1_info
"""

EXAMPLES = r"""
- name: Ask whether a Deployment can be restarted in place
  saferestart.k8s.restart_plan_info:
    namespace: shop
    kind: Deployment
    name: mailer
  register: planned

- name: Say why not
  ansible.builtin.debug:
    msg: "{{ planned.reason }}"
  when: not planned.possible

- name: Restart it in the way that is possible
  saferestart.k8s.rollout_restart:
    namespace: shop
    kind: Deployment
    name: mailer
  when: planned.strategy == 'rollout_restart'
"""

RETURN = r"""
possible:
  description: Whether M(saferestart.k8s.container_restart) with these options would begin.
  returned: success
  type: bool
  sample: true
strategy:
  description:
    - V(in_place) where it would begin. Otherwise V(rollout_restart) where a workload was named, which can be rolled
      instead, and else V(none).
  returned: success
  type: str
  choices: [in_place, rollout_restart, none]
  sample: in_place
reason:
  description: Why it would not begin; empty if it would.
  returned: success
  type: str
  sample: ""
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
plan:
  description:
    - What was decided for each container, and why. C(action) is C(signal), C(patch) for another name of its
      image, C(along) for one that the kubelet restarts along with another one (O(via=restart_all_containers)), C(skip),
      or C(leave) where O(older_than) does not apply to it.
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
  returned: success
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
summary:
  description: How many containers would be restarted, and how many not.
  returned: success
  type: dict
  sample: {containers: 2, restarted: 2, left: 0, seconds: 0.6, api_requests: 5}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import IN_PLACE, IN_PLACE_RULES
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_plan_info import restart_plan_info


def main() -> None:
    """Run the module."""
    run_module(IN_PLACE, restart_plan_info, **IN_PLACE_RULES)


if __name__ == "__main__":
    main()
