# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""https://shop.example.com and https://tickets.example.com, for whoever has this as a proxy: website.py FOLDER.

It writes certificate.pem and, when it listens, proxy.json with its address and its process ID to the folder.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("shop.example.com", "tickets.example.com")


def write_certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for a week, which is its own authority, and what a server needs of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "examples")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in NAMES]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


class Website(http.server.BaseHTTPRequestHandler):
    """The pages behind the proxy."""

    def do_GET(self) -> None:
        """The shop is well."""
        self._answer(200 if self.path == "/healthz" else 404, {"ready": True})

    def do_POST(self) -> None:
        """A ticket takes a comment."""
        comment = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(201 if comment["text"] else 400, {})

    def _answer(self, status: int, body: dict[str, bool]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Say nothing."""


class Proxy(http.server.BaseHTTPRequestHandler):
    """Leads to the website, and nowhere else."""

    tls: ssl.SSLContext

    def do_CONNECT(self) -> None:
        """Be the server behind the tunnel oneself."""
        if self.path.removesuffix(":443") not in NAMES:
            self.send_error(403, f"the examples know nothing of {self.path}")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        with contextlib.suppress(OSError), self.tls.wrap_socket(self.connection, server_side=True) as tunnel:
            Website(tunnel, self.client_address, self.server)
            tunnel.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Say nothing."""


def main(folder: Path) -> None:
    """Serve until ended."""
    Proxy.tls = write_certificate(folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        found = {"url": f"http://127.0.0.1:{server.server_address[1]}", "pid": os.getpid()}
        (folder / "proxy.new").write_text(json.dumps(found), encoding="ascii")
        (folder / "proxy.new").rename(folder / "proxy.json")
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
