# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.rollout_pods import (
    Partition,
    expected,
    live_pods,
    replaced,
    survivors,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import pod, workload

SET = workload("StatefulSet")


def seen(name: str, uid: str = "") -> Pod:
    return Pod.from_object(pod(name, SET, uid=uid))


def test_pods_that_ended_or_are_not_its_own_do_not_count() -> None:
    going = pod("cart-3", SET)
    going["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    evicted, other = pod("cart-2", SET, phase="Failed"), pod("other-0", workload("StatefulSet", "other"))
    objects = [pod("cart-1", SET), going, evicted, other, pod("cart-0", SET)]
    names = [obj["metadata"]["name"] for obj in live_pods(Workload.from_object(SET), objects)]
    assert names == ["cart-0", "cart-1"]


@pytest.mark.parametrize(
    ("partition", "name", "kept"),
    [
        (Partition(), "cart-0", False),
        (Partition(2), "cart-1", True),
        (Partition(2), "cart-2", False),
        (Partition(2, start=10), "cart-11", True),
        (Partition(2, start=10), "cart-12", False),
        (Partition(2), "cart-x", False),
    ],
)
def test_partition(partition: Partition, name: str, kept: bool) -> None:
    assert partition.keeps(seen(name)) is kept
    assert bool(survivors([seen(name)], [seen(name)], partition)) is not kept
    assert ("below the partition" in expected([seen(name)], partition)[0].containers[0].reason) is kept


def test_a_new_pod_that_fails_again_was_still_a_replacement() -> None:
    broken = {"new": "container app ended"}
    for done, outcome, reason in (
        (True, "restarted", "replaced by the rollout, not Ready any more"),
        (False, "failed", "replaced by the rollout, not Ready: container app ended"),
    ):
        found = replaced(
            "StatefulSet", [seen("cart-0", "old")], [seen("cart-0", "new")], Partition(), broken, done=done
        )
        container = found[0].containers[0]
        assert (container.outcome, container.reason) == (outcome, reason)


def test_a_pod_that_has_the_template_stays() -> None:
    kept = Partition(stays=lambda entry: "why" if entry.name == "cart-0" else "")
    assert kept.keeps(seen("cart-0"))
    assert kept.reason(seen("cart-0")) == "why"
    assert not kept.keeps(seen("cart-1"))
