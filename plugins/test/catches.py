# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test catches: is a handler installed for a signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import (
    SignalError,
    SignalMask,
    signal_number,
)


def catches(value: Any, signal: Any, arch: str | None = None) -> bool:
    """Return True when SigCgt has the signal. Raises AnsibleFilterError."""
    mask = value
    if isinstance(value, Mapping):
        process = value.get("process", value)
        masks = process.get("masks") if isinstance(process, Mapping) else None
        if not isinstance(masks, Mapping) or "SigCgt" not in masks:
            raise AnsibleFilterError("catches: there is no masks.SigCgt in the dictionary: the process was not read")
        mask, arch = masks["SigCgt"], arch or process.get("arch")
    try:
        if isinstance(mask, str):
            return signal_number(signal, arch) in SignalMask.from_hex(mask)
        if isinstance(mask, int):
            return signal_number(signal, arch) in SignalMask(mask)
    except SignalError as error:
        raise AnsibleFilterError(f"catches: {error}") from error
    raise AnsibleFilterError(f"catches: a mask is a text of hex digits or a number, not {type(mask).__name__}")


class TestModule:
    def tests(self) -> Mapping[str, Callable[..., bool]]:
        return {"catches": catches}
