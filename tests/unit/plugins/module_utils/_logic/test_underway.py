# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import says_ended, says_unknown


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
