# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Run a container's preStop hook from here. What a hook prints or answers is never kept: it may hold secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.prestop import HookEnd
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ApiError, Unreachable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.hook import HttpGet, PreStop
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import NOT_ALLOWED, NothingSent


def run_hook(
    api: ClusterApi, clock: Clock, params: Mapping[str, Any], pod: Pod, container: Container, hook: PreStop
) -> HookEnd:
    """Run it to its end, or as long as the pod's grace period is (or the option grace_seconds).

    Raises NothingSent where that is not permitted, or the API server is away: then it was not run.
    """
    seconds = params["grace_seconds"] or pod.grace_seconds
    began = clock.monotonic()
    if not seconds:
        return HookEnd(0.0, "the pod has no grace period, and it was not run")
    failure = _attempt(api, clock, pod, container, hook, seconds)
    return HookEnd(clock.monotonic() - began, failure)


def _attempt(api: ClusterApi, clock: Clock, pod: Pod, container: Container, hook: PreStop, seconds: int) -> str:
    """Why it failed; empty if it did not."""
    try:
        if hook.command is not None:
            return _exec(api, clock, pod, container, hook.command, seconds)
        if hook.http is not None:
            return _request(api, pod, hook.http, seconds)
    except ApiError as error:
        if error.status in NOT_ALLOWED:
            raise NothingSent(f"its preStop hook may not be run: {error}".rstrip(".")) from error
        return f"it could not be run (the API server answered {error.status})"
    except Unreachable as error:
        raise NothingSent(f"its preStop hook could not be run: {error}".rstrip(".")) from error
    if hook.sleep is None:
        return f"no kubelet runs a hook of the kind {hook.kind}"
    clock.sleep(min(hook.sleep, seconds))
    return _late(seconds) if hook.sleep > seconds else ""


def _exec(api: ClusterApi, clock: Clock, pod: Pod, container: Container, command: tuple[str, ...], seconds: int) -> str:
    """The same of a command in the container."""
    began = clock.monotonic()
    with api.exec(pod.namespace, pod.name, container.name, command, stdin=False) as session:
        end = session.finish(seconds)
    if end.code is not None:
        return f"exit code {end.code}" if end.code else ""
    if clock.monotonic() - began >= seconds:
        return _late(seconds)
    # The runtime's words have the command in them.
    return "it could not be started" if end.message else "its session was cut off"


def _request(api: ClusterApi, pod: Pod, request: HttpGet, seconds: int) -> str:
    """The same of a request to the pod. The kubelet takes any answer for a success, whatever its status."""
    if request.port is None:
        return "its port is none of the container's"
    status = api.ask_pod(pod.namespace, pod.name, request, seconds)
    return _late(seconds) if status is None else ""


def _late(seconds: int) -> str:
    return f"it did not end within {seconds} s"
