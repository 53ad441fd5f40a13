# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which signal, and what of a preStop hook."""

from __future__ import annotations


class ModuleDocFragment:
    """Which signal, and what of a preStop hook."""

    DOCUMENTATION = r"""
options:
  signal:
    description: Name or number of a signal, such as V(TERM), V(SIGQUIT), V(15) or V(RTMIN+3).
    type: str
    default: TERM
  prestop:
    description:
      - What to do with a container that has a preStop hook. The kubelet runs it only when it stops the container
        itself, so that a restart by a signal skips it.
    type: str
    default: refuse
    choices:
      refuse: Do not signal it.
      skip: Signal it, so that it is restarted without running the hook.
      run: >-
        Run the hook first, for no longer than the pod's grace period (or C(grace_seconds)), and signal it then. Since
        0.4.0.
notes:
  - "With O(prestop=run) a command is run by an exec session in the container, a request is made by the API server's
    proxy (C(get) of C(pods/proxy)), and a sleep is slept. What the hook took the process has less to end in. One that
    fails holds nothing up, as it does not at the kubelet, and is told of in a warning. No event is written, and what
    the hook prints or answers is shown nowhere."
  - A request to another host than the pod, or with headers that the API server takes for its own (C(Authorization),
    C(Host)), cannot be made in the kubelet's place, and such a container is not signalled.
"""
