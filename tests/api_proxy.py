# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy before the API server that counts the requests, so that nobody has to believe a module's own count.

It can also do something once the server has answered the Nth of them, before anybody else knows of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kubernetes import config
from kubernetes.client import Configuration

# What urllib3 and websocket-client send begins with this line; a request's body and a WebSocket's frames do not.
REQUEST = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.1\r\n")


class ApiProxy:
    """Listens for plain HTTP on 127.0.0.1, and speaks TLS to the server as the kubeconfig's user."""

    def __init__(self, kubeconfig: Path, answered: Callable[[int], object] = lambda _count: None) -> None:
        found = Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=found)
        self._tls = ssl.create_default_context(cafile=found.ssl_ca_cert)
        if found.cert_file:  # a token is sent by the client itself
            self._tls.load_cert_chain(found.cert_file, found.key_file)
        self._server = urlsplit(found.host)
        self._answered = answered
        self.requests: list[str] = []
        self._port = 0

    def start(self) -> int:
        """Listen for as long as this process lives; returns the port."""
        listening = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(listening)), daemon=True).start()
        if not listening.wait(10):
            raise RuntimeError("the proxy does not start")
        return self._port

    async def _serve(self, listening: threading.Event) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        listening.set()
        await server.serve_forever()

    async def _connection(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        server, request = await asyncio.open_connection(self._server.hostname, self._server.port, ssl=self._tls)
        both = (self._pass(client, request, count=True), self._pass(server, answer, count=False))
        _ended, others = await asyncio.wait(map(asyncio.ensure_future, both), return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        request.close()
        answer.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, count: bool) -> None:
        """Pass everything on in one direction, until a side ends."""
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if count and (match := REQUEST.match(data)):
                    self.requests.append(b" ".join(match.groups()).decode())
                if not count:
                    self._answered(len(self.requests))
                sink.write(data)
                await sink.drain()
