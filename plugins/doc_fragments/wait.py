# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether and how long to wait."""

from __future__ import annotations


class ModuleDocFragment:
    """Whether and how long to wait."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait for the end. Without waiting there is no proof that anything was restarted.
      - New pods have to be available. Without a readiness probe they are as soon as they run, so that those have to run
        on for 3 seconds. One that ends again and again is given up after its fourth restart.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds after which waiting has failed.
      - By default a minute more than the progress deadline that a Deployment has by default, so that the controller's
        own judgement comes first.
    type: int
    default: 660
"""
