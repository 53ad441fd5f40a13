# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of containers that were started or restarted a short time ago."""

from __future__ import annotations


class ModuleDocFragment:
    """What of containers that were started or restarted a short time ago."""

    DOCUMENTATION = r"""
options:
  older_than:
    description:
      - Restart only containers that were started before this. A duration, such as V(90s), V(2h30m), V(1d12h) or plain
        seconds, counts back from now; a time has a zone, such as V(2026-01-31T03:00:00Z). The others are V(unchanged),
        and nobody looks at them.
      - To run until it is done, whatever interrupts it, use the same time in each run. What an earlier run has ended or
        restarted, and is not Ready yet, is not signalled again but waited for, for as long as O(wait_timeout). So is a
        pod whose kubelet is restarting all of its containers (O(via=restart_all_containers)).
      - When a container was started is told by its node's clock. Now is by the clock of the machine that runs the task.
    type: str
    version_added: 0.4.0
  on_backoff:
    description:
      - What to do with containers that were restarted within the last ten minutes, which the kubelet does not start
        again at once. RV(plan) has the seconds that it is going to wait for each container.
      - It waits from the end of the old instance, and by how much depends on how often the container was restarted. To
        signal it some seconds later makes that no shorter, but ten minutes after the last restart it is forgotten.
      - A restart by another name of the image (O(via=image_alias)), or of all containers of a pod at once
        (O(via=restart_all_containers)), does not have to wait.
    type: str
    default: proceed
    choices:
      proceed: >-
        Signal them all the same, with a warning. They are down for as long as the kubelet waits. Where that would
        take as long as O(wait_timeout) nothing is sent to any container.
      wait: >-
        Signal each of them only when its last restart is forgotten, so that it is started again at once. That can take
        ten minutes, which pass for all containers at the same time. Where it would take longer than O(wait_timeout)
        nothing is sent to any container.
      skip: Leave them alone, and restart the others.
      fail: Send nothing to any container if there is one.
    version_added: 0.4.0
"""
