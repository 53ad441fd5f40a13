# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down what became of each task, a line of JSON for each, to the file that EXAMPLES_OUTCOMES names.

Where it was is the text in EXAMPLES_STEP, or, if that is empty, the host.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.executor.task_result import CallbackTaskResult
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """The callback ``outcomes``."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "outcomes"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result: CallbackTaskResult, outcome: str) -> None:
        where = os.environ["EXAMPLES_STEP"] or result.host.get_name()
        entry = {
            "where": where,
            "task": result.task.get_name(),
            "outcome": outcome,
            "message": result.result.get("msg"),
        }
        with Path(os.environ["EXAMPLES_OUTCOMES"]).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(entry)}\n")

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        """A task is done."""
        self._write(result, "changed" if result.result.get("changed") else "ok")

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        """One has failed, which some examples want."""
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        """One was skipped."""
        self._write(result, "skipped")
