# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit a namespace, and have a pod go away when the audit has listed it and not looked at it yet.

Usage: audit_meanwhile.py KUBECTL KUBECONFIG NAMESPACE SELECTOR FILE. Between the two, pods that match SELECTOR are
deleted with kubectl. FILE is what the audit writes, its output is ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from api_proxy import ApiProxy


def main(kubectl: str, kubeconfig: str, namespace: str, selector: str, file: str) -> int:
    """Return the audit's exit code."""
    pods = f"/namespaces/{namespace}/pods?"
    gone = False

    def answered(_count: int) -> None:
        nonlocal gone
        if not gone and proxy.requests and pods in proxy.requests[-1] + "?":
            gone = True
            delete = ("delete", "pods", "--selector", selector, "--grace-period=0", "--force", "--wait")
            subprocess.run([kubectl, "--kubeconfig", kubeconfig, "--namespace", namespace, *delete], check=True)

    proxy = ApiProxy(Path(kubeconfig).expanduser(), answered)
    host = f"http://127.0.0.1:{proxy.start()}"
    audit = ["ansible-playbook", "saferestart.k8s.pid1_audit"]
    audit += ["--extra-vars", f"pid1_audit_namespaces={namespace} pid1_audit_path={file}"]
    return subprocess.run(audit, env={**os.environ, "K8S_AUTH_HOST": host}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
