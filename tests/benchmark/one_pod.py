# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one task costs: memory, time beside peers, requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from common import HERE, IMAGE, KUBECONFIG, PROGRAM, Figure, kubectl, peak_memory, play

sys.path.append(str(HERE.parent))

from api_proxy import ApiProxy

PAIRS = range(5)
PODS = ["one", *(f"{whose}-{number}" for whose in ("ours", "kubectl") for number in PAIRS)]
DEPLOYMENTS = ["memory", "requests"]
MODULES = ("pid1_info", "container_restart", "rollout_restart")
MOST_MIB = 80.0
MOST_TIMES = 1.5
# 3 to look, act and prove, and one each for the disruption budget and the node; 3 for the lock, with the owner of pods
# to be found, and one more if it is renewed, after 5 s; and an Event of the pod or of its workload, or of both.
MOST_REQUESTS = 10


def one_pod() -> Iterator[Figure]:
    """Run the tasks, and yield the figures."""
    _set_up()
    proxies = {"By name": ApiProxy(KUBECONFIG), "By Deployment": ApiProxy(KUBECONFIG)}
    tasks = play("one_pod", pairs=list(PAIRS), ports=[proxy.start() for proxy in proxies.values()])
    memory = peak_memory()
    for module in MODULES:
        yield Figure(f"{module}: peak memory", memory[module], "MiB", MOST_MIB)
    yield tasks.ratio("No-op task / task that only imports kubernetes", "No-op", "Import", MOST_TIMES)
    for task, proxy in proxies.items():
        said = json.loads(tasks.results[task])["summary"]["api_requests"]
        counted = sum("watch=" not in request for request in proxy.requests)
        note = f"{counted} counted on the way, {said} by itself, watches: {len(proxy.requests) - counted}"
        what = f"In-place restart of one pod, {task[0].lower()}{task[1:]}"
        yield Figure(what, max(said, counted), "requests", MOST_REQUESTS, note)
    yield Figure("Module that only imports kubernetes: peak memory", memory["only_imports"], "MiB")
    yield tasks.ratio("Task that only imports kubernetes / ping", "Import", "Ping")
    yield tasks.ratio("No-op task / ping", "No-op", "Ping")
    yield tasks.ratio("In-place restart of one pod / the same with kubectl", "Ours", "Kubectl")


def _set_up() -> None:
    """Start the pods, and return when all are Ready. Each is restarted once: before a second time the kubelet waits."""
    for name in PODS:
        kubectl("run", name, f"--image={IMAGE}", "--command", "--", PROGRAM)
    for name in DEPLOYMENTS:
        kubectl("create", "deployment", name, f"--image={IMAGE}", "--", PROGRAM)
    kubectl("wait", "--for=condition=Available", "deployment", *DEPLOYMENTS, "--timeout=120s")
    kubectl("wait", "--for=condition=Ready", "pod", *PODS, "--timeout=120s")
