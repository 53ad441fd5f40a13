# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter signal_mask: names of signals as a mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalError, SignalMask


def signal_mask(names: Any, arch: str | None = None) -> str:
    """Return the hex digits of a mask with these signals in it. Raises AnsibleFilterError."""
    if isinstance(names, (str, int)):
        names = [names]
    if not isinstance(names, (list, tuple)):
        raise AnsibleFilterError(f"signal_mask: signals are a list of names or numbers, not {type(names).__name__}")
    try:
        return SignalMask.from_names(names, arch).hex()
    except SignalError as error:
        raise AnsibleFilterError(f"signal_mask: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., str]]:
        return {"signal_mask": signal_mask}
