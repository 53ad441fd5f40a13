#!/usr/bin/env python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what a task costs on a real cluster, beside its bounds and its peers. See README.md. Started by the Makefile.

Usage: benchmark.py CLUSTER [NAMESPACE]. A namespace that is not named is made, and removed at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from api_proxy import ApiProxy  # noqa: E402

FOLDER = HERE.parents[1] / ".build" / "benchmark"
CACHE = Path(os.environ.get("SAFERESTART_CACHE", ""))
CLUSTER, GIVEN_NAMESPACE = [*sys.argv[1:], "", ""][:2]
NAMESPACE = GIVEN_NAMESPACE or "benchmark"
KUBECONFIG = CACHE / "clusters" / CLUSTER / "kubeconfig"
ENVIRONMENT = {
    **os.environ,
    "KUBECONFIG": str(KUBECONFIG),
    "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}",
    "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
    "JUNIT_OUTPUT_DIR": str(FOLDER),
    "JUNIT_HIDE_TASK_ARGUMENTS": "true",
    "MEASURED_TO": str(FOLDER / "memory"),
}
IN_NAMESPACE = f"--namespace={NAMESPACE}"
IMAGE, PROGRAM = "localhost/saferestart/programs:1", "/programs/c-sleep-sig"
PAIRS = range(5)
PODS = ["one", *(f"{whose}-{number}" for whose in ("ours", "kubectl") for number in PAIRS)]
DEPLOYMENTS = ["memory", "requests"]
MODULES = ("pid1_info", "container_restart", "rollout_restart")
MOST_MIB = 80.0
MOST_TIMES = 1.5
# 4 to look, act and prove, and one each for the disruption budget and the node; 3 for the lock, with the owner of pods
# to be found, and one more if it is renewed, after 5 s; and an Event of the pod or of its workload, or of both.
MOST_REQUESTS = 11


class Figure(NamedTuple):
    """One line of the answer; without a bound it is information."""

    what: str
    measured: float
    unit: str
    bound: float | None = None
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the bound holds."""
        return self.bound is None or self.measured <= self.bound

    def __str__(self) -> str:
        bound = f"at most {self.bound:<4g} {'ok' if self.ok else 'BROKEN':<7}" if self.bound else ""
        return f"{self.what:<54}{self.measured:6.4g} {self.unit:<9}{bound:<20}{self.note}".rstrip()


class Tasks:
    """How long the playbook's tasks took, and what they returned, from Ansible's own report."""

    def __init__(self, report: Path) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.results: dict[str, Any] = {}
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  Ansible has just written it
            name = case.attrib["name"].removeprefix("[localhost] Measure: ")
            self.seconds[name].append(float(case.attrib["time"]))
            self.results[name] = case.findtext("system-out")

    def ratio(self, what: str, task: str, peer: str, bound: float | None = None) -> Figure:
        """The median of one task's time by another's, over the pairs of them that ran one after the other."""
        ours, theirs = self.seconds[task], self.seconds[peer]
        times = median(a / b for a, b in zip(ours, theirs, strict=True))
        note = f"{median(ours):.2f} s and {median(theirs):.2f} s, {len(ours)} pairs"
        return Figure(what, times, "times", bound, note)


def kubectl(*words: str) -> None:
    """Run kubectl; a failure, which it explains itself, ends the benchmark."""
    if code := subprocess.run(["kubectl", *words], env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"kubectl {' '.join(words)} ended with exit code {code}")


def set_up() -> None:
    """Start the pods, and return when all are Ready. Each is restarted once: before a second time the kubelet waits."""
    if not GIVEN_NAMESPACE:
        kubectl("create", "namespace", NAMESPACE)
    kubectl("wait", IN_NAMESPACE, "--for=create", "serviceaccount/default", "--timeout=60s")
    for name in PODS:
        kubectl("run", name, IN_NAMESPACE, f"--image={IMAGE}", "--command", "--", PROGRAM)
    for name in DEPLOYMENTS:
        kubectl("create", "deployment", name, IN_NAMESPACE, f"--image={IMAGE}", "--", PROGRAM)
    kubectl("wait", IN_NAMESPACE, "--for=condition=Available", "deployment", *DEPLOYMENTS, "--timeout=120s")
    kubectl("wait", IN_NAMESPACE, "--for=condition=Ready", "pod", *PODS, "--timeout=120s")


def remove() -> None:
    """Remove all that set_up made, also what a run that was killed has left."""
    if GIVEN_NAMESPACE:
        kubectl("delete", IN_NAMESPACE, "--ignore-not-found", "pod", *PODS)
        kubectl("delete", IN_NAMESPACE, "--ignore-not-found", "deployment", *DEPLOYMENTS)
    else:
        kubectl("delete", "--ignore-not-found", "namespace", NAMESPACE)


def run_tasks(ports: list[int]) -> Tasks:
    """Run the playbook; what it prints is in a log, and on the screen if it fails."""
    log = FOLDER / "measure.log"
    variables = json.dumps({"namespace": NAMESPACE, "pairs": list(PAIRS), "ports": ports})
    command = ["ansible-playbook", "-e", variables, str(HERE / "measure.yml")]
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(command, env=ENVIRONMENT, stdout=output, stderr=output, check=False).returncode
    if code:
        sys.exit(f"{log.read_text(encoding='utf-8')}\nmeasure.yml ended with exit code {code}")
    (report,) = FOLDER.glob("measure-*.xml")
    return Tasks(report)


def measure() -> Iterator[Figure]:
    """Run the tasks, and yield the figures."""
    proxies = {"By name": ApiProxy(KUBECONFIG), "By Deployment": ApiProxy(KUBECONFIG)}
    tasks = run_tasks([proxy.start() for proxy in proxies.values()])
    lines = (FOLDER / "memory").read_text(encoding="utf-8").splitlines()
    memory = {module: float(mib) for module, mib in map(str.split, lines)}
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


def main() -> int:
    """Print every figure; 1 if a bound is broken."""
    if not CLUSTER or "SAFERESTART_CACHE" not in os.environ:
        sys.exit("benchmark.py needs a cluster and the environment that the Makefile sets: use make benchmark")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("Measuring, for about two minutes", flush=True)
    try:
        remove()
        set_up()
        figures = list(measure())
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        return 130
    finally:
        remove()
    print(*figures, sep="\n")
    broken = sum(not figure.ok for figure in figures)
    print(f"{broken} of the bounds broken" if broken else "All bounds hold")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
