# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options about what follows a signal: what is kept of it, and what if it ended nothing."""

from __future__ import annotations


class ModuleDocFragment:
    """Options about what follows a signal: what is kept of it, and what if it ended nothing."""

    DOCUMENTATION = r"""
options:
  remember:
    description:
      - Keep what the signal did to each container for later runs, in the annotation
        C(measured.saferestart.k8s/CONTAINER) of the workload, which has to be named for it. It has the outcome for
        each signal, when it was, how long it took, and a hash of the image's ID and the command.
      - Later runs read it whether this is set or not, see RV(plan). A container that ended on the signal is
        signalled whatever the forecast says, and one that did not is refused unless O(force) is set. What the kernel
        alone decides stays as it is. With another image or command it is forgotten.
      - It is kept only where it is settled. A container that may only be slow to end is not remembered.
      - It is one request at most, and no pod is restarted by it. The controller of a Deployment copies the annotation
        to its ReplicaSets. If it is refused, that is a warning.
    type: bool
    default: false
    version_added: 0.4.0
  on_timeout:
    description: What to do when a container has not ended after O(grace_seconds).
    type: str
    default: fail
    choices:
      fail: Fail, with the reason.
      kill: >-
        Send SIGKILL, in the same way as the signal. It is for pods that share their PID namespace. The kernel drops it
        for PID 1 of a PID namespace, so such containers are refused. The kubelet kills them with O(via=image_alias).
      rollout: >-
        Restart the workload, which has to be named, as M(saferestart.k8s.rollout_restart) does. All of its pods are
        replaced, whatever O(containers), O(select) and O(older_than) say. RV(strategy) and RV(pods) are those of the
        rollout then, and O(wait_timeout) is how long it may take. It is not for containers that are refused, see
        O(on_refused).
    version_added: 0.4.0
"""
