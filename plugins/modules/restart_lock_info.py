#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restart_lock_info
short_description: Who is restarting workloads just now, and waiting for the end of that
version_added: 0.8.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Tells which runs of this collection's modules hold the locks of workloads
    (O(saferestart.k8s.container_restart#module:lock)), and waits until none does, if that is asked for. It takes no
    lock itself.
  - What the containers of a workload are like while it is restarted says nothing of how they will be, so whoever
    decides by that has to wait first. The role P(saferestart.k8s.safe_restart#role) does where C(safe_restart_lock) is
    V(wait).
options:
  lock_timeout:
    description:
      - How many seconds to wait for the end of other runs at each workload. When they are over it fails, and names the
        holder.
      - With V(0) it is looked once, and locks that are held are no error.
    type: int
    default: 0
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.pods
  - saferestart.k8s.attributes
  - saferestart.k8s.attributes.info_module
notes:
  - The credentials have to allow C(get) on C(leases) in C(coordination.k8s.io), and C(get) on the workload, or for
    O(pods) and O(label_selectors) C(list) on pods.
  - With O(name) it is about the workload, whatever pods it has, so that O(select) and O(allow_empty) mean nothing.
  - A run that was killed leaves its lock. Where that run was on the same machine it is seen at once, otherwise after 30
    seconds without a renewal, so that a single look may find a lock that nobody holds any more.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.pid1_info
"""

EXAMPLES = r"""
- name: Ask who is restarting the cart just now
  saferestart.k8s.restart_lock_info:
    namespace: shop
    kind: Deployment
    name: cart
  register: found

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ found.locks | map(attribute='holder') | join('; ') or 'nobody' }}"

- name: Wait until nobody restarts anything of this tier, for ten minutes at most
  saferestart.k8s.restart_lock_info:
    namespace: shop
    label_selectors: [app=cart]
    lock_timeout: 600
"""

RETURN = r"""
locks:
  description: The locks that other runs hold.
  returned: success
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    kind: {description: Kind of what is locked., type: str, returned: always, sample: Deployment}
    name: {description: Name of what is locked., type: str, returned: always, sample: cart}
    lease: {description: Name of the Lease., type: str, returned: always, sample: saferestart-deployment-cart}
    holder:
      description: Who holds it, user, host, process and AWX job.
      type: str
      returned: always
      sample: alice@control, PID 4711, 5f0e2a9c
    acquired: {description: Since when., type: str, returned: always, sample: "2026-01-31T03:00:00.000000Z"}
    renewed: {description: When that was last said., type: str, returned: always, sample: "2026-01-31T03:00:05.000000Z"}
    there:
      description: Whether that process exists, null where it cannot be looked for from here.
      type: bool
      returned: always
      sample: true
summary:
  description: Counts, seconds and requests.
  returned: success
  type: dict
  sample: {workloads: 1, seconds: 0.02, api_requests: 1}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import PODS_RULES, WHOLE_PODS
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_lock_info import restart_lock_info


def main() -> None:
    """Run the module."""
    run_module({**WHOLE_PODS, "lock_timeout": {"type": "int", "default": 0}}, restart_lock_info, **PODS_RULES)


if __name__ == "__main__":
    main()
