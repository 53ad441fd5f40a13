# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a container's spec says about its next start: after which end there is one, and what its environment needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RestartRule:
    """One of a container's restartPolicyRules (beta since Kubernetes 1.35); the first one that matches decides."""

    action: str
    """`Restart` or `RestartAllContainers`."""
    codes: frozenset[int] | None
    """Exit codes; None where the rule goes by something that is not known here."""
    negated: bool
    """It matches all codes but these."""

    @classmethod
    def from_object(cls, rule: Mapping[str, Any]) -> RestartRule:
        """From an entry of restartPolicyRules."""
        condition = rule.get("exitCodes") or {}
        operator = condition.get("operator")
        codes = frozenset(map(int, condition.get("values") or [])) if operator in ("In", "NotIn") else None
        return cls(rule.get("action", ""), codes, operator == "NotIn")

    def matches(self, code: int) -> bool | None:
        """Whether it decides after this exit code; None where that is not known."""
        return None if self.codes is None else (code in self.codes) is not self.negated


@dataclass(frozen=True, slots=True)
class EnvSource:
    """A ConfigMap or Secret that environment variables come from and without which the container cannot start."""

    kind: str
    name: str
    key: str = ""
    """The key that has to be there; empty where all of them are taken (envFrom), however few."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def env_sources(spec: Mapping[str, Any]) -> tuple[EnvSource, ...]:
    """What the container's env and envFrom need, each once. What is marked as optional is not needed."""
    return tuple(dict.fromkeys(_sources(spec)))


def _sources(spec: Mapping[str, Any]) -> Iterator[EnvSource]:
    kinds = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
    key_kinds = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
    parts = [(entry, kinds) for entry in spec.get("envFrom") or []]
    parts += [(entry.get("valueFrom") or {}, key_kinds) for entry in spec.get("env") or []]
    for entry, names in parts:
        for field, kind in names.items():
            source = entry.get(field) or {}
            if source.get("name") and not source.get("optional"):
                yield EnvSource(kind, source["name"], source.get("key", ""))
