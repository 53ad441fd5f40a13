# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planning over thousands of pods, beside the list of them alone. The nodes are kwok's: nothing is ever sent there."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from common import CACHE, FOLDER, HERE, KUBECONFIG, Figure, kubectl, peak_memory, play

PODS, NODES, FILES = 5000, 10, 20
MOST_TIMES = 2.0
MOST_MIB = 300.0
LABEL = "benchmark.saferestart.k8s/played"
#: How kwok is to play: what its release calls fast, which makes nodes and pods Ready at once.
STAGES = ("node/fast", "node/heartbeat", "pod/fast")


def large_plan() -> Iterator[Figure]:
    """Plan, and yield the figures."""
    with _played_nodes():
        _set_up()
        tasks = play("large_plan", runs=list(range(3)))
    memory = peak_memory()
    for name, words in (("Plan by age", "none has to be restarted"), ("Plan by image", "none can be looked at")):
        planned = len(json.loads(tasks.results[name])["plan"])
        if planned != PODS:
            raise SystemExit(f"{name}: {planned} containers are in the plan, there are {PODS}")
        yield tasks.ratio(f"Plan of {PODS} pods, {words} / their list", name, "List", MOST_TIMES)
    yield Figure(f"Peak memory of a plan of {PODS} pods", memory["restart_plan_info"], "MiB", MOST_MIB)
    yield Figure("Peak memory of their list alone", memory["only_list"], "MiB")


@contextmanager
def _played_nodes() -> Iterator[None]:
    """kwok, and nodes for it to play; all gone at the end."""
    program = CACHE / "benchmark" / "kwok"
    if not program.exists():
        print("Building kwok, for some minutes", flush=True)
        subprocess.run(["go", "build", "-o", program, "sigs.k8s.io/kwok/cmd/kwok"], cwd=HERE / "kwok", check=True)
    config = [f"--config={path}" for path in _stages()]
    nodes = [f"played-{number}" for number in range(NODES)]
    log = FOLDER / "kwok.log"
    command = [str(program), f"--kubeconfig={KUBECONFIG}", f"--manage-nodes-with-label-selector={LABEL}=true", *config]
    with log.open("w", encoding="utf-8") as output, subprocess.Popen(command, stdout=output, stderr=output) as kwok:
        try:
            kubectl("create", "--filename=-", given="".join(map(_node, nodes)))
            kubectl("wait", "--for=condition=Ready", "node", *nodes, "--timeout=120s")
            yield
        finally:
            kubectl("delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false")
            kubectl("delete", "--ignore-not-found", "node", *nodes)
            kwok.terminate()


def _stages() -> list[Path]:
    """Files of kwok's own module."""
    command = ["go", "mod", "download", "-json", "sigs.k8s.io/kwok"]
    module = subprocess.run(command, cwd=HERE / "kwok", stdout=subprocess.PIPE, check=True).stdout
    folder = Path(json.loads(module)["Dir"]) / "kustomize" / "stage"
    return [path for part in STAGES for path in sorted((folder / part).glob(f"{part.split('/')[0]}-*.yaml"))]


def _set_up() -> None:
    """Make the pods, on their nodes, and return when all are Ready."""
    per_file = PODS // FILES
    files = ["".join(_pod(part * per_file + number) for number in range(per_file)) for part in range(FILES)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: kubectl("create", "--filename=-", "--validate=false", given=text), files))
    while (left := PODS - kubectl("get", "pods", "--output=jsonpath={.items[*].status.phase}").count("Running")) > 0:
        print(f"{left} pods are not there yet", flush=True)
        time.sleep(5)


def _node(name: str) -> str:
    taint = {"key": LABEL, "effect": "NoSchedule"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {LABEL: "true"}}}
    return json.dumps({**node, "spec": {"taints": [taint]}})


def _pod(number: int) -> str:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"played-{number}", "labels": {"app": "played"}}}
    containers = [{"name": "app", "image": "example.com/app:1", "env": [{"name": "NUMBER", "value": str(number)}]}]
    return json.dumps({**pod, "spec": {"nodeName": f"played-{number % NODES}", "containers": containers}})
