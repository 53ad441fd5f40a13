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
        Run the hook first, then signal it. The option exists since 0.4.0. See the notes of
        M(saferestart.k8s.container_restart).
"""
