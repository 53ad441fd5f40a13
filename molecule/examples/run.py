# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the commands that write.py has made of the examples, all of them whatever fails: run.py FOLDER LANE.

Those of a lane run one after the other. The last lines say what has failed, and then it ends with 1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

#: Seconds that one of them may take: there is none that a slow machine would need so many for.
MOST = 3000


def main(folder: Path, lane: str) -> int:
    """Run them."""
    failed = []
    for step in json.loads((folder / "steps.json").read_text(encoding="utf-8"))[lane]:
        started = time.monotonic()
        print(f"== {step['name'] or 'all examples that are tasks'}", flush=True)
        code = 0
        if step["world"]:
            code = run([sys.executable, str(Path(__file__).parent / "world.py"), str(folder)], folder)
        code = code or run(step["command"], Path(step["folder"]), step["name"])
        print(f"== {time.monotonic() - started:.1f} s, exit code {code}", flush=True)
        failed += [step["name"]] if code else []
    print(*(f"FAILED: {name}" for name in failed), sep="\n")
    return int(bool(failed))


def run(command: list[str], folder: Path, name: str = "") -> int:
    """Run one, and return its exit code."""
    environment = {**os.environ, "EXAMPLES_STEP": name}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        timeout=MOST,
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
