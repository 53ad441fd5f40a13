# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook that keeps what it is sent.

Called with a folder. Writes `{"pid", "port"}` into the file `listener.json` there when it can be asked, and a line into
`received` for each request, with `path`, `headers` (names in lower case) and `body`. A path that begins with /slow gets
no answer, one that begins with /refuse gets 500, with the path in the answer.
"""

from __future__ import annotations

import http.server
import json
import os
import sys
import threading
from pathlib import Path

FOLDER = Path(sys.argv[1])
LOCK = threading.Lock()


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps requests."""

    def do_POST(self) -> None:
        """Keep it, and answer according to its path."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = json.dumps({"path": self.path, "headers": headers, "body": body})
        with LOCK, (FOLDER / "received").open("a", encoding="utf-8") as kept:
            kept.write(f"{line}\n")
        if self.path.startswith("/slow"):
            threading.Event().wait(120)
        elif self.path.startswith("/refuse"):
            self.send_error(500, f"not {self.path}")
        else:
            self.send_response(204)
            self.end_headers()


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
    server.daemon_threads = True
    ready = FOLDER / "listener.json.new"
    ready.write_text(json.dumps({"pid": os.getpid(), "port": server.server_port}), encoding="utf-8")
    ready.rename(FOLDER / "listener.json")
    server.serve_forever()
