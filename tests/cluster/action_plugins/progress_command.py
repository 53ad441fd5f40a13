# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a long command on this machine and show every ten seconds how far it is.

Ansible's own ``command`` is silent until its process ends. This one counts the
lines of output against an expected number, or shows the last line. Options:
``argv``, ``title``, and optionally ``chdir``, ``env`` (added to the
environment), ``stdin``, ``expected`` and ``unit`` (what a line stands for).
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

INTERVAL = 10.0
TAIL = 30


class ActionModule(ActionBase):
    """The action ``progress_command``; it needs no module of that name."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the command; fail with its last lines if it fails."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = self._task.args
        argv = [str(part) for part in options["argv"]]
        started = time.monotonic()
        process = subprocess.Popen(
            # Should this process be killed, the kernel ends the command too.
            ["setpriv", "--pdeathsig", "KILL", *argv],
            cwd=options.get("chdir"),
            env=os.environ | {name: str(value) for name, value in options.get("env", {}).items()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            count, tail = self._follow(process, started)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        result.update(changed=True, rc=process.wait(), lines=count, stdout_lines=list(tail))
        if result["rc"] != 0:
            what = f"{options['title']} failed with {result['rc']}: {' '.join(argv)}"
            result.update(failed=True, msg="\n".join([what, *tail]))
        return result

    def _follow(self, process: subprocess.Popen[str], started: float) -> tuple[int, deque[str]]:
        """Read all output, showing a line whenever another interval is over."""
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(process, lines), daemon=True).start()
        tail: deque[str] = deque(maxlen=TAIL)
        count = 0
        due = started + INTERVAL
        ansible = os.getppid()
        # Ansible's workers outlive an interrupted or killed ansible-playbook.
        while os.getppid() == ansible:
            now = time.monotonic()
            if now >= due:
                self._show(count, tail, now - started)
                due = now + INTERVAL
            try:
                line = lines.get(timeout=1.0)
            except queue.Empty:
                continue
            if line is None:
                return count, tail
            count += 1
            tail.append(line.rstrip())
        raise AnsibleError("ansible-playbook was interrupted")

    def _read(self, process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        """Feed the command, then hand over each line of output; None is the end."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self._task.args.get("stdin", ""))
        process.stdin.close()
        for line in process.stdout:
            lines.put(line)
        process.wait()
        lines.put(None)

    def _show(self, count: int, tail: deque[str], seconds: float) -> None:
        """Display one line of progress at once, also while the task is running."""
        options = self._task.args
        far = tail[-1] if tail else "working"
        if "expected" in options:
            far = f"{count} of {options['expected']} {options.get('unit', 'lines')}"
        Display().display(f"[{options['title']}] {far}, {seconds:.0f} s")
