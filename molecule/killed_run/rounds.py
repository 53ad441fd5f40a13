# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restart workloads by ansible-playbook, kill that (SIGKILL) at random moments, start it again, and count the restarts.

Usage: rounds.py ROUNDS SEED FOLDER KUBECTL [ARGUMENT...]. Each round has workloads of its own: a container that was
restarted within ten minutes is held back by the kubelet. Killed are all processes of a run, or ansible-playbook alone:
its module then goes on. What happened is printed, a line for each round; the first round is not interrupted.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MARK = "SAFERESTART_KILLED_RUN"
PLAYBOOK = Path(__file__).parent / "playbooks" / "restart.yml"
#: What is expected to come does come within this, also on a slow machine.
SECONDS = 900
IMAGE = {"image": "localhost/saferestart/programs:1", "imagePullPolicy": "IfNotPresent"}
#: One ends at once and is Ready at once. The other takes its time for both: it can be met on its way down, and up.
FAST = {"name": "app", **IMAGE, "command": ["/programs/c-sleep-sig"]}
SLOW = {
    "name": "app",
    **IMAGE,
    "command": ["/bin/bash", "-c", "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.2; done"],
    "readinessProbe": {"exec": {"command": ["/bin/sh", "-c", ":"]}, "initialDelaySeconds": 2, "periodSeconds": 1},
}
#: Its end restarts all containers of the pod, from the first one on.
WATCHER = {
    **FAST,
    "name": "watcher",
    "restartPolicy": "Always",
    "restartPolicyRules": [{"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [0]}}],
}
SETUP = {"name": "setup", **IMAGE, "command": ["/bin/bash", "-c", "sleep 1"]}


class Round:
    """Fresh workloads, and the runs that restart them."""

    def __init__(self, number: int, folder: Path, kubectl: list[str]) -> None:
        self._label, self._kubectl, self._folder = f"round={number}", kubectl, folder
        self._names = [f"deployment/fast-{number}", f"statefulset/slow-{number}", f"deployment/whole-{number}"]
        self._number = number
        self._since = ""
        self._uids: dict[str, str] = {}

    def deploy(self) -> None:
        """Make the workloads, and begin: what is started from now on was restarted."""
        items = [
            _workload("Deployment", f"fast-{self._number}", self._number, FAST),
            _workload("StatefulSet", f"slow-{self._number}", self._number, SLOW),
            _workload("Deployment", f"whole-{self._number}", self._number, FAST, WATCHER),
        ]
        self._ask("apply", "--filename=-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        for name in self._names:
            self._ask("rollout", "status", f"--timeout={SECONDS}s", name)
        self._uids = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in self._pods()}
        time.sleep(2)  # a status has whole seconds
        self._since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def start(self) -> Run:
        """Begin to restart them."""
        extra = {"scenario_namespace": self._namespace, "round": self._number, "since": self._since}
        extra["record"] = str(self._folder / f"round-{self._number}.json")
        return Run(extra, self._folder)

    def faults(self) -> list[str]:
        """What is not as it has to be once a run has ended well."""
        pods = {pod["metadata"]["name"]: pod for pod in self._pods()}
        found = [f"pods were {self._uids.keys()}, are {pods.keys()}"] if pods.keys() != self._uids.keys() else []
        for name, pod in pods.items():
            if pod["metadata"]["uid"] != self._uids.get(name):
                found.append(f"{name} is another pod")
            for status in (*pod["status"]["containerStatuses"], *pod["status"].get("initContainerStatuses", [])):
                container = f"{status['name']} of {name}"
                if status["restartCount"] != 1:
                    found.append(f"{container} was restarted {status['restartCount']} times")
                if not status["ready"]:
                    found.append(f"{container} is not Ready: {status['state']}")
        leases = json.loads(self._ask("get", "leases", "--output=json"))["items"]
        return found + [f"{entry['metadata']['name']} is held: {entry['spec']}" for entry in leases]

    def remove(self) -> None:
        """Remove the workloads."""
        self._ask("delete", "--wait=false", *self._names)

    @property
    def _namespace(self) -> str:
        return self._kubectl[self._kubectl.index("--namespace") + 1]

    def _pods(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = json.loads(self._ask("get", "pods", "-l", self._label, "--output=json"))["items"]
        return items

    def _ask(self, *words: str, text: str = "") -> str:
        command = [*self._kubectl, *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=2 * SECONDS, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        return done.stdout


class Run:
    """One ansible-playbook, with all that it starts."""

    def __init__(self, extra: dict[str, Any], folder: Path) -> None:
        self._mark = secrets.token_hex(8)
        self._log = folder / f"run-{self._mark}.log"
        environment = os.environ | {
            MARK: self._mark,
            "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
            "ANSIBLE_REMOTE_TMP": str(folder / "remote"),
        }
        command = ["ansible-playbook", "--extra-vars", json.dumps(extra), str(PLAYBOOK)]
        self.began = time.monotonic()
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end; False if it has not come by then."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self, *, alone: bool) -> None:
        """Kill all of it, or `alone` the ansible-playbook that was started: its module does not notice."""
        if alone:
            self._process.kill()
        while not alone and (there := list(self._processes())):
            for pid in there:
                _kill(pid)
        self._process.wait()

    def finish(self) -> float:
        """Wait until it has ended well; returns the seconds that it took."""
        if not self.ended_within(SECONDS):
            self.kill(alone=False)
            sys.exit(f"It has not ended within {SECONDS} s:\n{self.output()}")
        if self._process.returncode:
            sys.exit(f"It ended with {self._process.returncode}:\n{self.output()}")
        return time.monotonic() - self.began

    def output(self) -> str:
        """What it printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _processes(self) -> Iterator[int]:
        """All that have its mark in their environment, and are not dead. A worker of Ansible's has its own session."""
        wanted = f"{MARK}={self._mark}".encode()
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
            except OSError:
                continue


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _workload(kind: str, name: str, number: int, *containers: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": name, "round": str(number)}
    template: dict[str, Any] = {
        "metadata": {"labels": labels},
        "spec": {"terminationGracePeriodSeconds": 5, "containers": containers},
    }
    if WATCHER in containers:
        labels["as"] = "whole"
        template["spec"]["initContainers"] = [SETUP]
    spec: dict[str, Any] = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template}
    if kind == "StatefulSet":
        spec |= {"serviceName": name, "podManagementPolicy": "Parallel"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def play(number: int, chance: random.Random, longest: float, folder: Path, kubectl: list[str]) -> float:
    """One round, and what was done in it on a line of its own. Returns how long a run takes that does all of it.

    `longest` is that of the round before, 0 for a round that is not interrupted.
    """
    this, told = Round(number, folder, kubectl), []
    this.deploy()
    for again in range(chance.choice((1, 1, 2, 3)) if longest else 0):
        moment, alone, run = chance.uniform(0, longest), chance.random() < 0.3, this.start()
        if run.ended_within(moment):
            seconds = run.finish()
            longest = longest if again else seconds
            told.append(f"none, it ended before {moment:.2f} s")
            continue
        run.kill(alone=alone)
        told.append(f"{'ansible-playbook' if alone else 'all'} {moment:.2f} s")
    last = this.start()
    seconds = last.finish()
    words = f"round {number}: killed {', '.join(told) or 'nothing'}; the last run took {seconds:.1f} s"
    print(words, flush=True)
    if faults := this.faults():
        records = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob(f"round-{number}.json*"))
        sys.exit(f"{words}\n{'; '.join(faults)}\n{last.output()}\n{records}")
    this.remove()
    return longest or seconds


def main(rounds: str, seed: str, folder: str, *kubectl: str) -> None:
    """All rounds."""
    chance = random.Random(seed)  # noqa: S311  no secret: it has to be the same again
    longest = play(0, chance, 0, Path(folder), [*kubectl])
    for number in range(1, int(rounds) + 1):
        longest = play(number, chance, longest, Path(folder), [*kubectl])


if __name__ == "__main__":
    main(*sys.argv[1:])
