# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A container's preStop hook, as its spec has it. Commands and headers may hold secrets: no repr shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpGet:
    """A request to the pod. `port` is None where the spec names one that the container does not have."""

    scheme: str
    """`http` or `https`."""
    host: str
    """Empty for the pod's own address."""
    port: int | None
    path: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def from_object(cls, action: Mapping[str, Any], container: Mapping[str, Any]) -> HttpGet:
        """From an HTTPGetAction; a port's name is one of the container's (pkg/probe/util.go, ResolveContainerPort)."""
        port = str(action.get("port", ""))
        ports = {entry.get("name"): int(entry["containerPort"]) for entry in container.get("ports") or []}
        return cls(
            scheme=(action.get("scheme") or "HTTP").lower(),
            host=action.get("host") or "",
            port=int(port) if port.isdecimal() else ports.get(port),
            path=action.get("path") or "/",
            headers=tuple((entry["name"], entry.get("value", "")) for entry in action.get("httpHeaders") or []),
        )


@dataclass(frozen=True, slots=True)
class PreStop:
    """The hook. One of `command`, `http` and `sleep` is set, or none for a kind that no kubelet runs (tcpSocket)."""

    kind: str
    """As the spec names it."""
    command: tuple[str, ...] | None = field(default=None, repr=False)
    http: HttpGet | None = None
    sleep: int | None = None
    """Seconds."""

    @classmethod
    def from_object(cls, container: Mapping[str, Any]) -> PreStop | None:
        """From a container's spec; None if it has no such hook."""
        handler = (container.get("lifecycle") or {}).get("preStop") or {}
        if "exec" in handler:
            return cls("exec", command=tuple(handler["exec"].get("command") or ()))
        if "httpGet" in handler:
            return cls("httpGet", http=HttpGet.from_object(handler["httpGet"], container))
        if "sleep" in handler:
            return cls("sleep", sleep=int(handler["sleep"]["seconds"]))
        return cls(next(iter(handler))) if handler else None
