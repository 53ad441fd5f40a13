# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make everything that examples name as it was: world.py FOLDER [pods].

The folder has the scenario's objects in world.json. With `pods` only pods are replaced of which something was
restarted: the kubelet waits before it starts a container again that it has started a short time ago.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEADLINE = 300.0
#: A look takes half a second of a processor, which what is waited for needs as well.
PAUSE = 0.5
KINDS = "deployments,statefulsets,daemonsets,jobs,pods"

Objects = list[dict[str, Any]]


class World:
    """The objects, and kubectl."""

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / "world.json").read_text(encoding="utf-8"))
        self._kubectl: list[str] = content["kubectl"]
        self._workloads: Objects = content["workloads"]
        self._single: Objects = content["single"]
        self._namespaces = {entry["metadata"]["namespace"] for entry in self._workloads}

    def restore(self) -> None:
        """Give every workload the definition that it had."""
        self._run("replace", "-f", "-", objects=self._workloads)

    def renew_pods(self) -> None:
        """Replace pods of which something was restarted, and make anew what nobody else would."""
        found = {(e["kind"], e["metadata"]["namespace"], e["metadata"]["name"]): e for e in self._all()}
        used = [key for key, entry in found.items() if key[0] == "Pod" and is_used(entry)]
        for entry in self._single:
            key = (entry["kind"], entry["metadata"]["namespace"], entry["metadata"]["name"])
            pods = [p for p in used if p == key or owner(found[p]) == key[:1] + key[2:]]
            if pods or (there := found.get(key)) is None or image(there) != image(entry):
                self._run("delete", f"{key[0]}/{key[2]}", f"--namespace={key[1]}", "--ignore-not-found")
                self._run("apply", "-f", "-", objects=[entry])
                used = [pod for pod in used if pod not in pods]
        for namespace in {key[1] for key in used}:
            names = [key[2] for key in used if key[1] == namespace]
            self._run("delete", "pods", *names, f"--namespace={namespace}", "--ignore-not-found")

    def wait(self) -> None:
        """Return when all is rolled out and Ready, and nothing is left of what was there before."""
        end = time.monotonic() + DEADLINE
        while left := sorted(unsettled(self._all())):
            if time.monotonic() > end:
                sys.exit(f"After {DEADLINE:.0f} s still not as they should be: {', '.join(left)}")
            time.sleep(PAUSE)

    def age_configuration(self) -> None:
        """Change what a program has read when it was started."""
        data = {"greeting": f"hello at {time.time():.3f}"}
        self._run("patch", "configmap/front", "--namespace=shop", "--patch", json.dumps({"data": data}))

    def _all(self) -> Objects:
        found: Objects = json.loads(self._run("get", KINDS, "--all-namespaces", "--output=json"))["items"]
        return [entry for entry in found if entry["metadata"]["namespace"] in self._namespaces]

    def _run(self, *arguments: str, objects: Objects | None = None) -> str:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}) if objects else None
        command = [*self._kubectl, *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        return done.stdout


def is_used(pod: dict[str, Any]) -> bool:
    """Whether a container of it was restarted, or one was added."""
    statuses = [s for kind in ("initC", "c") for s in pod["status"].get(f"{kind}ontainerStatuses", [])]
    return any(status["restartCount"] for status in statuses) or "ephemeralContainers" in pod["spec"]


def owner(pod: dict[str, Any]) -> tuple[str, str] | None:
    """Kind and name of its controller."""
    found = [(o["kind"], o["name"]) for o in pod["metadata"].get("ownerReferences", []) if o.get("controller")]
    return found[0] if found else None


def image(entry: dict[str, Any]) -> str:
    """The image of its first container."""
    spec = entry["spec"].get("template", entry)["spec"]
    return str(spec["containers"][0]["image"])


#: What the status of a kind of workload counts, and what it should come to.
COUNTS = {
    "Deployment": ("replicas", "updatedReplicas", "availableReplicas"),
    "StatefulSet": ("replicas", "updatedReplicas", "availableReplicas"),
    "DaemonSet": ("updatedNumberScheduled", "numberAvailable"),
}


def unsettled(objects: Objects) -> Iterator[str]:
    """Yield what is not rolled out, not Ready, or on its way out."""
    for entry in objects:
        meta, status = entry["metadata"], entry.get("status", {})
        if entry["kind"] == "Pod":
            ready = {"type": "Ready", "status": "True"}.items()
            conditions = [condition.items() for condition in status.get("conditions", [])]
            settled = any(ready <= condition for condition in conditions) and "deletionTimestamp" not in meta
        elif entry["kind"] == "Job":
            settled = status.get("ready") == 1
        else:
            wanted = status.get("desiredNumberScheduled", entry["spec"].get("replicas"))
            counts = {status.get(name, 0) for name in COUNTS[entry["kind"]]}
            settled = counts == {wanted} and status.get("observedGeneration") == meta["generation"]
        if not settled:
            yield f"{entry['kind'].lower()}/{meta['name']}"


def main(folder: Path, *what: str) -> None:
    """Do it."""
    world = World(folder)
    if not what:
        world.restore()
    world.renew_pods()
    world.wait()
    if not what:
        world.age_configuration()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
