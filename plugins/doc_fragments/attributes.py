# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module can and cannot do."""

from __future__ import annotations


class ModuleDocFragment:
    """What a module can and cannot do."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell what it would do, changing nothing.
  diff_mode:
    description: Returns what changes, or would change in C(check_mode), when in C(diff_mode).
  idempotent:
    description: A second run right after the first changes nothing.
  action_group:
    description: Is in the action group C(saferestart.k8s.all), for C(module_defaults).
    membership: [saferestart.k8s.all]
"""

    #: For a module that only tells: besides the part above.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: Nothing is ever changed.
  diff_mode:
    support: none
    details: Nothing is ever changed.
  idempotent:
    support: full
  action_group:
    support: full
"""
