# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are known by name, and inits, which end with their child."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import (
    SignalMask,
    signal_number,
)
from ansible_collections.saferestart.k8s.tests.unit.process_script import NONE, SIGWAIT, TERM, TTY, process, thread


@pytest.mark.parametrize(
    ("facts", "signal", "kind"),
    [
        (process("systemd", blk=TERM, signalfds=(TERM,)), "TERM", "waited"),
        (process("nginx", cgt=SignalMask.from_names(["HUP"])), "HUP", "handled"),
        (process("postgres", cgt=SignalMask.from_names(["HUP"])), "HUP", "handled"),
        (process("php-fpm8.2", cgt=SignalMask.from_names(["USR2"])), "USR2", "handled"),
        (process("nginx", pid=7, nspid=(7,), cgt=SignalMask.from_names(["HUP"])), "HUP", "handled"),
        (process("supervisord", cgt=SignalMask.from_names(["HUP"])), "HUP", "handled"),
    ],
)
def test_some_programs_are_known_to_act_and_go_on(facts: ProcessFacts, signal: str, kind: str) -> None:
    verdict = judge(facts, signal_number(signal))
    assert (verdict.kind, verdict.acts, verdict.ends, verdict.confidence) == (kind, True, False, "likely")
    assert "does not end" in verdict.reason
    assert not judge(replace(facts, sig_cgt=NONE, sig_blk=NONE, signalfds=()), signal_number(signal)).survives


TINI = process("tini", ign=TTY, threads=(thread(wchan=SIGWAIT),))


@pytest.mark.parametrize(
    ("child", "ends", "evidence"),
    [
        (process("sleep", pid=7, nspid=(7,)), True, "its child is sleep (PID 7): default"),
        (process("app", pid=7, nspid=(7,), cgt=TERM), True, "its child is app (PID 7): handled"),
        (process("node", pid=7, nspid=(7,), cgt=TERM), True, "its child is node (PID 7): handled"),
        (process("app", pid=7, nspid=(7,), ign=TERM), False, "its child is app (PID 7): ignored"),
        (process("app", pid=7, nspid=(7,), blk=TERM, signalfds=None), True, "its child is app (PID 7): blocked"),
    ],
)
def test_an_init_ends_with_its_child(child: ProcessFacts, ends: bool, evidence: str) -> None:
    verdict = judge(replace(TINI, child=child), 15)
    assert (verdict.kind, verdict.acts, verdict.ends, verdict.confidence) == ("waited", True, ends, "likely")
    assert any(line.startswith(evidence) for line in verdict.evidence), verdict.evidence
    assert ends or verdict.reason == f"tini passes SIGTERM on to {child.name} (PID 7), which does not end on it"


def test_where_the_child_does_not_decide() -> None:
    deaf = process("app", pid=7, nspid=(7,), ign=TERM)
    rewriting = process("dumb-init", cgt=TERM, command=("dumb-init", "--rewrite", "15:3", "--", "app"))
    for facts in (process("app", cgt=TERM), process("s6-svscan", blk=TERM, signalfds=(TERM,)), rewriting):
        assert judge(replace(facts, child=deaf), 15) == judge(facts, 15)
