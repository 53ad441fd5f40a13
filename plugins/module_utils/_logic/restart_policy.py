# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a container is started again when its process ends, by its policy and the rules about exit codes. Pure.

Source in Kubernetes: ContainerShouldRestart and findMatchingContainerRestartRule in pkg/api/v1/pod/util.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container

#: Nobody knows before which one it is going to be.
EXIT_CODES = range(256)
_THIS_ONE = "Restart"
#: The rule that restarts all containers of the pod (KEP-5532, beta since Kubernetes 1.36).
WHOLE_POD = "RestartAllContainers"


def not_started_again(container: Container) -> str | None:
    """Why the container may stay down once it has ended; None if it is started again whatever its exit code is."""
    codes = [code for code in EXIT_CODES if None in _possible(container, code)]
    if not codes:
        return None
    if len(codes) == len(EXIT_CODES):
        return f"it would not be started again: its restartPolicy is {container.restart_policy}"
    if codes == [0]:
        return (
            "it would be started again only after a non-zero exit code "
            f"(restartPolicy {container.restart_policy}), and a process that handles a signal mostly exits with 0"
        )
    return (
        f"it would not be started again after exit code {ranges(codes)}, by its restartPolicy "
        f"{container.restart_policy} and its restartPolicyRules, and which code it ends with is not known before"
    )


def restarts_whole_pod(container: Container) -> str | None:
    """Why more than this container may be restarted, or None."""
    codes = whole_pod_codes(container)
    if not codes:
        return None
    when = "it ends" if len(codes) == len(EXIT_CODES) else f"it ends with exit code {ranges(codes)}"
    return (
        f"when {when} all containers of the pod are restarted: it has a rule {WHOLE_POD} (via: restart_all_containers)"
    )


def whole_pod_codes(container: Container) -> list[int]:
    """The exit codes after which all containers of the pod may be restarted."""
    return [code for code in EXIT_CODES if WHOLE_POD in _possible(container, code)]


def _possible(container: Container, code: int) -> set[str | None]:
    """What may follow that exit code: an action of a rule, or None for nothing."""
    found: set[str | None] = set()
    for rule in container.restart_rules:
        matches = rule.matches(code)
        if matches is not False and rule.action in (_THIS_ONE, WHOLE_POD):
            found.add(rule.action)
            if matches:
                return found
        if matches:  # an action that is not known leaves it to the policy
            break
    policy = container.restart_policy
    again = policy == "Always" or (policy == "OnFailure" and code != 0)
    return found | {_THIS_ONE if again else None}


def ranges(codes: Iterable[int]) -> str:
    """Exit codes in a sentence: `0, 3 to 9`."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in spans)
