# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module, and kill it (SIGKILL) when the API server has answered its Nth request, before it knows the answer.

Usage: interrupt.py KUBECONFIG MODULE N, the module's options as JSON on standard input. Instead of a number N may be a
part of the path of a request, the first of these is meant then. Prints what happened as JSON:
`killed`, the `requests` (method and path) up to then, and for a run that had ended before, the module's `result`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from api_proxy import ApiProxy

MODULES = "ansible_collections.saferestart.k8s.plugins.modules"
SECONDS = 120


def main(kubeconfig: str, module: str, last: str) -> None:
    """Run and kill."""
    process: subprocess.Popen[str] | None = None

    def answered(count: int) -> None:
        reached = count >= int(last) if last.isdecimal() else any(last in line for line in proxy.requests[:count])
        if process and reached:
            process.send_signal(signal.SIGKILL)

    proxy = ApiProxy(Path(kubeconfig).expanduser(), answered)
    host = f"http://127.0.0.1:{proxy.start()}"
    # Events come when all is done: there is nothing to lose then.
    options = {"wait_timeout": SECONDS // 2, "events": False} | json.loads(sys.stdin.read()) | {"host": host}
    # Not the user's own cluster, whatever happens: a host without credentials is a kubeconfig's host, overridden.
    environment = {
        **os.environ,
        "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "K8S_AUTH_KUBECONFIG": kubeconfig,
    }
    command = [sys.executable, "-m", f"{MODULES}.{module}"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    output, errors = process.communicate(json.dumps({"ANSIBLE_MODULE_ARGS": options}), timeout=SECONDS)
    killed = process.returncode == -signal.SIGKILL
    if not killed and not output:
        sys.exit(errors)
    requests = proxy.requests[: int(last) if last.isdecimal() else None]
    print(json.dumps({"killed": killed, "requests": requests, "result": None if killed else json.loads(output)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
