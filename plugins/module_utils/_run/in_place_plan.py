# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which containers are restarted in place, in which way, and which are not: all of it before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.debug_container import cannot_have
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import Measured
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import (
    NoAlias,
    fits_better,
    name_to_put_back,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import decide, refusal
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.prestop import cannot_run, runs_first
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.restart_all import RESTART_ALL
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import comes_back, says_ended
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import unreadable
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import FORBIDDEN, ApiError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import VerdictKind
from ansible_collections.saferestart.k8s.plugins.module_utils._run.come_back import Gates
from ansible_collections.saferestart.k8s.plugins.module_utils._run.debug_container import DebugContainers
from ansible_collections.saferestart.k8s.plugins.module_utils._run.experience import known
from ansible_collections.saferestart.k8s.plugins.module_utils._run.image_alias import Aliases
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import Look, look_at
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

Pair = tuple[Pod, Container]
#: HTTP code: no right to exec, which another name of an image does not need.


def plan(
    api: ClusterApi,
    params: Mapping[str, Any],
    target: Target,
    pairs: Sequence[Pair],
    signal: int,
    helpers: DebugContainers,
    gates: Gates,
    *,
    check_mode: bool,
) -> list[Step]:
    """A step for each container, in their order, by the way that `params` ask for (via)."""
    if params["via"] == "image_alias":
        aliases = Aliases(api, gates.nodes, params["image_alias"])
        return [_renamed(aliases, pod, container) for pod, container in pairs]
    if params["via"] == "ephemeral":
        return _from_beside(api, params, target, pairs, signal, helpers, gates, check_mode=check_mode)
    ways = "auto" if params["via"] == "signal" else params["via"]
    try:
        looks = look_at(api, pairs, signal, params["shell"], via=ways, keep=not check_mode)
    except ApiError as error:
        if params["via"] != "auto" or error.status != FORBIDDEN:
            raise
        looks = [
            Look(pod, container, unreadable(signal, str(error).rstrip(".")), no_way=True) for pod, container in pairs
        ]
    steps = [signalled(look, params, look.via, known(target, look)) for look in looks]
    if params["via"] == "auto":
        aliases = Aliases(api, gates.nodes, None)
        return [step if step.underway else _better(aliases, step, params) for step in steps]
    return steps


def signalled(look: Look, params: Mapping[str, Any], via: str, before: Measured | None) -> Step:
    """The step of a container that was looked at, as far as a signal is concerned; `before`: see known()."""
    settles = params["unknown"] == "try"
    prestop, force = params["prestop"], params["force"]
    refused = decide(
        look.pod,
        look.container,
        look.facts,
        look.verdict,
        skip_prestop=prestop != "refuse",
        force=force,
        try_unknown=settles,
        own=look.own,
        known=before,
        whole_pod=via == RESTART_ALL,
    ) or cannot_run(look.container, prestop)
    step = Step(look.pod, look.container, via, look.verdict.reason, refused, look, known=before)
    back = comes_back(look.pod, look.container, whole_pod=via == RESTART_ALL)
    running = look.own and look.container.running and back
    if refused and running and says_ended(look.verdict.reason):
        step.refused, step.underway = None, f"it has ended just now: {look.verdict.reason}"
        return step
    if before and before.basis(refused) == "measured":
        step.basis, step.reason = "measured", before.reason
    elif look.facts and not refused and not force and look.verdict.kind is VerdictKind.UNKNOWN:
        image = look.container.image_id or look.container.container_id
        step.trial = (image, *(look.facts.command or (look.facts.name,)))
        step.reason = f"{look.verdict.reason}: it is tried, on one container of this image and command first"
    step.reason += runs_first(look.container, prestop)
    return step


def _better(aliases: Aliases, step: Step, params: Mapping[str, Any]) -> Step:
    """What `auto` makes of a step whose signal is refused: another name of the image, if that is a way around it.

    It is the better one too where we would have to run a preStop hook, which the kubelet then runs itself.
    """
    look = step.look
    if name_to_put_back(step.pod, step.container):
        return _renamed(aliases, step.pod, step.container)
    if params["prestop"] == "run" and step.container.pre_stop and not step.refused:
        other = _renamed(aliases, step.pod, step.container)
        other.look, other.reason = look, f"it has a preStop hook, and {other.reason}"
        return step if other.refused else other
    if not step.refused or look is None or refusal(step.pod, step.container):
        return step
    if not fits_better(
        step.pod, step.container, look.facts, no_way=look.no_way, skip_prestop=params["prestop"] == "skip"
    ):
        step.refused += "; via: image_alias would have the kubelet stop it, and kill it after its grace period"
        return step
    other = _renamed(aliases, step.pod, step.container)
    if other.refused:
        step.refused += f"; nor by image_alias: {other.refused}"
        return step
    other.look, other.reason = look, f"{step.refused}; instead {other.reason}"
    return other


def _renamed(aliases: Aliases, pod: Pod, container: Container) -> Step:
    """The step of a container whose image is to be given another name."""
    try:
        image = aliases.find(pod, container)
    except NoAlias as error:
        return Step(pod, container, "image_alias", "", str(error))
    reason = f"the kubelet stops and starts it for another name of the same image, {image}"
    if name_to_put_back(pod, container):
        reason = f"it cannot start by the name {container.image} of its image, and gets back its first one, {image}"
    return Step(pod, container, "image_alias", reason, image=image)


def _from_beside(
    api: ClusterApi,
    params: Mapping[str, Any],
    target: Target,
    pairs: Sequence[Pair],
    signal: int,
    helpers: DebugContainers,
    gates: Gates,
    *,
    check_mode: bool,
) -> list[Step]:
    """The steps of containers that are looked at and signalled from ephemeral ones, which are added here.

    None is added where another container is refused already and nothing would be sent to any.
    """
    prestop = params["prestop"]
    reasons = {
        _key(pair): reason
        for pair in pairs
        if (reason := cannot_have(*pair, skip_prestop=prestop != "refuse") or cannot_run(pair[1], prestop))
    }
    reasons |= gates.refusals([pair for pair in pairs if _key(pair) not in reasons])
    wanted = [pair for pair in pairs if _key(pair) not in reasons]
    if not reasons or params["on_refused"] == "skip":
        image, shell = params["ephemeral_image"], params["shell"]
        reasons |= helpers.add(target, wanted, image, shell, dry_run=check_mode)
    running = [pair for pair in wanted if _key(pair) in helpers.added and _key(pair) not in reasons]
    looks = {
        (look.pod.uid, look.container.name): look
        for look in look_at(api, running, signal, params["shell"], beside=helpers.added, keep=not check_mode)
    }
    steps = []
    for pod, container in pairs:
        key = _key((pod, container))
        if key in looks:
            steps.append(signalled(looks[key], params, "ephemeral", known(target, looks[key])))
            continue
        look = Look(pod, container, unreadable(signal, "PID 1 is looked at once its ephemeral container runs"))
        reason = f"{look.verdict.reason}{runs_first(container, prestop)}"
        steps.append(Step(pod, container, "ephemeral", reason, reasons.get(key), look))
    return steps


def _key(pair: Pair) -> tuple[str, str]:
    return pair[0].uid, pair[1].name
