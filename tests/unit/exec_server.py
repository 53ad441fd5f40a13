# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of an exec session: as much of RFC 6455 as it takes, for `ApiServer.play`."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

STDIN, STDOUT, STDERR, STATUS = 0, 1, 2, 3
BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """One connection, after the handshake."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler
        self.pongs = True
        """Whether it answers when it is asked whether it is there."""

    def send(self, channel: int, data: bytes | str) -> None:
        """Write one message on a channel."""
        self._frame(BINARY, bytes([channel]) + (data.encode() if isinstance(data, str) else data))

    def raw(self, data: bytes) -> None:
        """Write one message as it is, without a channel."""
        self._frame(BINARY, data)

    def status(self, status: str, message: str = "") -> None:
        """Write the final Status."""
        self.send(STATUS, json.dumps({"kind": "Status", "status": status, "message": message}))

    def close(self) -> None:
        """Write a close frame, as the server does when the command has ended."""
        self._frame(CLOSE, b"\x03\xe8")

    def receive(self) -> bytes:
        """Wait for one message of the client's: its channel number and bytes; nothing once the client has gone."""
        while (received := self._receive())[0] == PING:
            if self.pongs:
                self._frame(PONG, received[1])
        return received[1]

    def _receive(self) -> tuple[int, bytes]:
        """One frame: its opcode and its bytes."""
        head = self._handler.rfile.read(2)
        if len(head) < 2:
            return CLOSE, b""
        length = head[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(self._handler.rfile.read(2 if length == 126 else 8), "big")
        mask = self._handler.rfile.read(4)
        data = self._handler.rfile.read(length)
        return head[0] & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))

    def _frame(self, opcode: int, data: bytes) -> None:
        size = len(data)
        length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big") if size < 1 << 16 else None
        self._handler.wfile.write(bytes([0x80 | opcode]) + (length or b"\x7f" + size.to_bytes(8, "big")) + data)
        self._handler.wfile.flush()


def session(script: Callable[[Peer], Any]) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer for `ApiServer.play`: the handshake, then `script(peer)`; the connection is cut when that returns."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        accept = base64.b64encode(hashlib.sha1(handler.headers["Sec-WebSocket-Key"].encode() + _GUID).digest())  # noqa: S324
        handler.send_response(101)
        for name, value in (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept.decode()),
            ("Sec-WebSocket-Protocol", handler.headers["Sec-WebSocket-Protocol"]),
        ):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.flush()
        script(Peer(handler))

    return answer
