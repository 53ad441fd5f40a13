# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The errors that the floors raise. Only a module's entry turns one into fail_json."""

from __future__ import annotations


class SafeRestartError(Exception):
    """Something a user can act on: the message names the thing, what was found and what to do."""


class TargetError(SafeRestartError):
    """The target does not exist, matches nothing, or cannot be restarted in the way that was asked."""


class DeadlineError(SafeRestartError):
    """The deadline passed before the wanted state was seen."""


class RolloutFailed(SafeRestartError):
    """The rollout cannot finish any more, or its controller has given up."""
