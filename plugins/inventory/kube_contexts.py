# Copyright: (c) 2026, saferestart.k8s contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: kube_contexts
short_description: Kubernetes clusters as hosts, one for each context of a kubeconfig
version_added: 0.5.0
author: saferestart.k8s contributors (@saferestart)
description:
  - Makes a host of every context of one or several kubeconfig files, or of every file of a directory. Tasks of such a
    host run where Ansible runs, and its variables say which cluster they are about.
  - Reads nothing but these files, and asks no cluster unless O(check_reachable) says so.
  - Nothing that anybody could log in with becomes a variable, only names, paths and the server's address.
  - Takes YAML files whose name ends with C(kube_contexts.yml) or C(kube_contexts.yaml).
extends_documentation_fragment:
  - ansible.builtin.constructed
options:
  plugin:
    description: Says that the file is meant for this plugin.
    type: str
    required: true
    choices: [saferestart.k8s.kube_contexts]
  kubeconfigs:
    description:
      - Kubeconfig files, and directories of such files. A relative path begins where the inventory file is.
      - Several files with colons between them are one kubeconfig, merged as kubectl does it.
      - Of a directory every file is a kubeconfig of its own. Hidden files are left out, and, with a warning, what is no
        kubeconfig.
      - By default what the modules use where none is named, which is E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG) or
        C(~/.kube/config). A relative path in such a variable begins in the current directory, as for C(kubectl).
    type: list
    elements: str
    default: []
  one_per:
    description:
      - V(context) makes a host of every context, with the context's name.
      - V(file) makes a host of every file, of its current context, with the file's name up to its last dot.
    type: str
    default: context
    choices: [context, file]
  include:
    description: Patterns as the shell has them (V(prod-*)). Only contexts whose name matches one, all by default.
    type: list
    elements: str
    default: []
  exclude:
    description: Patterns. No context whose name matches one of them.
    type: list
    elements: str
    default: []
  labels:
    description:
      - What is to be known of the clusters, in the variable C(kube_labels). The keys are patterns of context names, the
        values labels with their values. A context has the labels of all patterns that match it; of two values the later
        one counts.
      - With C(kube_labels) in O(keyed_groups) every label makes a group, see the examples.
    type: dict
    default: {}
  hostname:
    description:
      - Jinja expression for the host's name, where O(one_per) is not what is wanted, or would give two hosts the same
        name. It sees the host's variables.
      - A name with a colon cannot be written in a C(--limit) or in C(hosts), only matched (V(arn*prod)).
    type: str
  check_reachable:
    description:
      - Ask every cluster for its version, side by side, and put its host into the group C(kube_reachable) or
        C(kube_unreachable). One that does not accept the credentials is not reachable.
      - Adds the variables C(kube_reachable), C(kube_version), and C(kube_error), which says why it is not.
      - Needs the Python library C(kubernetes), and runs the programs that a kubeconfig names for a token.
    type: bool
    default: false
  timeout:
    description: Seconds that a connection may take then, and after that the answer.
    type: float
    default: 5
notes:
  - The variables of a host are C(kube_context), C(kube_kubeconfig) (a path), C(kube_cluster), C(kube_server),
    C(kube_user) and C(kube_namespace) (the context's, may be empty), C(kube_labels), and to run locally
    C(ansible_connection) and C(ansible_python_interpreter). O(compose) can set them to something else.
seealso:
  - module: saferestart.k8s.pid1_info
"""

EXAMPLES = r"""
# clusters.kube_contexts.yml: all contexts of the default kubeconfig
plugin: saferestart.k8s.kube_contexts

---
# Every file has a context `default` (K3s does that), so the files give the names. Those that are off: kube_unreachable.
plugin: saferestart.k8s.kube_contexts
kubeconfigs: [~/.kube/k3s]
one_per: file
check_reachable: true

---
# A directory of kubeconfigs, and the groups env_prod, env_test, region_eu ...
plugin: saferestart.k8s.kube_contexts
kubeconfigs: [~/.kube/clusters]
exclude: ["*-sandbox"]
labels:
  "*": {env: test}
  "prod-*": {env: prod}
  "*-eu-*": {region: eu}
keyed_groups:
  - key: kube_labels
leading_separator: false

---
# A play on them says once which cluster its modules are to use.
- hosts: env_prod
  gather_facts: false
  module_defaults:
    group/saferestart.k8s.all:
      kubeconfig: "{{ kube_kubeconfig }}"
      context: "{{ kube_context }}"
  tasks:
    - name: Ask what PID 1 does with SIGTERM in each cluster
      saferestart.k8s.pid1_info:
        namespace: shop
        kind: Deployment
        name: cart
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible_collections.saferestart.k8s.plugins.module_utils._api.kubeconfig import (
    default_kubeconfig,
    files_in,
    read_kubeconfigs,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._api.server_version import server_version
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH
from ansible_collections.saferestart.k8s.plugins.module_utils._environment import with_environment
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.kube_contexts import (
    chosen,
    contexts_of,
    idle,
    labels_of,
    only_current,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.kube_context import KubeContext

#: Clusters asked at a time.
PARALLEL = 16


class InventoryModule(BaseInventoryPlugin, Constructable):
    NAME = "saferestart.k8s.kube_contexts"

    def verify_file(self, path: str) -> bool:
        readable: bool = super().verify_file(path)  # type: ignore[no-untyped-call]
        return readable and path.endswith(("kube_contexts.yml", "kube_contexts.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)  # type: ignore[no-untyped-call]
        try:
            everything = list(self._contexts(Path(path).resolve().parent))
        except SafeRestartError as error:
            raise AnsibleParserError(str(error)) from error
        include, labels = self._option("include"), self._option("labels")
        for option, patterns in (("include", include), ("labels", labels)):
            for pattern in idle(patterns, everything):
                self.display.warning(f"kube_contexts: {option}: no context matches {pattern}.")
        for pattern, entry in labels.items():
            if not isinstance(entry, Mapping):
                raise AnsibleParserError(f"labels: {pattern} needs labels and their values, as in {{env: prod}}.")
        contexts, names = chosen(everything, include, self._option("exclude")), set[str]()
        for context, answer in zip(contexts, self._answers(contexts), strict=True):
            variables = _variables(context) | {"kube_labels": labels_of(context.name, labels)} | answer
            name = self._name(context, variables)
            if name in names:
                raise AnsibleParserError(
                    f"There are two hosts {name}; this one is context {context.name} of {context.kubeconfig}. "
                    "Give them names of their own with hostname, or with one_per: file."
                )
            names.add(name)
            self._add(name, variables)

    def _contexts(self, folder: Path) -> Iterator[KubeContext]:
        """The contexts of all kubeconfigs, before any is chosen. `folder` is where relative paths of the file begin."""
        named = self._option("kubeconfigs")
        begin = folder if named else Path.cwd()  # a variable is no part of the file (client-go, clientcmd/loader.go)
        for entry in named or [default_kubeconfig(os.environ)]:
            paths = [begin / Path(path).expanduser() for path in entry.split(os.pathsep) if path]
            if len(paths) == 1 and paths[0].is_dir():
                for file in files_in(paths[0]):
                    try:
                        yield from self._of_file(str(file))
                    except SafeRestartError as error:
                        self.display.warning(f"kube_contexts: left out: {error}")
            else:
                yield from self._of_file(os.pathsep.join(map(str, paths)))

    def _of_file(self, kubeconfig: str) -> list[KubeContext]:
        contexts = contexts_of(read_kubeconfigs(kubeconfig), kubeconfig)
        return [only_current(contexts)] if self._option("one_per") == "file" else contexts

    def _answers(self, contexts: Sequence[KubeContext]) -> list[dict[str, Any]]:
        """What the clusters say of themselves, where they are to be asked; nothing otherwise."""
        if not self._option("check_reachable"):
            return [{} for _context in contexts]
        if find_spec("kubernetes") is None:
            raise AnsibleParserError(missing_required_lib("kubernetes"))
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            return list(pool.map(partial(_ask, seconds=self._option("timeout")), contexts))

    def _add(self, name: str, variables: dict[str, Any]) -> None:
        """One host, with its variables and groups."""
        inventory: Any = self.inventory
        inventory.add_host(name)
        for variable, value in variables.items():
            inventory.set_variable(name, variable, value)
        if (reachable := variables.get("kube_reachable")) is not None:
            inventory.add_child(inventory.add_group("kube_reachable" if reachable else "kube_unreachable"), name)
        for option, add in (
            ("compose", self._set_composite_vars),
            ("groups", self._add_host_to_composed_groups),
            ("keyed_groups", self._add_host_to_keyed_groups),
        ):
            add(self._option(option), variables, name, strict=self._option("strict"))  # type: ignore[no-untyped-call]

    def _option(self, name: str) -> Any:
        return self.get_option(name)  # type: ignore[no-untyped-call]

    def _name(self, context: KubeContext, variables: Mapping[str, Any]) -> str:
        expression = self._option("hostname")
        if not expression:
            one_per_file = self._option("one_per") == "file"
            return Path(context.kubeconfig.split(os.pathsep)[0]).stem if one_per_file else context.name
        try:
            name = self._compose(expression, variables)  # type: ignore[no-untyped-call]
        except AnsibleError as error:
            raise AnsibleParserError(f"hostname gives no name for context {context.name}: {error}") from error
        if not isinstance(name, str) or not name.strip():
            raise AnsibleParserError(f"hostname gives no name for context {context.name}, but {name!r}.")
        return name


def _variables(context: KubeContext) -> dict[str, Any]:
    """What tasks need to know: the names are those of the modules' options, and of the context's parts."""
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "kube_context": context.name,
        "kube_kubeconfig": context.kubeconfig,
        "kube_cluster": context.cluster,
        "kube_server": context.server,
        "kube_user": context.user,
        "kube_namespace": context.namespace,
    }


def _ask(context: KubeContext, seconds: float) -> dict[str, Any]:
    """Whether the cluster answers, by the same options and environment variables as the modules."""
    auth = with_environment(AUTH, {"kubeconfig": context.kubeconfig, "context": context.name}, os.environ, boolean)
    try:
        return {"kube_reachable": True, "kube_version": server_version(auth, seconds)}
    except SafeRestartError as error:
        return {"kube_reachable": False, "kube_error": str(error)}
