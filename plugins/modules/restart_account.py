#!/usr/bin/python
# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restart_account
short_description: A service account that may restart workloads and nothing else, and a token for it
version_added: 0.5.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Makes a ServiceAccount, and in each of O(namespaces) a Role and a RoleBinding that allow it exactly what the ways of
    restarting in O(strategies) and the O(features) need. It is meant for what restarts by itself, such as a job
    template's credential.
  - Writes a token, or a kubeconfig with one, into a file that only its owner can read. The token is in no result.
  - Objects are applied by the API server (server-side apply), so that what is left out the next time is taken away. An
    object of that name that somebody else has filled in is an error, and is left as it is.
extends_documentation_fragment:
  - saferestart.k8s.auth
  - saferestart.k8s.attributes
attributes:
  check_mode:
    support: full
    details: The API server validates the objects, and keeps none, except in a namespace that is yet to be made. No
      token is made.
  diff_mode:
    support: full
    details: Of the objects. Files are not shown.
  idempotent:
    support: full
    details: A token of limited time is renewed when less than a third of its time is left.
  action_group:
    support: full
options:
  state:
    description: Whether the account is to be there. Without it all its tokens are worthless at once.
    type: str
    default: present
    choices:
      present: Make it, or bring it to what the options say.
      absent: Delete it, and what it is allowed in O(namespaces). Namespaces and files stay.
  namespace:
    description: Namespace of the ServiceAccount.
    type: str
    required: true
  name:
    description: Name of the ServiceAccount, and of the Role and RoleBinding in each namespace.
    type: str
    default: saferestart
  namespaces:
    description:
      - Namespaces of the workloads that it may restart. Its own one by default.
      - In one that is no longer named what it was allowed stays, until O(state=absent).
    type: list
    elements: str
  create_namespaces:
    description: Whether to make namespaces that do not exist. Otherwise they are an error.
    type: bool
    default: false
  strategies:
    description:
      - What it may do. V(in_place) and V(rollout_restart) are what the role P(saferestart.k8s.safe_restart#role) does
        unless it is told otherwise.
      - V(in_place), V(image_alias) and V(ephemeral) are ways of M(saferestart.k8s.container_restart), V(pod_evict) and
        V(pod_delete) the methods of M(saferestart.k8s.pod_delete), and V(pod_replace) is
        M(saferestart.k8s.resource_replace) with C(force). The others are named after their modules.
    type: list
    elements: str
    default: [in_place, rollout_restart]
    choices:
      - container_signal
      - ephemeral
      - image_alias
      - in_place
      - pid1_info
      - pod_delete
      - pod_evict
      - pod_replace
      - resource_replace
      - rollout_info
      - rollout_restart
      - rollout_undo
      - sandbox_restart
      - scale_cycle
      - set_env
      - template_patch
  features:
    description:
      - What it may look at and keep besides. Without one of these the modules do without, mostly with a warning.
    type: list
    elements: str
    default: [lock, events, disruption_budget, gates, diagnosis]
    choices:
      lock: The Leases that keep two runs from one workload.
      events: Events that tell what was done.
      disruption_budget: Whether disruption budgets have room for a restart in place.
      gates: Whether a container would come back. Reads ConfigMaps and B(Secrets), and keeps the names of their keys.
      diagnosis: Log lines and Events, to tell why a rollout fails.
      remember: The option C(remember) of M(saferestart.k8s.container_restart), and C(on_timeout=rollout).
      prestop_request: PreStop hooks that are requests, with C(prestop=run).
      delete_stuck: Pods that a rollout has to delete, for the update strategy C(OnDelete), C(below_partition=delete)
        and to undo the rollout of a StatefulSet.
  nodes:
    description:
      - Whether to allow C(get) on nodes as well, as far as O(strategies) and O(features) look at nodes. It takes a
        ClusterRole and a ClusterRoleBinding, C(saferestart:NAMESPACE:NAME).
      - When it is no longer true they stay, until O(state=absent).
    type: bool
    default: false
  token:
    description: What kind of token is written to O(token_path) and O(kubeconfig_path).
    type: str
    default: request
    choices:
      request: One that ends after O(token_seconds), and is renewed by a run when less than a third of that is left.
      secret: >-
        One that does not end, from the Secret C(NAME-token). Whoever may read Secrets in O(namespace) has it too. It
        stays valid after a change to V(request), until that Secret is deleted.
  token_seconds:
    description:
      - How long a token may be used, 600 at least. Many API servers have a limit of their own, and a warning tells when
        it is lower.
    type: int
    default: 7776000
  token_path:
    description:
      - Path of a file that the token is written to, with mode 0600, on the host that the module runs on.
      - A file that holds no token is an error.
    type: path
  kubeconfig_path:
    description:
      - Path of a file that a kubeconfig is written to, with mode 0600. Its namespace is the first of O(namespaces).
      - A file that this module has not written is an error.
    type: path
  server:
    description: URL of the API server for whoever gets the credentials. The one that this task talks to by default.
    type: str
notes:
  - The credentials of the task have to allow C(get), C(create) and C(patch) on C(serviceaccounts), C(roles) and
    C(rolebindings), and C(create) on C(serviceaccounts/token). They have to allow all that is granted, too, or
    C(escalate) and C(bind). That is what the ClusterRole C(admin) has, bound in each namespace, except for C(get) on
    nodes and what it leaves out.
  - What each strategy needs is taken away one by one in a test, so that no permission is granted without a reason.
seealso:
  - module: saferestart.k8s.container_restart
  - module: saferestart.k8s.rollout_restart
"""

EXAMPLES = r"""
- name: An account that restarts the workloads of two namespaces
  saferestart.k8s.restart_account:
    namespace: automation
    namespaces: [shop, pay]
    token_path: ~/saferestart.token

- name: Nothing but rollouts, and no look at Secrets
  saferestart.k8s.restart_account:
    namespace: shop
    strategies: [rollout_restart]
    features: [lock, events, diagnosis]
    kubeconfig_path: ~/.kube/saferestart

- name: The token has leaked
  saferestart.k8s.restart_account:
    namespace: automation
    namespaces: [shop, pay]
    state: absent
"""

RETURN = r"""
account:
  description: The service account.
  returned: success
  type: dict
  sample:
    namespace: automation
    name: saferestart
    user: system:serviceaccount:automation:saferestart
objects:
  description: What was done with each object. C(action) is V(created), V(changed), V(unchanged) or V(deleted).
  returned: success
  type: list
  elements: dict
  sample:
    - kind: ServiceAccount
      namespace: automation
      name: saferestart
      action: created
rules:
  description: The rules of the Role in each namespace.
  returned: success
  type: list
  elements: dict
  sample:
    - apiGroups: [""]
      resources: [pods]
      verbs: [get, list, watch]
cluster_rules:
  description: The rules of the ClusterRole, empty where there is none.
  returned: success
  type: list
  elements: dict
  sample: []
token:
  description: Where the token was put, V(null) where none was asked for.
  returned: success
  type: dict
  contains:
    action:
      description: V(written), or V(kept) where the files were as they should be.
      type: str
      returned: always
      sample: written
    expires:
      description: When it ends, in seconds since 1970-01-01 UTC. Null where it does not, or in check mode.
      type: int
      returned: always
      sample: 1772323200
    token_path: {description: The file., type: str, returned: when asked for, sample: ~/saferestart.token}
    kubeconfig_path: {description: The file., type: str, returned: when asked for, sample: ~/.kube/saferestart}
server:
  description: URL of the API server.
  returned: success
  type: str
  sample: https://cluster.example.com:6443
ca_cert:
  description: The certificates, PEM, that the API server's own is checked with. Empty where the machine's own are.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE-----\n"
"""

from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import RESTART_ACCOUNT
from ansible_collections.saferestart.k8s.plugins.module_utils._entry import run_module
from ansible_collections.saferestart.k8s.plugins.module_utils._run.restart_account import restart_account


def main() -> None:
    """Run the module."""
    run_module(RESTART_ACCOUNT, restart_account)


if __name__ == "__main__":
    main()
