# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook as AWX does a job: the private data directory that its control plane writes, and ansible-runner.

Usage: job.py FOLDER COLLECTIONS, on standard input as JSON `survey` (answers), `credential` (host, token, ca_cert,
verify_ssl), `check`, and `kill_after`: a pattern; when a line of the output matches it, every process of the job is
killed at once (SIGKILL), as when a job is cancelled and its container ends.

Prints as JSON: `status`, `stdout`, `progress` (lines of their own events while a task runs), `largest` (characters of
the largest result of a task), and `leaked`, the events and outputs that have the token in them.

What is where, and in which form, is what awx/main/tasks/jobs.py and awx/main/models/credential/injectors.py write.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

SECONDS = 400
PROJECT = Path(__file__).resolve().parents[2] / "playbooks" / "awx" / "project"
#: The class of credential "OpenShift or Kubernetes API Bearer Token" gives these, and nothing else.
KEPT = ("PATH", "LC_ALL", "LANG")


class Unsafe(yaml.SafeDumper):
    """Every string is marked, keys too, so that no template in an answer is evaluated: awx/main/utils/safe_yaml.py."""

    def represent_data(self, data: Any) -> yaml.Node:
        """Return a string as one that is not safe."""
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


def lay_out(folder: Path, collections: str, job: dict[str, Any]) -> None:
    """Write what AWX writes."""
    for name in ("env", "inventory", "project", "home"):
        (folder / name).mkdir(parents=True)
    credential = job["credential"]
    checked = credential["verify_ssl"] and credential.get("ca_cert")
    variables = {
        "ANSIBLE_COLLECTIONS_PATH": f"{folder}/requirements_collections:{collections}",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "AWX_PRIVATE_DATA_DIR": str(folder),
        "JOB_ID": "42",
        "MAX_EVENT_RES": "700000",
        "K8S_AUTH_HOST": credential["host"],
        "K8S_AUTH_API_KEY": credential["token"],
        "K8S_AUTH_VERIFY_SSL": str(bool(checked)),
    }
    if checked:
        path = folder / "env" / "tmpca"
        write(path, credential["ca_cert"], 0o600)
        variables["K8S_AUTH_SSL_CA_CERT"] = str(path)
    about = {"awx_job_id": 42, "awx_job_template_name": "Restart workloads safely", "awx_user_name": "ann"}
    answers = {**job["survey"], **about, **{name.replace("awx", "tower"): value for name, value in about.items()}}
    hosts = {
        "all": {"hosts": ["localhost"]},
        "_meta": {
            "hostvars": {
                "localhost": {
                    "ansible_connection": "local",
                    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                }
            }
        },
    }
    write(folder / "env" / "envvars", json.dumps(variables), 0o600)
    write(folder / "env" / "settings", json.dumps({"suppress_ansible_output": True}), 0o600)
    write(folder / "env" / "extravars", "".join(yaml.dump({k: v}, Dumper=Unsafe) for k, v in answers.items()), 0o600)
    write(folder / "env" / "cmdline", "--check" if job.get("check") else "-u root", 0o600)
    write(folder / "inventory" / "hosts", f"#!/usr/bin/env python3\nprint({json.dumps(hosts)!r})\n", 0o700)
    shutil.copy(PROJECT / "safe_restart.yml", folder / "project")


def write(path: Path, text: str, mode: int) -> None:
    """Write a file that was never readable for others."""
    path.touch(mode)
    path.write_text(text, encoding="utf-8")


def run(folder: Path, kill_after: str) -> None:
    """Run it in an environment that is as empty as a container's, to its end or until the line came."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(folder / "home")}
    command = ["ansible-runner", "run", str(folder), "--playbook", "safe_restart.yml", "--ident", "42"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=nothing, stdout=nothing, stderr=sys.stderr) as runner:
        end = time.monotonic() + SECONDS
        while runner.poll() is None:
            if time.monotonic() > end or (kill_after and re.search(kill_after, output(folder))):
                kill(runner.pid)
            time.sleep(0.1)


def kill(root: int) -> None:
    """Kill a process and all that came from it, whatever session it is in."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    doomed = [root]
    for pid in doomed:
        doomed += [child for child, parent in parents.items() if parent == pid]
    for pid in doomed:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def output(folder: Path) -> str:
    """Return what the job has printed, without colours."""
    path = folder / "artifacts" / "42" / "stdout"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r", "")


def told(folder: Path, token: str) -> dict[str, Any]:
    """Return what AWX would show of it."""
    artifacts = folder / "artifacts" / "42"
    numbered = sorted(artifacts.glob("job_events/[0-9]*.json"), key=lambda each: int(each.name.split("-")[0]))
    whole = [path for path in numbered if "partial" not in path.name]
    events = [json.loads(path.read_text(encoding="utf-8")) for path in whole]
    results = [json.dumps(event["event_data"]["res"]) for event in events if "res" in event.get("event_data", {})]
    status = artifacts / "status"
    return {
        "status": status.read_text() if status.exists() else "killed",
        "stdout": output(folder),
        "progress": [
            line
            for event in events
            if event["event"] == "verbose"
            for line in re.sub(r"\x1b\[[0-9;]*m", "", event["stdout"]).splitlines()
        ],
        "largest": max(map(len, results), default=0),
        "leaked": [str(path) for path in [*whole, artifacts / "stdout"] if path.exists() and token in path.read_text()],
    }


def main(name: str, collections: str) -> None:
    """Run a job."""
    folder, job = Path(name), json.load(sys.stdin)
    lay_out(folder, collections, job)
    run(folder, job.get("kill_after", ""))
    print(json.dumps(told(folder, job["credential"]["token"])))


if __name__ == "__main__":
    main(*sys.argv[1:])
