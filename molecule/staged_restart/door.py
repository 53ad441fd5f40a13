# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that a gate asks: 503 until there is a file `open` in the folder, what is in it then.

Called with the folder. Writes `{"pid", "url"}` into the file `door.json` there when it can be asked.
"""

from __future__ import annotations

import http.server
import json
import os
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Door(http.server.BaseHTTPRequestHandler):
    """Answers as the file says."""

    def do_GET(self) -> None:
        """Answer."""
        try:
            body = (FOLDER / "open").read_bytes()
        except FileNotFoundError:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
    ready = FOLDER / "door.json.new"
    ready.write_text(
        json.dumps({"pid": os.getpid(), "url": f"http://127.0.0.1:{server.server_port}/"}), encoding="utf-8"
    )
    ready.rename(FOLDER / "door.json")
    server.serve_forever()
