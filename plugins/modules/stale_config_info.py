#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stale_config_info
short_description: Which pods were started before a ConfigMap or Secret of theirs changed
version_added: 0.5.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Finds the containers of a namespace that were started before a ConfigMap or Secret that they take something from was
    changed, and tells which one it is, since when, and how it is used.
  - Only metadata is asked for, and the server sends nothing else. No value of a Secret or ConfigMap is ever read.
  - When the content changed is told by C(metadata.managedFields). A change of a label by whoever manages the content
    counts as well, so that a pod may be listed without need. What is not seen is a key that is removed by another than
    had set it.
options:
  namespace:
    description: Namespace of the pods.
    type: str
    required: true
  label_selectors:
    description: Label selectors of pods as kubectl takes them. All pods of the namespace by default.
    type: list
    elements: str
    default: []
  uses:
    description:
      - In which ways something has to be taken for a change to count.
      - V(env) and V(env_from) are environment variables, V(sub_path) a mount of a part of a volume. These are made when
        the container starts and stay as they are.
      - V(volume) is any other mount of a volume. The kubelet brings its files up to date within a minute or two, but
        many programs read them when they start and never again.
    type: list
    elements: str
    choices: [env, env_from, sub_path, volume]
    default: [env, env_from, sub_path]
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.attributes
  - saferestart.k8s.attributes.info_module
notes:
  - The credentials have to allow C(list) on pods, and C(get) on configmaps and secrets. An object that may not be read
    is told in a warning.
  - The clocks of the API server and the nodes are compared, so they have to be right.
seealso:
  - module: saferestart.k8s.workload_info
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: Find what runs with an old configuration
  saferestart.k8s.stale_config_info:
    namespace: shop
  register: found

- name: Show what is different
  ansible.builtin.debug:
    msg: "{{ item.workload }}: {{ item.stale | join(', ') }} changed"
  loop: "{{ found.workloads }}"
  loop_control:
    label: "{{ item.workload }}"
"""

RETURN = r"""
pods:
  description: The pods with an old configuration, by name.
  returned: success
  type: list
  elements: dict
  contains:
    namespace: {description: Namespace., type: str, returned: always, sample: shop}
    name: {description: Name., type: str, returned: always, sample: cart-5d9c7b8f6-x2x7k}
    uid: {description: UID., type: str, returned: always, sample: 8a7d0d5e-62d0-4c7c-9f1d-3d5ad7f9a3b1}
    workload:
      description: Kind and name of its Deployment, StatefulSet or DaemonSet, null for any other pod.
      type: str
      returned: always
      sample: Deployment/cart
    stale:
      description: What has changed since a container was started.
      type: list
      elements: dict
      returned: always
      contains:
        container: {description: The container., type: str, returned: always, sample: app}
        init:
          description: Whether it is an init container that has ended. It runs again in a new pod only.
          type: bool
          returned: always
          sample: false
        kind: {description: V(ConfigMap) or V(Secret)., type: str, returned: always, sample: ConfigMap}
        name: {description: Its name., type: str, returned: always, sample: settings}
        use: {description: "How it is used, see O(uses).", type: str, returned: always, sample: env_from}
        started_at: {description: Start of the container., type: str, returned: always, sample: "2026-01-02T03:00:00Z"}
        settled_at:
          description:
            - From when on a container that is started has it as it is now. With V(env) and V(env_from) it is the time
              of the change. The volume of a pod that was there before may be up to 120 seconds behind.
          type: str
          returned: always
          sample: "2026-01-03T03:00:00Z"
        changed_at: {description: Last change., type: str, returned: always, sample: "2026-01-03T03:00:00Z"}
workloads:
  description: The workloads of these pods.
  returned: success
  type: list
  elements: dict
  contains:
    workload: {description: Kind and name., type: str, returned: always, sample: Deployment/cart}
    pods: {description: How many of its pods., type: int, returned: always, sample: 2}
    new_pods:
      description: Whether an init container is among them, so that a restart in place is not enough.
      type: bool
      returned: always
      sample: false
    stale: {description: What has changed., type: list, elements: str, returned: always, sample: [ConfigMap settings]}
summary:
  description: Counts, seconds and requests.
  returned: success
  type: dict
  sample: {pods: 12, stale: 2, workloads: 1, seconds: 0.09, api_requests: 5}
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import STALE_CONFIG
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.stale_config_info import stale_config_info


def main() -> None:
    """Run the module."""
    run_module(STALE_CONFIG, stale_config_info)


if __name__ == "__main__":
    main()
