# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_event import REASONS, restart_events
from ansible_collections.saferestart.k8s.plugins.module_utils._model.outcome import (
    ContainerOutcome,
    OutcomeKind,
    PodOutcome,
    restart_result,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod, workload

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CART = Workload.from_object(workload("Deployment"))
WHO = "alice@ctl, PID 7, AWX job 17, bb"


def result(
    pods: list[PodOutcome], *, strategy: str = "in_place", named: bool = True, changed: bool = True
) -> JsonObject:
    """As a module returns it."""
    return restart_result(strategy, CART if named else None, [], pods, changed=changed, seconds=1, requests=4)


def in_place(kind: OutcomeKind = "restarted", reason: str = "it is Ready") -> PodOutcome:
    """A pod that stays the same, with one container that was restarted and another that was not touched."""
    before = Pod.from_object(pod("cart-1", containers=[container("app"), container("log")]))
    after = Pod.from_object(pod("cart-1", containers=[container("app", 1), container("log")]))
    app = ContainerOutcome(
        "app", kind, reason, before.container("app"), after.container("app") if kind != "failed" else None
    )
    log = ContainerOutcome("log", "skipped", "not asked for", before.container("log"), after.container("log"))
    return PodOutcome(before, after, (app, log))


def test_a_restart_in_place() -> None:
    about_cart, about_pod = restart_events(result([in_place()]), WHO, "renewed certificate", NOW)
    assert about_pod == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "shop", "generateName": "cart-1."},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": "shop",
            "name": "cart-1",
            "uid": "uid-cart-1",
        },
        "type": "Normal",
        "reason": "RestartedInPlace",
        "action": "Restarting",
        "message": "container app restarted: was app-0, is app-1, restart count 0 to 1, "
        "by alice@ctl, PID 7, AWX job 17, bb: renewed certificate",
        "source": {"component": "saferestart.k8s"},
        "reportingComponent": "saferestart.k8s",
        "reportingInstance": WHO,
        "firstTimestamp": "2026-01-02T03:04:05Z",
        "lastTimestamp": "2026-01-02T03:04:05Z",
        "count": 1,
    }
    assert about_cart["involvedObject"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "cart",
        "uid": "uid-cart",
    }
    words = "in_place: containers restarted 1, skipped 1, by alice@ctl, PID 7, AWX job 17, bb: renewed certificate"
    assert about_cart["message"] == words


def test_a_static_pod_is_called_what_its_kubelet_calls_it() -> None:
    """Which is what kubectl describe looks for; and the result says it of no other pod."""
    mirror = pod("etcd", meta={"annotations": {"kubernetes.io/config.mirror": "0123"}})
    before = Pod.from_object(mirror)
    outcome = PodOutcome.whole(before, before, "restarted", "it is Ready")
    (only,) = restart_events(result([outcome], named=False), WHO, None, NOW)
    assert (only["involvedObject"]["name"], only["involvedObject"]["uid"]) == ("etcd", "0123")
    assert outcome.to_result()["uid_after"] == "uid-etcd"
    assert "static_uid" not in in_place().to_result()


def test_a_failure() -> None:
    about_cart, about_pod = restart_events(result([in_place("failed", "it cannot start")]), WHO, None, NOW, failed=True)
    assert [entry["type"] for entry in (about_cart, about_pod)] == ["Warning", "Warning"]
    assert [entry["reason"] for entry in (about_cart, about_pod)] == ["RestartFailed", "RestartFailed"]
    assert about_pod["message"] == f"container app failed: it cannot start, by {WHO}"
    assert about_cart["message"].startswith("in_place did not end well: containers skipped 1, failed 1, by alice")


def test_nothing_is_told_where_nothing_was_changed() -> None:
    assert restart_events(result([in_place("skipped")], changed=False), WHO, None, NOW) == []


def test_pods_that_are_left_alone_are_not_told_of() -> None:
    (only,) = restart_events(result([in_place("skipped")]), WHO, None, NOW)
    assert only["involvedObject"]["kind"] == "Deployment"


def replaced() -> list[PodOutcome]:
    """An old pod and a new one in its place."""
    old, new = (Pod.from_object(pod("db-0", uid=uid)) for uid in ("old", "new"))
    gone = Pod.from_object(pod("db-1"))
    return [
        PodOutcome.whole(old, new, "restarted", "replaced"),
        PodOutcome.whole(gone, None, "failed", "nothing came"),
    ]


def test_pods_that_are_replaced_are_told_of_by_their_workload() -> None:
    (only,) = restart_events(result(replaced(), strategy="rollout_restart"), WHO, None, NOW)
    assert (only["reason"], only["involvedObject"]["kind"]) == ("RolloutRestarted", "Deployment")


def test_or_by_the_new_pod() -> None:
    (only,) = restart_events(result(replaced(), strategy="pod_evict", named=False), WHO, None, NOW)
    assert (only["reason"], only["involvedObject"]["uid"]) == ("PodsEvicted", "new")


def test_pods_that_were_not_waited_for() -> None:
    (only,) = restart_events(result([], strategy="set_env"), WHO, None, NOW)
    assert only["message"] == f"set_env: its pods were not waited for, by {WHO}"


def test_nothing_gets_too_long() -> None:
    events = restart_events(result([in_place()]), "w" * 200, "y" * 2000, NOW)
    assert {len(entry["message"]) for entry in events} == {1024}
    assert {len(entry["reportingInstance"]) for entry in events} == {128}


def test_every_strategy_has_a_name() -> None:
    folder = Path(__file__).resolve().parents[5] / "plugins" / "modules"
    modules = {path.stem for path in folder.glob("*.py") if "saferestart.k8s.account" in path.read_text("utf-8")}
    assert (modules - {"container_restart"}) | {"in_place", "pod_evict"} == REASONS.keys()
