# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.deletion import (
    job_refusal,
    job_warning,
    nothing_to_do,
    plan_entry,
    refusal,
    warnings_about,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

OWNER = workload("StatefulSet")
GROUP = Group("uid-cart", "StatefulSet", "cart", "1", 3)


@pytest.mark.parametrize(
    ("obj", "allow", "words"),
    [
        (pod("a", OWNER), False, ""),
        (pod("a"), False, "no controller"),
        (pod("a"), True, ""),
        (pod("a", meta={"annotations": {"kubernetes.io/config.mirror": "x"}}), True, "static pod of node worker"),
    ],
)
def test_what_must_not_be_deleted(obj: JsonObject, allow: bool, words: str) -> None:
    found = refusal(Pod.from_object(obj), allow_unowned=allow)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (pod("a", OWNER), ""),
        (pod("a", OWNER, phase="Succeeded"), "it has ended (Succeeded)"),
        (pod("a", OWNER, meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), "it is being deleted already"),
    ],
)
def test_what_needs_no_deletion(obj: JsonObject, words: str) -> None:
    assert nothing_to_do(Pod.from_object(obj), force=False).startswith(words)


def job(failed: int | None = None, **spec: Any) -> JsonObject:
    return {
        "metadata": {"namespace": "shop", "name": "import"},
        "spec": spec,
        "status": {} if failed is None else {"failed": failed},
    }


@pytest.mark.parametrize(
    ("obj", "refused"),
    [
        (job(), False),
        (job(5), False),
        (job(6), True),
        (job(0, backoffLimit=0), True),
        (job(0, backoffLimit=0, podReplacementPolicy="Failed"), False),
        (job(0, backoffLimit=0, podFailurePolicy={"rules": []}), False),
        (job(9, backoffLimitPerIndex=1), False),
    ],
)
def test_a_job_that_one_more_failure_would_end(obj: JsonObject, refused: bool) -> None:
    assert bool(job_refusal(obj)) is refused


def test_what_a_job_makes_of_it() -> None:
    assert "counts a deleted pod as failed" in job_warning(job())
    assert "exit code 0" in job_warning(job(podReplacementPolicy="Failed"))


def test_warnings() -> None:
    obj = pod("cart-0", OWNER, meta={"finalizers": ["example.com/held", "batch.kubernetes.io/job-tracking"]})
    held, forced = warnings_about(obj, Pod.from_object(obj), GROUP, force=True)
    assert held.endswith("removes them: example.com/held.")
    assert "Pod shop/cart-0" in forced
    assert warnings_about(pod("a", OWNER), Pod.from_object(pod("a", OWNER)), GROUP, force=False) == []


def test_the_plan() -> None:
    unready = Pod.from_object(pod("cart-0", OWNER, ready=False))
    entry = plan_entry(unready, GROUP, "evict", "a new certificate", force=False)
    words = "StatefulSet cart brings it back, 1 of 3 may be down at a time; it is not Ready, nobody misses it"
    assert entry == {"pod": "cart-0", "action": "evict", "reason": f"{words}; reason given: a new certificate"}
    bare = plan_entry(Pod.from_object(pod("bare")), Group("", "", ""), "delete", None, force=True)
    words = "it has no controller, nothing brings it back (allow_unowned); force: it is removed without word from"
    assert bare["reason"] == f"{words} its node"
