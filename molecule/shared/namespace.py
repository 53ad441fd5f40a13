# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make or remove a namespace, and return when that is complete: namespace.py create|delete NAME."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

DEADLINE = 400.0


def succeeds(call: Callable[[], object], unless: int) -> bool:
    """Return whether a request was carried out; the status in `unless` is an answer too, any other is an error."""
    try:
        call()
    except ApiException as error:
        if error.status != unless:
            raise
        return False
    return True


def wait_until(what: str, condition: Callable[[], bool]) -> None:
    """Wait for a condition, and name it when it does not come true."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"After {DEADLINE:.0f} s still not: {what}")
        time.sleep(0.2)


def main(action: str, name: str) -> None:
    """Do it, and print what was done."""
    config.load_kube_config(os.path.expanduser(os.environ["K8S_AUTH_KUBECONFIG"]))  # noqa: PTH111
    api = client.CoreV1Api()
    if action == "delete":
        deleted = succeeds(lambda: api.delete_namespace(name), unless=404)
        wait_until(f"namespace {name} gone", lambda: not succeeds(lambda: api.read_namespace(name), unless=404))
        print("deleted" if deleted else "absent")
    else:
        body = client.V1Namespace(metadata=client.V1ObjectMeta(name=name))
        created = succeeds(lambda: api.create_namespace(body), unless=409)
        # One that an interrupted run left on its way out.
        if not created and (meta := api.read_namespace(name).metadata) and meta.deletion_timestamp:
            wait_until(f"namespace {name} made again", lambda: succeeds(lambda: api.create_namespace(body), unless=409))
        # Without its service account a namespace takes no pods.
        account = f"service account default in {name}"
        wait_until(account, lambda: succeeds(lambda: api.read_namespaced_service_account("default", name), unless=404))
        print("created" if created else "present")


if __name__ == "__main__":
    main(*sys.argv[1:])
