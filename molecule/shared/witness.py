# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch pods through kubectl, and write down the least number of them, by their label app, that were Ready at a time.

Usage: witness.py FILE APP=NUMBER,... KUBECTL [ARGUMENT...]. They count from the moment on at which each app has that
number of pods; then FILE is written, as JSON: `pid` is this process, to be ended by whoever started it,
and `least` the numbers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

FIELDS = (
    "{.type}|{.object.metadata.uid}|{.object.metadata.labels.app}|{.object.metadata.deletionTimestamp}|"
    '{.object.status.conditions[?(@.type=="Ready")].status}{"\\n"}'
)


def main(file: str, apps: str, *kubectl: str) -> None:
    """Watch until ended."""
    wanted = {name: int(number) for name, _equals, number in (entry.partition("=") for entry in apps.split(","))}
    command = [*kubectl, "get", "pods", "--watch", "--output-watch-events", f"--output=jsonpath={FIELDS}"]
    ready: dict[str, str] = {}
    least: dict[str, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        for line in process.stdout or ():
            kind, uid, app, deleted, is_ready = line.rstrip("\n").split("|")
            ready.pop(uid, None)
            if kind != "DELETED" and not deleted and is_ready == "True":
                ready[uid] = app
            now = Counter(ready.values())
            least |= {name: now[name] for name in wanted if now[name] < least.get(name, wanted[name])} if least else {}
            if not least and all(now[name] >= number for name, number in wanted.items()):
                least = dict(wanted)
            if least:
                Path(f"{file}.new").write_text(json.dumps({"pid": os.getpid(), "least": least}), encoding="ascii")
                Path(f"{file}.new").replace(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
