# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is signalled in place, and how long it may take."""

from __future__ import annotations


class ModuleDocFragment:
    """What is signalled in place, and how long it may take."""

    DOCUMENTATION = r"""
options:
  unknown:
    description:
      - What to do with a container whose PID 1 has a handler that proves nothing (Node.js, for example), verdict
        V(unknown).
      - It is not for a PID 1 that could not be read at all, not for the other verdicts, and with O(via=image_alias) it
        is an error.
    type: str
    default: refuse
    choices:
      refuse: Send nothing to it.
      try: >-
        Signal one container first. What became of it then holds for all containers of this run that have the same image
        and command. If it does not end, it is a failure, or the others are skipped with O(on_refused=skip).
    version_added: 0.3.0
  force:
    description:
      - Send the signal whatever the verdict is.
      - It does not help against the kernel. A signal that PID 1 has no handler for is dropped, and the task fails after
        O(grace_seconds) because nothing has changed.
      - V(KILL) and V(STOP) are refused all the same where the kernel is certain to drop them. PID 1 cannot be killed
        from inside of its own namespace, only the kubelet can do it. It does with O(via=image_alias), when the grace
        period is over.
      - It does not override what would harm. PID 1 of a pod with hostPID or a shared PID namespace is never
        signalled, nor is a container that would not be started again.
    type: bool
    default: false
  on_refused:
    description: What to do when some of the containers cannot be restarted in place.
    type: str
    default: fail
    choices:
      fail: Send nothing at all and fail, naming each of them and the reason.
      skip: Restart the others, and list them as skipped.
  grace_seconds:
    description:
      - How long PID 1 may take to end after the signal. If it has not ended by then its status is read again, and the
        task fails with the reason, that the signal is still pending or that the handler has gone for example, and
        whether it may help to wait longer.
      - By default the pod's own grace period, and 30 seconds at least. With V(image_alias) it is never less than the
        pod's own grace period and 30 seconds.
    type: int
  min_ready_seconds:
    description:
      - How long a container has to stay Ready before another one takes its place.
      - By default the workload's C(spec.minReadySeconds), and 3 seconds for a container without a readiness probe,
        which is Ready as soon as it runs.
    type: int
  wait_timeout:
    description:
      - How long a container may take, once the old instance has ended, until it is Ready again.
    type: int
    default: 660
"""
