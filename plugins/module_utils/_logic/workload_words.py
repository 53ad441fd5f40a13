# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Workloads as people write them, in kubectl's words: deployment/cart, sts/db. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import WORKLOADS

#: As `kubectl api-resources` shows them.
_SHORT = {"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds"}
#: All words for a kind, with the kind that the modules know.
KINDS: Mapping[str, str] = MappingProxyType(
    {word: kind for kind in WORKLOADS for word in (kind.lower(), f"{kind.lower()}s", _SHORT[kind])}
)
#: In a message.
KINDS_MEANT = f"{', '.join(KINDS)}, all of the API group apps"
#: The API group may stand behind the kind, as in deployments.apps/cart, and a version before it. No other group: some
#: have kinds of the same names (OpenKruise has statefulset.apps.kruise.io), and their objects are other ones.
_WORKLOAD = re.compile(r"([A-Za-z]+)(?:(?:\.v1)?\.apps)?/([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)")


def named_workloads(words: Iterable[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Their `kind` and `name`, each once, and those words that name no workload."""
    found: dict[tuple[str, str], None] = {}
    strangers = []
    for word in words:
        match = _WORKLOAD.fullmatch(word)
        kind = KINDS.get(match[1].lower()) if match else None
        if match and kind:
            found[kind, match[2]] = None
        else:
            strangers.append(word)
    return [{"kind": kind, "name": name} for kind, name in found], strangers
