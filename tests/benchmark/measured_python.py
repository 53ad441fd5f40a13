#!/usr/bin/env python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that measures a module's process: MEASURED_TO gets a line with the module's name and its peak MiB."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# It is started from this process, which is far smaller than a module: Linux counts the starter's memory as well.
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_pid, status, usage = os.wait4(pid, 0)
name = Path(sys.argv[1]).stem.removeprefix("AnsiballZ_")
with Path(os.environ["MEASURED_TO"]).open("a", encoding="utf-8") as file:
    file.write(f"{name} {usage.ru_maxrss / 1024}\n")
sys.exit(os.waitstatus_to_exitcode(status))
