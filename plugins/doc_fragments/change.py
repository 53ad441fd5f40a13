# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of an object: why it is made, and who else looks after it."""

from __future__ import annotations


class ModuleDocFragment:
    """A change of an object: why it is made, and who else looks after it."""

    DOCUMENTATION = r"""
options:
  reason:
    description:
      - Why this is done. Where a new revision is made it is kept with it, as the annotation
        C(kubernetes.io/change-cause) that C(kubectl rollout history) shows. Later revisions have the same one until
        another reason is given, since controllers copy it. Events and records tell it too.
    type: str
  allow_managed:
    description:
      - Whether to change an object that Flux, Argo CD, Helm or another controller keeps a copy of, and may change back.
        Then a warning names who that is. With V(false) it is an error, and nothing is changed.
    type: bool
    default: true
"""
