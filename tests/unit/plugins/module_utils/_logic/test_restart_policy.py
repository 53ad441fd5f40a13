# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_policy import (
    not_started_again,
    restarts_whole_pod,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import pod


def made(policy: str, *rules: dict[str, Any]) -> Container:
    """A container with that restartPolicy and those restartPolicyRules."""
    spec = {"containers": [{"name": "app", "restartPolicy": policy, "restartPolicyRules": [*rules]}]}
    return Pod.from_object(pod("cart-1", spec=spec)).containers[0]


def rule(operator: str, *codes: int, action: str = "Restart") -> dict[str, Any]:
    """A rule about exit codes."""
    return {"action": action, "exitCodes": {"operator": operator, "values": [*codes]}}


@pytest.mark.parametrize(
    "container",
    [
        made("Always"),
        made("Always", rule("In", 3)),
        made("OnFailure", rule("In", 0)),
        made("Never", rule("In", 0, 1), rule("NotIn", 0, 1)),
        made("Never", rule("NotIn", 7), rule("In", 7)),
        made("Never", {"action": "Restart", "exitCodes": {"operator": "In", "values": list(range(256))}}),
    ],
    ids=["always", "always, and a rule", "after failures and 0", "the rest too", "one and the rest", "every code"],
)
def test_it_is_certain_to_be_started_again(container: Container) -> None:
    assert not_started_again(container) is None
    assert restarts_whole_pod(container) is None


@pytest.mark.parametrize(
    ("container", "words"),
    [
        (made("Never"), "it would not be started again: its restartPolicy is Never"),
        (made("OnFailure"), "only after a non-zero exit code (restartPolicy OnFailure)"),
        (made("OnFailure", rule("In", 3)), "only after a non-zero exit code (restartPolicy OnFailure)"),
        (made("Never", rule("NotIn", 0)), "only after a non-zero exit code (restartPolicy Never)"),
        (made("Never", rule("In", 0, 143)), "after exit code 1 to 142, 144 to 255, by its restartPolicy Never and its"),
        (made("Never", rule("NotIn", 3, 5, 6)), "not be started again after exit code 3, 5 to 6, by its restartPolicy"),
        (made("Never", rule("NotIn", 3, action="Sleep"), rule("In", 0, 1)), "its restartPolicy is Never"),
        (made("Never", {"action": "Restart"}), "its restartPolicy is Never"),
    ],
)
def test_it_may_stay_down(container: Container, words: str) -> None:
    assert words in (not_started_again(container) or "")


@pytest.mark.parametrize(
    ("rules", "when"),
    [
        ([rule("In", 88, action="RestartAllContainers")], "when it ends with exit code 88 all containers"),
        ([rule("In", 0), rule("NotIn", 1, action="RestartAllContainers")], "with exit code 2 to 255 all containers"),
        ([{"action": "RestartAllContainers"}], "when it ends all containers of the pod are restarted"),
        ([rule("In", 88), rule("In", 88, action="RestartAllContainers")], ""),
    ],
    ids=["one code", "all but some", "by something unknown", "an earlier rule decides"],
)
def test_it_may_restart_the_whole_pod(rules: list[dict[str, Any]], when: str) -> None:
    reason = restarts_whole_pod(made("Always", *rules))
    assert when in (reason or "")
    assert bool(when) is bool(reason)
