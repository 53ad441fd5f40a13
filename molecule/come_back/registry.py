# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image registry with one small image, made of this container's own busybox: registry.py ADDRESS PORT FOLDER.

It only answers what a pull asks, without TLS: that is written into the folder, where the node's container runtime looks
for it. The image is the same, digest and all, each time it is started.
"""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import sys
import tarfile
from pathlib import Path


def layer() -> bytes:
    """A file system with a shell, as a tar archive."""
    content = Path("/bin/busybox").read_bytes()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        program = tarfile.TarInfo("bin/busybox")
        program.size, program.mode = len(content), 0o755
        tar.addfile(program, io.BytesIO(content))
        shell = tarfile.TarInfo("bin/sh")
        shell.type, shell.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(shell)
    return archive.getvalue()


def digest(content: bytes) -> str:
    """The name of a blob."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def described(kind: str, content: bytes) -> dict[str, str | int]:
    """What a manifest says of a blob."""
    media = f"application/vnd.oci.image.{kind}"
    return {"mediaType": media, "digest": digest(content), "size": len(content)}


FILES = layer()
CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest(FILES)]}}
).encode()
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": described("config.v1+json", CONFIG),
        "layers": [described("layer.v1.tar", FILES)],
    }
).encode()
BLOBS = {digest(content): content for content in (FILES, CONFIG, MANIFEST)}


class Registry(http.server.BaseHTTPRequestHandler):
    """Answers to GET and HEAD: any tag is the image."""

    def do_GET(self) -> None:
        """Answer with the content."""
        if content := self._answer():
            self.wfile.write(content)

    def do_HEAD(self) -> None:
        """Answer without."""
        self._answer()

    def _answer(self) -> bytes:
        """Send the headers, and say what belongs to them."""
        kind, name = self.path.rstrip("/").split("/")[-2:]
        content = BLOBS.get(name, MANIFEST if kind == "manifests" else b"")
        self.send_response(200 if content or name == "v2" else 404)
        self.send_header("Content-Type", MANIFEST_TYPE if content is MANIFEST else "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Docker-Content-Digest", digest(content))
        self.end_headers()
        return content


address, port, folder = sys.argv[1:]
Path(folder, "hosts.toml").write_text(f'server = "http://{address}:{port}"\n', encoding="ascii")
http.server.ThreadingHTTPServer((address, int(port)), Registry).serve_forever()
