# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.custom_status import custom_status, has_rules
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_status import rollout_status

HEALTHY = {
    "observedGeneration": "3",
    "phase": "Healthy",
    "stableRS": "b",
    "currentPodHash": "b",
    "updatedReplicas": 2,
    "availableReplicas": 2,
}
CLONES = {
    "observedGeneration": 3,
    "replicas": 2,
    "updatedReplicas": 2,
    "updatedReadyReplicas": 2,
    "availableReplicas": 2,
}


def custom(version: str, kind: str, status: dict[str, Any] | None, **spec: Any) -> dict[str, Any]:
    """A custom resource of generation 3."""
    meta = {"name": "cart", "generation": 3}
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": {"replicas": 2} | spec, "status": status}


def rollout(**status: Any) -> dict[str, Any]:
    return custom("argoproj.io/v1alpha1", "Rollout", HEALTHY | status)


def clones(**status: Any) -> dict[str, Any]:
    return custom("apps.kruise.io/v1alpha1", "CloneSet", CLONES | status)


@pytest.mark.parametrize("obj", [rollout(), clones(), custom("example.com/v1", "Shop", None)])
def test_done(obj: dict[str, Any]) -> None:
    assert (custom_status(obj).missing, custom_status(obj).failure) == ("", "")
    assert rollout_status(obj).done


@pytest.mark.parametrize(
    ("obj", "missing"),
    [
        (rollout(observedGeneration="2"), "has not seen the change yet"),
        (rollout(observedGeneration="6bf7d9c5f"), "has not seen the change yet"),
        (
            rollout(phase="Paused", message="CanaryPauseStep"),
            r"is Paused \(CanaryPauseStep\): it goes on",
        ),
        (rollout(phase="Progressing"), "its phase is Progressing"),
        (rollout(phase=None), "its phase is not known"),
        (rollout(stableRS="a"), "not promoted to stable"),
        (rollout(availableReplicas=1), "availableReplicas is 1 of 2"),
        (clones(observedGeneration=2), "has not seen the change yet"),
        (clones(updatedReplicas=1), "updatedReplicas is 1 of 2"),
        (clones(updatedReadyReplicas=0), "updatedReadyReplicas is 0 of 2"),
        (clones(replicas=3), "1 surplus pods"),
        (
            clones(updatedReplicas=0, conditions=[{"type": "FailedScale", "status": "True", "reason": "quota"}]),
            "updatedReplicas is 0 of 2; FailedScale: quota",
        ),
        (custom("example.com/v1", "Shop", {"observedGeneration": 2}), "has not seen the change yet"),
    ],
)
def test_not_done_yet(obj: dict[str, Any], missing: str) -> None:
    assert re.search(missing, custom_status(obj).missing)
    status = rollout_status(obj)
    assert not status.done
    assert not status.failed


def test_failed() -> None:
    status = rollout_status(rollout(phase="Degraded", message="ProgressDeadlineExceeded"))
    assert status.failed
    assert status.message == "its phase is Degraded (ProgressDeadlineExceeded)"


@pytest.mark.parametrize(
    ("version", "kind", "rules"),
    [
        ("apps/v1", "Deployment", True),
        ("argoproj.io/v1alpha1", "Rollout", True),
        ("apps.kruise.io/v1beta1", "CloneSet", True),
        ("example.com/v1", "Deployment", False),
        ("argoproj.io/v1alpha1", "AnalysisRun", False),
    ],
)
def test_has_rules(version: str, kind: str, rules: bool) -> None:
    assert has_rules(custom(version, kind, None)) is rules
