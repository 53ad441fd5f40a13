# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy before the API server that cuts exec sessions off, at a chosen moment.

Usage: cutting_proxy.py KUBECONFIG PORT MOMENT. It listens for plain HTTP on 127.0.0.1 and speaks TLS to the server,
with the kubeconfig's client certificate. MOMENT is `probe`: as soon as the container says something; or `signal`: as
soon as the container says that it sends the signal. Neither is passed on, so the client knows nothing of it.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

import yaml

KUBECONFIG, PORT, MOMENT = sys.argv[1:]
#: What the container says at that moment: anything, or the last line before the shell's kill.
LAST_WORDS = {"probe": b"", "signal": b" sending "}


def server_context() -> tuple[ssl.SSLContext, str, int]:
    """TLS as the kubeconfig's only user, and the server's address."""
    config = yaml.safe_load(Path(KUBECONFIG).read_text(encoding="utf-8"))
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    with tempfile.NamedTemporaryFile() as file:
        for key in ("client-certificate-data", "client-key-data"):
            file.write(base64.b64decode(user[key]) + b"\n")
        file.flush()
        context.load_cert_chain(file.name)
    url = urlsplit(cluster["server"])
    return context, url.hostname or "", url.port or 443


class Connection:
    """One client's connection, and ours to the server behind it."""

    def __init__(self, client: socket.socket, server: ssl.SSLSocket) -> None:
        self.client = client
        self.server = server

    def run(self) -> None:
        """Pass everything on in both directions, until one side ends or the moment has come."""
        upgraded = False
        with contextlib.suppress(OSError):
            while True:
                # In one thread: what TLS needs is not to be touched by two at a time.
                ready = [self.server] if self.server.pending() else select.select([self.client, self.server], [], [])[0]
                if self.client in ready:
                    if not (data := self.client.recv(65536)):
                        break
                    self.server.sendall(data)
                if self.server not in ready or (answer := self.answer()) is None:
                    continue
                if not answer or (upgraded and LAST_WORDS[MOMENT] in answer):
                    break
                self.client.sendall(answer)
                # A WebSocket's first answer is 101.
                upgraded = upgraded or answer.startswith(b"HTTP/1.1 101")
        self.close()

    def answer(self) -> bytes | None:
        """What the server says; None where what came was not for the client."""
        self.server.settimeout(0)
        try:
            return self.server.recv(65536)
        except ssl.SSLWantReadError:
            return None
        finally:
            self.server.settimeout(None)

    def close(self) -> None:
        """Cut both sides."""
        for side in (self.client, self.server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


def main() -> None:
    """Serve until killed."""
    context, host, port = server_context()
    with socket.create_server(("127.0.0.1", int(PORT))) as listener:
        while True:
            client, _address = listener.accept()
            server = context.wrap_socket(socket.create_connection((host, port)), server_hostname=host)
            threading.Thread(target=Connection(client, server).run, daemon=True).start()


main()
