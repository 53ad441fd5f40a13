# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.debug_container import (
    CannotStart,
    addition,
    cannot_have,
    is_running,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod

HOOK = {"containers": [{"name": "app", "lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}]}


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (pod("a", meta={"annotations": {"kubernetes.io/config.mirror": "x"}}), "static pod"),
        (pod("a", spec={"shareProcessNamespace": True}), "sandbox"),
        (pod("a", spec={"hostPID": True}), "hostPID"),
        (pod("a", spec={"restartPolicy": "Never"}), "restartPolicy is Never"),
        (pod("a", spec=HOOK), "preStop"),
    ],
)
def test_none_is_added_for_nothing(obj: JsonObject, words: str) -> None:
    made = Pod.from_object(obj)
    assert words in str(cannot_have(made, made.containers[0], skip_prestop=False))


def test_one_may_be_added() -> None:
    made = Pod.from_object(pod("a", spec=HOOK))
    assert cannot_have(made, made.containers[0], skip_prestop=True) is None


@pytest.mark.parametrize("context", [{}, {"securityContext": {"runAsUser": 1000}}])
def test_it_runs_as_its_target_does(context: JsonObject) -> None:
    obj = pod("a", spec={"containers": [{"name": "app", **context}], "initContainers": [{"name": "setup"}]})
    assert addition(obj, "app", "saferestart-1", "tools:1", "/bin/sh") == {
        "metadata": {"uid": "uid-a"},
        "spec": {
            "ephemeralContainers": [
                {
                    "name": "saferestart-1",
                    "image": "tools:1",
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["/bin/sh", "-c", "read -r line"],
                    "stdin": True,
                    "stdinOnce": True,
                    "targetContainerName": "app",
                    **context,
                }
            ]
        },
    }


def having(**state: Any) -> JsonObject:
    """A pod with the ephemeral container saferestart-1 in that state, and another one that runs."""
    other = {"name": "debugger-x", "state": {"running": {}}}
    return pod("a", ephemeralContainerStatuses=[other, {"name": "saferestart-1", "state": state}])


@pytest.mark.parametrize(
    ("obj", "runs"),
    [
        (pod("a"), False),
        (having(waiting={"reason": "ContainerCreating"}), False),
        (having(running={"startedAt": "2026-01-02T03:04:05Z"}), True),
    ],
)
def test_whether_it_runs(obj: JsonObject, runs: bool) -> None:
    assert is_running(obj, "saferestart-1") is runs


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (
            having(waiting={"reason": "ErrImagePull", "message": "not found"}),
            "does not start .waiting ErrImagePull not",
        ),
        (having(waiting={"reason": "CreateContainerConfigError"}), "does not start"),
        (having(terminated={"exitCode": 127, "reason": "Error"}), "has ended with 127"),
    ],
)
def test_it_never_will(obj: JsonObject, words: str) -> None:
    with pytest.raises(CannotStart, match=words):
        is_running(obj, "saferestart-1")
