# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signal PID 1 of pods from inside and print what came of it: outcomes.py KUBECTL KUBECONFIG NAMESPACE SIGNAL POD ...

With kubectl and nothing of ours. What is printed is a JSON object of pod names and `ends` (the container that was
signalled has ended, within 6 s), `late` (it took longer, but no more than 20 s) or `lives`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

SOON, PATIENCE = 6.0, 20.0


def run(*command: str) -> str:
    """Return what it prints. How it ends says nothing: a session dies with the container that it signals."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


def containers(*kubectl: str) -> dict[str, Any]:
    """Return the status of each pod's only container."""
    pods = json.loads(run(*kubectl, "get", "pods", "--output=json"))["items"]
    return {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0] for pod in pods}


def send(kubectl: tuple[str, ...], signal: str, pod: str) -> float:
    """Send the signal, and return when that was done; it may take seconds on a busy machine."""
    run(*kubectl, "exec", pod, "--", "sh", "-c", f"kill -{signal} 1")
    return time.time()


def outcome(sent: float, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Compare a container with itself; the kubelet's times are of the node, which is this machine."""
    if after["containerID"] == before["containerID"] and "running" in after["state"]:
        return "lives"
    ended = (after["state"].get("terminated") or after["lastState"]["terminated"])["finishedAt"]
    return "ends" if datetime.fromisoformat(ended).timestamp() - sent < SOON else "late"


def main(kubectl: str, kubeconfig: str, namespace: str, signal: str, *pods: str) -> None:
    """Do it."""
    command = (kubectl, "--kubeconfig", kubeconfig, "--namespace", namespace)
    before = containers(*command)
    with ThreadPoolExecutor(8) as pool:
        sent = dict(zip(pods, pool.map(partial(send, command, signal), pods), strict=True))
    time.sleep(PATIENCE)
    after = containers(*command)
    print(json.dumps({name: outcome(sent[name], before[name], after[name]) for name in pods}))


if __name__ == "__main__":
    main(*sys.argv[1:])
