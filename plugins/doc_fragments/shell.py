# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to look into the containers."""

from __future__ import annotations


class ModuleDocFragment:
    """How to look into the containers."""

    DOCUMENTATION = r"""
options:
  shell:
    description:
      - Path of a POSIX shell in the containers.
      - It is the only program that has to be there, everything else is done by its builtins.
    type: str
    default: /bin/sh
"""
