# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy before the API server that cuts exec sessions off and has watches expire, and lets enough of them pass.

Usage: breaking_proxy.py KUBECONFIG PORT LOOKS LOG. The first LOOKS sessions are cut while they wait. Of those after
them one in three is cut as soon as the container says something, one as it says that it sends the signal, and one is
left alone. The first watch is answered by 410, the second ends with that a moment later, the third is left alone, and
so on. LOG has the process's ID on its first line, and below it what was broken.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from api_proxy import ApiProxy

GET = re.compile(rb"GET (\S+) HTTP/1\.1\r\n")
STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410, "metadata": {}}
#: Seconds that a session may wait, and a watch may last.
WAIT, LAST = 3.0, 4.0


class BreakingProxy(ApiProxy):
    """Breaks what has to be got over."""

    def __init__(self, kubeconfig: Path, looks: int, log: Path) -> None:
        super().__init__(kubeconfig)
        self._looks, self._sessions, self._watches, self._log = looks, 0, 0, log

    async def serve(self, port: int) -> None:
        """Listen on that port until killed."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        self._log.write_text(f"{os.getpid()}\n", encoding="ascii")
        await server.serve_forever()

    async def _connection(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        server, request = await asyncio.open_connection(self._server.hostname, self._server.port, ssl=self._tls)
        link = Link(self, client, answer, server, request)
        tasks = [asyncio.ensure_future(part) for part in (link.up(), link.down())]
        _ended, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        request.close()
        answer.close()

    def note(self, words: str) -> None:
        """Write down what was broken."""
        with self._log.open("a", encoding="ascii") as log:
            log.write(f"{words}\n")

    def next_session(self) -> tuple[float | None, bytes | None]:
        """How long the next one may last, and at which words it is cut; None for what does not matter."""
        self._sessions += 1
        if self._sessions <= self._looks:
            return WAIT, None
        return None, (b"", b" sending ", None)[self._sessions % 3]

    def next_watch(self) -> float | None:
        """How long the next one may last; None for as long as it wants."""
        self._watches += 1
        return (None, 0.0, LAST)[self._watches % 3]


class Link:
    """One client's connection, and ours to the server behind it."""

    def __init__(
        self,
        proxy: BreakingProxy,
        client: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        request: asyncio.StreamWriter,
    ) -> None:
        self._proxy, self._client, self._answer = proxy, client, answer
        self._server, self._request = server, request
        self._last_words: bytes | None = None
        self._open = False
        self._what = ""

    async def up(self) -> None:
        """From the client to the server; ends where the connection is to be cut."""
        cut: asyncio.Future[None] | None = None
        while True:
            reading: asyncio.Future[bytes] = asyncio.ensure_future(self._client.read(1 << 16))
            either: list[asyncio.Future[Any]] = [reading, cut] if cut else [reading]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() or not (data := reading.result()):
                if not reading.done():
                    self._proxy.note(f"{self._what} expired" if "watch" in self._what else f"{self._what} cut")
                reading.cancel()
                return
            match = GET.match(data)
            path = match[1] if match else b""
            if b"watch=1" in path and (seconds := self._proxy.next_watch()) is not None:
                self._what = "watch after a while"
                if not seconds:
                    self._expire_at_once()
                    continue
                cut = asyncio.ensure_future(self._expire(seconds))
            elif b"/exec?" in path:
                seconds, self._last_words = self._proxy.next_session()
                self._what = "session that waits"
                cut = asyncio.ensure_future(asyncio.sleep(seconds)) if seconds else None
            self._request.write(data)
            await self._request.drain()

    async def down(self) -> None:
        """From the server to the client."""
        while data := await self._server.read(1 << 16):
            if self._open and self._last_words is not None and self._last_words in data:
                self._proxy.note(f"session at {self._last_words!r} cut")
                return
            self._open = self._open or data.startswith(b"HTTP/1.1 101")
            self._answer.write(data)
            await self._answer.drain()

    def _expire_at_once(self) -> None:
        body = json.dumps(STATUS).encode()
        head = b"HTTP/1.1 410 Gone\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._answer.write(head + body)
        self._proxy.note("watch at once expired")

    async def _expire(self, seconds: float) -> None:
        """Have a watch that is under way end as an API server ends it."""
        await asyncio.sleep(seconds)
        line = json.dumps({"type": "ERROR", "object": STATUS}).encode() + b"\n"
        self._answer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(line), line))
        await self._answer.drain()


if __name__ == "__main__":
    asyncio.run(BreakingProxy(Path(sys.argv[1]), int(sys.argv[3]), Path(sys.argv[4])).serve(int(sys.argv[2])))
