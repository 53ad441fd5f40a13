# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do when a rollout fails."""

from __future__ import annotations


class ModuleDocFragment:
    """What to do when a rollout fails."""

    DOCUMENTATION = r"""
options:
  on_failure:
    description:
      - What to do when the rollout was started, and fails or is not done in time. The task fails in any case.
      - V(pause) and V(undo) need O(wait).
    type: str
    default: leave
    choices:
      leave: Leave everything as it is.
      pause: Pause the Deployment, so that no more pods are replaced. For other kinds this is an error at the start.
      undo: Put the earlier pod template back, and wait until its pods are available, up to O(wait_timeout) once more.
        Pods of a StatefulSet that its controller would wait for are deleted. With the update strategy OnDelete this is
        an error at the start.
"""
