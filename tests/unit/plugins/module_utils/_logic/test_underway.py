# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import (
    before_restarting_all,
    restarting_all,
    says_ended,
    says_unknown,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod


@pytest.mark.parametrize(
    "words",
    [
        'unable to upgrade connection: container not found ("app")',
        "container is in CONTAINER_EXITED state",
        "failed to exec in container: failed to load task: no running task found: task 12 not found: not found",
        "cannot exec in a stopped container: unknown",
        "failed to create exec: cannot exec in a stopped state: unknown",
        "container is not created or running",
        "the container `12` is not running",
        "Error response from daemon: No such container: 12",
    ],
)
def test_the_runtime_says_that_it_has_ended(words: str) -> None:
    assert says_ended(words)


@pytest.mark.parametrize(
    "words",
    [
        'pods "cart" not found',
        "exec: /bin/sh: stat /bin/sh: no such file or directory: not found",
        "error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused",
        "The exec session was cut off.",
        "container is in CONTAINER_CREATED state",
        "container app is not valid for pod cart",
    ],
)
def test_something_else_is_wrong(words: str) -> None:
    assert not says_ended(words)


def test_a_kubelet_that_has_just_started_does_not_know_the_pod() -> None:
    assert says_unknown("Cannot exec into container app of Pod shop/cart: pod does not exist.")
    assert not says_unknown('Cannot exec into container app of Pod shop/cart: pods "cart" not found.')


MOMENT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
OLD, YOUNG = {"creationTimestamp": "2026-01-02T03:00:00Z"}, {"creationTimestamp": "2026-01-02T03:04:30Z"}
DOWN = {"waiting": {"reason": "PodInitializing"}}


def told(status: str, since: str = "2026-01-02T03:04:01Z", **more: Any) -> Pod:
    """A pod with one container that runs and one that does not, and what its kubelet says of a restart of all."""
    entries = more.pop("containers", [container("app", 1, state=DOWN), container("log", 1)])
    condition = {"type": "AllContainersRestarting", "status": status, "lastTransitionTime": since}
    more.setdefault("meta", OLD)
    return Pod.from_object(pod("cart-1", containers=entries, conditions=[condition], **more))


def test_all_are_being_ended() -> None:
    found = restarting_all(told("True", "2026-01-02T03:03:59Z"), MOMENT)
    assert found == "the kubelet is restarting all containers of the pod, since 03:03:59Z (older_than)"


def test_all_were_ended_and_one_is_not_there_yet() -> None:
    assert restarting_all(told("False"), MOMENT).startswith(
        "the kubelet has ended all containers of the pod at 03:04:01Z"
    )


@pytest.mark.parametrize(
    "found",
    [
        Pod.from_object(pod("cart-1", containers=[container(state=DOWN)])),
        told("False", "2026-01-02T03:03:59Z"),
        told("False", containers=[container("app", 1), container("log", 1)]),
        told("False", meta=YOUNG),
        told("False", phase="Failed"),
        told("True", meta=OLD | {"deletionTimestamp": "2026-01-02T03:04:05Z"}),
    ],
    ids=["no such rule", "before", "all are there", "the pod is new", "the pod has ended", "the pod is going"],
)
def test_nothing_is_restarting_all(found: Pod) -> None:
    assert restarting_all(found, MOMENT) == ""


def test_what_a_container_was_before_that() -> None:
    """The kubelet counts when it removes the old ones: until then a status that runs is that of an old one."""
    ending, starting = told("True"), told("False")
    before = [before_restarting_all(found, entry) for found in (ending, starting) for entry in found.containers]
    assert [(entry.container_id, entry.restart_count) for entry in before] == [
        ("containerd://app-1", 0),
        ("containerd://log-1", 1),
        ("", 0),
        ("", 0),
    ]
