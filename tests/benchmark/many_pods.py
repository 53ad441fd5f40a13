# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many pods of one node in place: beside the node's own pace, a rollout, and a loop of kubernetes.core's modules.

Each container is restarted once, because before a second time the kubelet waits; a rollout makes new ones.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from statistics import mean
from typing import NamedTuple

from common import CLUSTER, ENVIRONMENT, IMAGE, NAMESPACE, PROGRAM, Figure, kubectl, peak_memory, play
from plot import Point, draw

PODS = 200
SMALLER = (1, 25, 50, 100)
#: A look comes just before a pod is back, or just after: of a few pods that would be chance.
LOOPED = 30
#: Seconds between two looks of a loop that waits: Ansible's own default, and what somebody in a hurry sets.
DELAYS = (5, 1)
#: The node's own pace is not the same twice.
PAIRS = 2
NODE = f"{CLUSTER}-worker"
MOST_BY_FLOOR = 1.15
MOST_BY_ROLLOUT = 0.5
LEAST_BY_LOOP = 20.0
MOST_REQUESTS = 3.0
MOST_MORE_MIB = 20.0

#: A quarter at a time, and as many more as the addresses of a node leave room for.
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "many"},
    "spec": {
        "replicas": PODS,
        "progressDeadlineSeconds": 1800,
        "strategy": {"rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "15%"}},
        "selector": {"matchLabels": {"app": "many"}},
        "template": {
            "metadata": {"labels": {"app": "many"}},
            "spec": {
                "nodeSelector": {"kubernetes.io/hostname": NODE},
                "terminationGracePeriodSeconds": 5,
                "containers": [{"name": "app", "image": IMAGE, "command": [PROGRAM]}],
            },
        },
    },
}
#: What kubectl is to print of each change of a pod.
CHANGES = "{.metadata.name} {.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}{'\\n'}"


class Run(NamedTuple):
    """One restart by a task: seconds with all that Ansible does around the module, requests, the module's peak MiB."""

    seconds: float
    requests: int
    mib: float


def many_pods() -> Iterator[Figure]:
    """Restart them in every way, and yield the figures."""
    kubectl("apply", "--filename=-", given=json.dumps(DEPLOYMENT))
    kubectl("rollout", "status", "deployment/many", "--timeout=30m")
    rollout = _rollout()
    quarter = _ours("25%")
    note = f"{quarter.seconds:.1f} s and {rollout:.1f} s"
    yield Figure(f"{PODS} pods, 25 % at a time / rollout", quarter.seconds / rollout, "times", MOST_BY_ROLLOUT, note)

    pairs = []
    for _pair in range(PAIRS):
        _rollout()
        floor = _floor()
        _rollout()
        whole = _ours("100%")
        pairs.append((whole.seconds, floor))
    note = ", ".join(f"{ours:.1f} s and {pace:.1f} s" for ours, pace in pairs)
    ratio = mean(ours / pace for ours, pace in pairs)
    yield Figure(f"{PODS} pods at once / the node's own pace", ratio, "times", MOST_BY_FLOOR, note)

    _rollout()
    fresh = _names()
    runs = {}
    for count in SMALLER:
        these, fresh = fresh[:count], fresh[count:]
        runs[count] = _ours("100%", these)
    runs[PODS] = whole
    requests = (whole.requests - runs[1].requests) / (PODS - 1)
    note = f"{whole.requests} for {PODS}, {runs[1].requests} for 1"
    yield Figure("Requests for each further pod", requests, "requests", MOST_REQUESTS, note)
    more, note = whole.mib - runs[1].mib, f"{whole.mib:.1f} MiB and {runs[1].mib:.1f} MiB"
    yield Figure(f"Peak memory for {PODS} pods, more than for 1", more, "MiB", MOST_MORE_MIB, note)

    _rollout()
    fresh = _names()
    per_pod = mean(ours for ours, _pace in pairs) / PODS
    for delay in DELAYS:
        these, fresh = fresh[:LOOPED], fresh[LOOPED:]
        loop = _loop(these, delay)
        note = f"{loop:.2f} s and {per_pod:.3f} s"
        what = f"Loop of k8s_exec and a look every {delay} s, a pod / ours"
        bound = LEAST_BY_LOOP if delay == DELAYS[0] else None
        yield Figure(what, loop / per_pod, "times", bound, note, at_least=True)
    draw([Point(count, run.seconds, run.mib) for count, run in runs.items()])


def _ours(at_a_time: str, names: list[str] | None = None) -> Run:
    """One task."""
    meant = {"pods": names} if names else {"kind": "Deployment", "name": "many"}
    tasks = play("many_pods", meant=meant, at_a_time=at_a_time)
    summary = json.loads(tasks.results["Ours"])["summary"]
    return Run(tasks.seconds["Ours"][0], summary["api_requests"], peak_memory()["container_restart"])


def _loop(names: list[str], delay: int) -> float:
    """Seconds for each pod of what is written without this collection: a task that kills, and one that waits."""
    seconds = play("exec_loop", names=names, pause=delay).seconds
    return sum(map(sum, seconds.values())) / len(names)


def _rollout() -> float:
    """Seconds of a rollout restart; return when the old pods are gone, too."""
    began = time.monotonic()
    kubectl("rollout", "restart", "deployment/many")
    kubectl("rollout", "status", "deployment/many", "--timeout=30m")
    seconds = time.monotonic() - began
    while len(_names()) > PODS:
        time.sleep(1)
    return seconds


def _floor() -> float:
    """Seconds from ending all processes at once, on their node, until the API shows all Ready again."""
    label = f'labels."io.kubernetes.pod.namespace"=={NAMESPACE},labels."io.cri-containerd.kind"==container'
    ours = set(_on_node("ctr", "--namespace=k8s.io", "containers", "list", "--quiet", label).split())
    tasks = map(str.split, _on_node("ctr", "--namespace=k8s.io", "tasks", "list").splitlines())
    pids = [words[1] for words in tasks if words[0] in ours]
    began = time.monotonic()
    _on_node("kill", "-TERM", *pids)
    command = ["kubectl", f"--namespace={NAMESPACE}", "get", "pods", "--watch", "--output", f"jsonpath={CHANGES}"]
    ready: set[str] = set()
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as watch:
        for line in watch.stdout or ():
            name, count, state = line.split()
            (ready.add if int(count) and state == "true" else ready.discard)(name)
            if len(ready) == PODS:
                break
        watch.kill()
    return time.monotonic() - began


def _on_node(*command: str) -> str:
    """What a command prints on the node of the pods."""
    whole = ["docker", "exec", NODE, *command]
    return subprocess.run(whole, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True).stdout


def _names() -> list[str]:
    return [line.removeprefix("pod/") for line in kubectl("get", "pods", "--output=name").split()]
