# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many at a time, and when to stop."""

from __future__ import annotations


class ModuleDocFragment:
    """How many at a time, and when to stop."""

    DOCUMENTATION = r"""
options:
  max_unavailable:
    description:
      - How many pods of an owner may be away at a time, a number or a percentage of those that it wants, rounded down,
        and 1 at least. Pods that are not available already count, whoever took them down. A pod that is not Ready
        itself comes first, and costs nothing.
      - Each owner has its own window. Pods without one share one.
      - By default what the strategy of the owner says (C(maxUnavailable)), and V(1) where that says nothing or 0, and
        for all other owners.
      - If no further pod may go for O(wait_timeout) seconds the run ends.
      - Whatever this says, a node gets no more than 24 containers to start at a time. With more its container runtime
        falls behind, and all of them take longer.
    type: str
    version_added: 0.4.0
  max_failures:
    description:
      - How many containers may fail before no other one is begun. The task fails all the same if there was one.
    type: int
    default: 0
    version_added: 0.4.0
  min_started_seconds:
    description:
      - How long the new instance of a container has to have run, in seconds from when it was first seen to run, before
        the next container of the same pod is signalled. It has to be Ready for O(min_ready_seconds) by then, too.
      - It makes no pod wait for another one.
    type: int
    default: 0
    version_added: 0.5.0
  canary:
    description:
      - Restart the first pod alone, and go on only when it has proved itself. Otherwise the run ends, whatever
        O(max_failures) says. V({}) does no more than that.
      - It is the first pod in the order of the plan, one that is not Ready if there is one.
    type: dict
    version_added: 0.4.0
    suboptions:
      soak_seconds:
        description: How long it has to stay Ready before anything else is looked at.
        type: int
        default: 0
      until:
        description:
          - JMESPath expression that has to be true then, over C(pod), the live Pod object, and C(workload), the live
            object of the workload that was named, as in C(workload.status.availableReplicas == `3`).
          - Needs the Python library C(jmespath).
        type: str
      url:
        description:
          - An http or https URL that has to answer then with a status from 200 to 399, asked from where the module
            runs. It never appears in the result.
        type: str
      timeout:
        description: How long it may take, in seconds, until O(canary.until) is true and O(canary.url) answers.
        type: int
        default: 60
"""
