# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.aftermath import explain
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts, ThreadFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask

NOBODY, TERM = SignalMask(0), SignalMask.from_names(["TERM"])
DEAF = ProcessFacts(
    1, "app", NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, state="S (sleeping)", start_time=7, nspid=(1,), thread_count=1
)
CATCHES = dataclasses.replace(DEAF, sig_cgt=TERM)
BLOCKS = dataclasses.replace(DEAF, sig_blk=TERM)
WAITER = ThreadFacts(1, NOBODY, NOBODY, wchan="do_sigtimedwait")


@pytest.mark.parametrize(
    ("before", "then", "words", "may_still_end"),
    [
        (BLOCKS, {"shd_pnd": TERM}, "SIGTERM is still pending (ShdPnd 0000000000004000): PID 1 blocks it", False),
        (BLOCKS, {"sig_pnd": TERM}, "SIGTERM is still pending (SigPnd 0000000000004000): PID 1 blocks it", False),
        (CATCHES, {"shd_pnd": TERM, "state": "T (stopped)"}, "PID 1 is stopped (state T (stopped))", False),
        (CATCHES, {"shd_pnd": TERM, "state": "D (disk sleep)"}, "not come to it yet (state D (disk sleep))", True),
        (CATCHES, {"sig_ign": TERM, "sig_cgt": NOBODY}, "PID 1 ignores SIGTERM by now", False),
        (dataclasses.replace(DEAF, sig_ign=TERM), {}, "PID 1 ignores SIGTERM (SigIgn 0000000000004000)", False),
        (
            dataclasses.replace(CATCHES, name="node"),
            {"sig_cgt": NOBODY},
            "its handler is gone (SigCgt was 0000000000004000, is 0000000000000000): it raised SIGTERM again",
            False,
        ),
        (CATCHES, {"sig_cgt": NOBODY}, "either it raised SIGTERM again without one", True),
        (DEAF, {}, "PID 1 has no handler for SIGTERM, the kernel has dropped it", False),
        (CATCHES, {}, "took SIGTERM and still runs: state S (sleeping), it is slow to shut down", True),
        (CATCHES, {"thread_count": 5}, "5 threads, there were 1", True),
        (CATCHES, {"command": ("app: stopping",)}, "its command line has changed", True),
        (CATCHES, {"name": "bash"}, "a shell runs its trap when its foreground command has ended", True),
        (dataclasses.replace(DEAF, name="tini"), {}, "tini passes it on, its child has not ended", True),
        (BLOCKS, {}, "took SIGTERM and still runs", True),
        (dataclasses.replace(DEAF, threads=(WAITER,)), {}, "took SIGTERM and still runs", True),
    ],
    ids=[
        "blocked for ever",
        "blocked for ever, sent to the thread",
        "stopped",
        "in the middle of something",
        "ignored since",
        "ignored",
        "node",
        "a handler that is gone",
        "no handler",
        "slow",
        "threads",
        "title",
        "shell",
        "tini",
        "read from a signalfd",
        "sigwait",
    ],
)
def test_why(before: ProcessFacts, then: dict[str, Any], words: str, may_still_end: bool) -> None:
    found = explain(before, dataclasses.replace(before, **then), 15)
    assert words in found.reason
    assert found.may_still_end is may_still_end
