# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role safe_restart: what it decides, what is left, whether it is proven, and what to tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.saferestart.k8s.plugins.module_utils._logic import (
    packed_result,
    proof,
    role_decision,
    role_results,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.role_options import option_faults
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.workload_words import named_workloads

Objects = Sequence[Mapping[str, Any]]


def restart_option_faults(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return what is wrong with the values of the role's options."""
    return option_faults(values, prefix, datetime.now(UTC))


def restart_targets(words: Sequence[str]) -> list[dict[str, str]]:
    """Return the kind and name of each workload. Raises AnsibleFilterError."""
    targets, strangers = named_workloads(words)
    if strangers:
        raise AnsibleFilterError(f"restart_targets: no workload is called {', '.join(strangers)}")
    return targets


def restart_decisions(
    looks: Objects,
    aliases: Objects,
    fallbacks: Sequence[str],
    signal: str = "TERM",
    kill: bool = False,
    plans: Objects = (),
) -> list[dict[str, Any]]:
    """Return what is done with each workload. `aliases` and `plans` are in the order of `looks`, or empty."""
    return [
        role_decision.decide_workload(
            look, aliases[number] if aliases else {}, plans[number] if plans else {}, fallbacks, signal, kill=kill
        )
        for number, look in enumerate(looks)
    ]


def restart_unpacked(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole of a result. Raises AnsibleFilterError."""
    try:
        return packed_result.unpacked(result)
    except ValueError as error:
        raise AnsibleFilterError(f"restart_unpacked: {error}") from error


class FilterModule:
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "restart_option_faults": restart_option_faults,
            "restart_targets": restart_targets,
            "restart_decisions": restart_decisions,
            "restart_unpacked": restart_unpacked,
            "restart_pods_left": role_results.pods_left,
            "restart_proof_faults": proof.proof_faults,
            "restart_entries": role_results.entries_of,
            "restart_joined": role_results.joined,
            "restart_summary": role_results.run_summary,
        }
