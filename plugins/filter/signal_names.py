# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter signal_names: what a signal mask says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalError, SignalMask


def signal_names(mask: Any, arch: str | None = None) -> list[str]:
    """Return the names of the signals in a mask, ascending by number. Raises AnsibleFilterError."""
    try:
        if isinstance(mask, str):
            return list(SignalMask.from_hex(mask).names(arch))
        if isinstance(mask, int):
            return list(SignalMask(mask).names(arch))
    except SignalError as error:
        raise AnsibleFilterError(f"signal_names: {error}") from error
    raise AnsibleFilterError(f"signal_names: a mask is a text of hex digits or a number, not {type(mask).__name__}")


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., list[str]]]:
        return {"signal_names": signal_names}
