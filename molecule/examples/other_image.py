# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make another image of one: the same files, and an ID and names of its own: other_image.py NAME... <ARCHIVE >ARCHIVE.

The archives are those of `ctr images export` and `import`, which are of OCI's image layout. If these were only more
names of the same image, other scenarios would take one of them for a restart by another name.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from typing import Any

Blobs = dict[str, bytes]


def add(blobs: Blobs, descriptor: dict[str, Any], content: object) -> dict[str, Any]:
    """Add a blob of JSON; what to call it in place of the one that was described."""
    text = json.dumps(content).encode()
    digest = hashlib.sha256(text).hexdigest()
    blobs[f"blobs/sha256/{digest}"] = text
    return {**descriptor, "digest": f"sha256:{digest}", "size": len(text)}


def read(blobs: Blobs, descriptor: dict[str, Any]) -> Any:
    """What is in a blob of JSON."""
    return json.loads(blobs["blobs/" + descriptor["digest"].replace(":", "/")])


def main(*names: str) -> None:
    """Read, change and write."""
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        blobs = {entry.name: file.read() for entry in archive if (file := archive.extractfile(entry))}
    (found,) = json.loads(blobs["index.json"])["manifests"]
    while "index" in found["mediaType"] or "list" in found["mediaType"]:
        found = read(blobs, found)["manifests"][0]
    manifest = read(blobs, found)
    config = read(blobs, manifest["config"])
    config["config"]["Labels"] = {"saferestart.k8s/names": " ".join(names)}
    manifest["config"] = add(blobs, manifest["config"], config)
    made = add(blobs, {"mediaType": found["mediaType"]}, manifest)
    entries = [{**made, "annotations": {"io.containerd.image.name": name}} for name in names]
    blobs["index.json"] = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
    blobs.pop("manifest.json", None)  # Docker's own
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for name, content in blobs.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main(*sys.argv[1:])
