# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of the benchmark share: where things are, kubectl, playbooks, and a figure with its bound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".build" / "benchmark"
CACHE = Path(os.environ.get("SAFERESTART_CACHE", ""))
CLUSTER, *PARTS = sys.argv[1:] or [""]
NAMESPACE = "benchmark"
KUBECONFIG = CACHE / "clusters" / CLUSTER / "kubeconfig"
ENVIRONMENT = {
    **os.environ,
    "KUBECONFIG": str(KUBECONFIG),
    "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}",
    "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
    "JUNIT_HIDE_TASK_ARGUMENTS": "true",
    "MEASURED_TO": str(FOLDER / "memory"),
}
IMAGE, PROGRAM = "localhost/saferestart/programs:1", "/programs/c-sleep-sig"


class Figure(NamedTuple):
    """One line of the answer; without a bound it is information."""

    what: str
    measured: float
    unit: str
    bound: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether the bound holds."""
        if self.bound is None:
            return True
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def __str__(self) -> str:
        words = "at least" if self.at_least else "at most"
        bound = f"{words} {self.bound:<4g} {'ok' if self.ok else 'BROKEN':<7}" if self.bound is not None else ""
        return f"{self.what:<58}{self.measured:6.4g} {self.unit:<9}{bound:<21}{self.note}".rstrip()


class Tasks:
    """How long a playbook's tasks took, and what they returned, from Ansible's own report."""

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


def kubectl(*words: str, given: str | None = None) -> str:
    """What kubectl prints, with `given` as its standard input; a failure, which it explains, ends the benchmark."""
    command = ["kubectl", f"--namespace={NAMESPACE}", *words]
    done = subprocess.run(command, env=ENVIRONMENT, input=given, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with exit code {done.returncode}")
    return done.stdout


def play(name: str, **variables: object) -> Tasks:
    """Run a playbook of this folder; what it prints is in a log, and on the screen if it fails."""
    log, reports = FOLDER / f"{name}.log", FOLDER / "reports"
    environment = {**ENVIRONMENT, "JUNIT_OUTPUT_DIR": str(reports)}
    command = [
        "ansible-playbook",
        "-e",
        json.dumps({"kubeconfig": str(KUBECONFIG), "place": NAMESPACE, **variables}),
        str(HERE / f"{name}.yml"),
    ]
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode
    if code:
        sys.exit(f"{log.read_text(encoding='utf-8')}\n{name}.yml ended with exit code {code}")
    (report,) = reports.glob("*.xml")
    tasks = Tasks(report)
    report.unlink()
    return tasks


def peak_memory() -> dict[str, float]:
    """The peak in MiB of each module that was measured since the last call, by its name; of the last run of it."""
    path = FOLDER / "memory"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.unlink()
    return {module: float(mib) for module, mib in map(str.split, lines)}
