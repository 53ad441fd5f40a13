# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted HTTP server on 127.0.0.1, for tests of the real client: sockets and threads, but nothing slow.

Each request takes the next answer of the script. A request too many or too few fails the test.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived. `headers` keeps the repeated ones."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class ApiServer:
    """The server, as a context manager; `url` is where it listens."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._script: list[Answer] = []
        self.problems: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                self.close_connection = True
                if self.raw_requestline and self.parse_request():
                    self.close_connection = True
                    outer.take(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Be silent."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                error = sys.exc_info()[1]
                if not isinstance(error, ConnectionError):  # a client may leave before all was written
                    outer.problems.append(f"the server failed: {error!r}")

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if kind is None:
            problems = [*self.problems, *(f"{len(self._script)} answers were not asked for" for _ in self._script[:1])]
            assert not problems, "\n".join(problems)

    # What a test says.

    def answer(
        self, body: object = None, status: int = 200, headers: Mapping[str, str] | None = None, *, times: int = 1
    ) -> None:
        """Answer the next request (or several) with JSON, or with text or bytes as they are."""
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(data)), "Connection": "close", **(headers or {})}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(data)

        self._script += [reply] * times

    def refuse(self, status: int, message: str = "", reason: str = "", *, times: int = 1, **headers: str) -> None:
        """Answer with a Kubernetes Status. A header's name has _ for -."""
        body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": status}
        self.answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()}, times=times)

    def stream(self, *chunks: object, cut: bool = False) -> None:
        """Answer with chunks, bytes as they are and objects as a line of JSON; `cut` breaks off inside the next one."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.send_header("Connection", "close")  # as it does after each answer
            handler.end_headers()
            for chunk in chunks:
                data = chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode() + b"\n"
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                handler.wfile.flush()
            handler.wfile.write(b'64\r\n{"type": "MODIF' if cut else b"0\r\n\r\n")

        self._script.append(reply)

    def drop(self, *, times: int = 1) -> None:
        """Close the connection without an answer."""
        self._script += [lambda _handler: None] * times

    def play(self, answer: Answer) -> None:
        """Leave the connection to a function: see exec_server."""
        self._script.append(answer)

    # What the handler calls.

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Note the request and give the next answer."""
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        query = parse_qsl(parts.query, keep_blank_values=True)
        self.requests.append(Request(handler.command, parts.path, query, handler.headers.items(), body))
        if self._script:
            self._script.pop(0)(handler)
        else:
            self.problems.append(f"came unexpected: {handler.command} {handler.path}")
