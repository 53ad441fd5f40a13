# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules with exactly the permissions that they are said to need, and with each of these taken away.

Usage: permissions.py KUBECONFIG NAMESPACE objects | run. `objects` prints the Deployments, and the Roles and
RoleBindings of those who restart them, as a List for kubectl. `run` prints as JSON what each run said: `strategy`,
`missing` (empty for none), `failed`, `changed`, `msg`, and `named`, whether the error names what is missing.

A user is impersonated for each run, so that no run waits for another one's permissions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import (
    Permission,
    always_needed,
    in_namespace,
    needed,
    rules,
)

MODULES = "ansible_collections.saferestart.k8s.plugins.modules"
IMAGE = "localhost/saferestart/programs:1"
WORKERS = 3
SECONDS = 300
#: Kinds that the runs have nothing to do with: their workloads are Deployments.
OTHERS = {"statefulsets", "daemonsets", "controllerrevisions"}

PATCH = {"metadata": {"annotations": {"example.com/patched": "USER"}}}
#: What each is tried with: the module, and its options. Each has a Deployment of its own name. USER is another one in
#: each run, so that there is something to be changed.
TRIED: dict[str, tuple[str, dict[str, Any]]] = {
    "pid1_info": ("pid1_info", {}),
    "rollout_info": ("rollout_info", {}),
    "in_place": ("container_restart", {"min_ready_seconds": 0}),
    "container_signal": ("container_signal", {"signal": "TERM", "expect": "restart"}),
    "rollout_restart": ("rollout_restart", {}),
    "template_patch": ("template_patch", {"patch": PATCH}),
    "pod_evict": ("pod_delete", {"method": "evict"}),
    "pod_delete": ("pod_delete", {"method": "delete"}),
    "scale_cycle": ("scale_cycle", {}),
}


@dataclass(frozen=True)
class Case:
    """One run: without that permission, or with all that are needed."""

    strategy: str
    number: int
    missing: Permission | None

    @property
    def user(self) -> str:
        """Who it is run as."""
        return f"{self.strategy.replace('_', '-')}-{self.number}"


def cases(strategy: str) -> Iterator[Case]:
    """With all, and then without each: the ones that are missed last come last, a watch when it has begun."""
    wanted = sorted(in_namespace(always_needed(strategy)), key=lambda each: (each.verb == "watch", each))
    used = [each for each in wanted if each.resource not in OTHERS]
    yield Case(strategy, 0, None)
    yield from (Case(strategy, number, missing) for number, missing in enumerate(used, 1))


def objects() -> list[dict[str, Any]]:
    """A Deployment for each strategy, and a Role and a RoleBinding for each run."""
    group = "rbac.authorization.k8s.io"
    made = [deployment(strategy.replace("_", "-")) for strategy in TRIED]
    for case in (case for strategy in TRIED for case in cases(strategy)):
        head = {"apiVersion": f"{group}/v1", "metadata": {"name": case.user}}
        granted = [each for each in needed(case.strategy) if each != case.missing]
        reference = {"apiGroup": group, "kind": "Role", "name": case.user}
        subject = {"apiGroup": group, "kind": "User", "name": case.user}
        made.append({**head, "kind": "Role", "rules": rules(in_namespace(granted))})
        made.append({**head, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]})
    return made


def deployment(name: str) -> dict[str, Any]:
    """One pod that acts on SIGTERM."""
    container = {"name": "app", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": ["/programs/c-sleep-sig"]}
    pod = {"terminationGracePeriodSeconds": 1, "containers": [container]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def run(kubeconfig: str, namespace: str, case: Case) -> dict[str, Any]:
    """Run the module, and tell what it said."""
    module, templates = TRIED[case.strategy]
    own = json.loads(json.dumps(templates).replace("USER", case.user))
    target = {"namespace": namespace, "kind": "Deployment", "name": case.strategy.replace("_", "-")}
    timeout = {} if module.endswith("_info") else {"wait_timeout": SECONDS // 2}
    options = {**target, **own, **timeout, "kubeconfig": kubeconfig, "impersonate_user": case.user}
    command = [sys.executable, "-m", f"{MODULES}.{module}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("K8S_AUTH_")}
    environment["PYTHONPATH"] = os.environ["ANSIBLE_COLLECTIONS_PATH"]
    process = subprocess.run(
        command,
        env=environment,
        input=json.dumps({"ANSIBLE_MODULE_ARGS": options}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if not process.stdout:
        sys.exit(f"{case}: {process.stderr}")
    result = json.loads(process.stdout)
    words = result.get("msg", "")
    return {
        "strategy": case.strategy,
        "missing": str(case.missing or ""),
        "failed": bool(result.get("failed")),
        "changed": bool(result.get("changed")),
        "named": case.missing is None or names(words, case.missing),
        "msg": words,
    }


def names(words: str, missing: Permission) -> bool:
    """Whether an error tells which verb on which resource is not permitted."""
    return f'cannot {missing.verb} resource "{missing.resource}" in API group "{missing.group}"' in words


def main(kubeconfig: str, namespace: str, action: str) -> None:
    """Do it."""
    if action == "objects":
        print(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects()}))
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        ran = pool.map(lambda name: [run(kubeconfig, namespace, case) for case in cases(name)], TRIED)
        print(json.dumps([result for results in ran for result in results], indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
