# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about disruption budgets where pods stay, and are only down for a moment."""

from __future__ import annotations


class ModuleDocFragment:
    """What to do about disruption budgets where pods stay, and are only down for a moment."""

    DOCUMENTATION = r"""
options:
  disruption_budget:
    description:
      - What to do about PodDisruptionBudgets. A restart in place takes a pod out of service for a moment, as an
        eviction does for longer.
      - Before a pod's first container is restarted the server is asked whether the pod could be evicted, by a dry run.
        Where that is not permitted the same is worked out from the budgets, and of several that cover one pod each must
        have room. RV(plan) says which of the two it was. Pods that this run has taken down are subtracted in both. What
        the server says of a pod holds for a second, and where no budget covers it for the pods like it, too (not in a
        StatefulSet, whose pods differ).
      - A pod that is not Ready is never held up, whatever C(unhealthyPodEvictionPolicy) says. No budget counts it, it
        is not thrown away, and the restart may be what it needs.
      - A restart is not entered in the server's books, as an eviction is. Whoever evicts at the same time does not know
        of it until the pod is seen not to be Ready.
    type: str
    default: respect
    choices:
      respect: >-
        Wait until there is room, and fail when no further pod could be taken down for O(wait_timeout). Where neither
        evictions nor budgets may be asked nothing is checked, and a warning says so.
      ignore: Do not ask.
    version_added: 0.4.0
notes:
  - "O(disruption_budget=respect): C(create) of C(pods/eviction), or else C(list) of C(poddisruptionbudgets), and better
    both: without the second pods are restarted one at a time, and several budgets over one pod are an error."
  - The dry run of an eviction passes admission webhooks. One that refuses it ends the run. Where one knows no dry run
    (C(sideEffects)) the budgets are read instead.
"""
