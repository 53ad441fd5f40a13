# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Looking at PID 1 through an exec session, and signalling it in the same session."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    decide,
    is_another_instance,
    unreadable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import probe_answer, probe_script
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import (
    ProbeError,
    parse_probe,
    parse_reply,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import unreadable as unknown
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    ExecCut,
    ExecFailed,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts, ReplyKind
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind

#: The probe answers in milliseconds; a node under load, or a runtime that has to start the shell, takes longer.
PROBE_SECONDS = 30.0
#: How long to read on after the signal. When PID 1 ends at once the session is over long before.
REPLY_SECONDS = 5.0
#: Sessions at a time. Each costs the node a process for a moment.
PARALLEL = 16
#: HTTP codes that say the same of every container.
NOT_ALLOWED = (401, 403)


class NothingSent(SafeRestartError):
    """The signal was not sent: the session or the process changed before it could be."""


class _ForAMoment(NothingSent):
    """It may be otherwise a moment later: in the middle of a fork a process blocks all signals."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found out about PID 1 of one container. Without `facts` the verdict is `unknown` and says why."""

    pod: Pod
    container: Container
    verdict: Verdict
    facts: ProcessFacts | None = None
    inside: str = ""
    """The container that sessions are opened in, where it is another one that sees the same PID 1."""


def look_at(
    api: ClusterApi,
    targets: Sequence[tuple[Pod, Container]],
    signal: int,
    shell: str,
    *,
    inside: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> list[Look]:
    """Look at PID 1 of each container, side by side. Nothing is sent.

    A container that cannot be looked at gets the verdict `unknown` with the reason: no shell, a node that is away. Not
    being allowed to is an ApiError, since it would be the same for each. `inside` names, by the pod's UID and the
    container's name, the container that the session is opened in.
    """

    def look(target: tuple[Pod, Container]) -> Look:
        pod, container = target
        if reason := unreadable(pod, container):
            return Look(pod, container, unknown(signal, reason))
        other = inside.get((pod.uid, container.name), "")
        where = other or container.name
        try:
            facts, verdict = _read(api, pod, where, signal, shell)
            if verdict.kind is VerdictKind.BLOCKED:  # it is for a moment, in the middle of a fork
                facts, verdict = _read(api, pod, where, signal, shell)
        except ApiError as error:
            if error.status in NOT_ALLOWED:
                raise
            return Look(pod, container, unknown(signal, str(error).rstrip(".")))
        except Unreachable as error:  # the server has just answered: it is the way to the node that is cut
            return Look(pod, container, unknown(signal, str(error).rstrip(".")))
        except (ExecFailed, ExecCut, ProbeError) as error:
            return Look(pod, container, unknown(signal, _not_read(error, shell)))
        return Look(pod, container, verdict, facts, other)

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        return list(pool.map(look, targets))


@dataclass(frozen=True, slots=True)
class Signalled:
    """What the signal was sent on; `seen` is false where the session was cut off before it said so."""

    verdict: Verdict
    facts: ProcessFacts
    seen: bool


def look_again(api: ClusterApi, look: Look, shell: str) -> ProcessFacts | str:
    """The facts about PID 1 as they are now, or why they could not be read."""
    try:
        with _probe(api, look.pod, look.inside or look.container.name, shell, act=False) as (_session, _token, facts):
            return facts
    except (ApiError, Unreachable) as error:
        return str(error).rstrip(".")
    except (ExecFailed, ExecCut, ProbeError) as error:
        return _not_read(error, shell)


def signal_pid1(
    api: ClusterApi, look: Look, signal: int, shell: str, *, force: bool, try_unknown: bool = False
) -> Signalled:
    """Look once more and signal, in one session.

    The session lives and dies with the container instance, so what is judged is what is signalled; and it has to be the
    process looked at before, in the instance that the pod's status told of. Raises NothingSent unless the signal went
    out, as far as the session could tell. What it did, only a watch can tell.
    """
    try:
        return _signal(api, look, signal, shell, force=force, try_unknown=try_unknown)
    except _ForAMoment:
        return _signal(api, look, signal, shell, force=force, try_unknown=try_unknown)


def _signal(api: ClusterApi, look: Look, signal: int, shell: str, *, force: bool, try_unknown: bool) -> Signalled:
    """One session that looks and signals."""
    pod, container = look.pod, look.container
    try:
        with _probe(api, pod, look.inside or container.name, shell, act=True) as (session, token, facts):
            verdict = judge(facts, signal)
            if look.facts is None or facts.start_time != look.facts.start_time:
                raise NothingSent("the container has restarted since it was looked at")
            if is_another_instance(container, facts):
                raise NothingSent("the container has restarted since the pod's status was read, run again")
            if reason := decide(
                pod, container, facts, verdict, skip_prestop=True, force=force, try_unknown=try_unknown
            ):
                raise (_ForAMoment if verdict.kind is VerdictKind.BLOCKED else NothingSent)(reason)
            session.send_line(probe_answer(token=token, signal=signal, force=force))
            reply = parse_reply(session.finish(REPLY_SECONDS).stdout, token=token)
    except (ExecFailed, ExecCut, ProbeError) as error:
        raise NothingSent(_not_read(error, shell)) from error
    except (ApiError, Unreachable) as error:  # only opening a session raises these
        raise NothingSent(str(error).rstrip(".")) from error
    if reply.kind in (ReplyKind.REPLACED, ReplyKind.CHANGED, ReplyKind.REFUSED, ReplyKind.LEFT):
        reason = f"PID 1 changed between the look and the signal ({reply.kind})"
        raise (_ForAMoment if reply.kind is ReplyKind.CHANGED else NothingSent)(reason)
    if reply.kind is ReplyKind.SENT and reply.code:
        raise NothingSent(f"the shell's kill failed with {reply.code}")
    return Signalled(verdict, facts, seen=reply.kind is not ReplyKind.NONE)


def _read(api: ClusterApi, pod: Pod, where: str, signal: int, shell: str) -> tuple[ProcessFacts, Verdict]:
    """One session that only reads."""
    with _probe(api, pod, where, shell, act=False) as (_session, _token, facts):
        return facts, judge(facts, signal)


@contextmanager
def _probe(
    api: ClusterApi, pod: Pod, where: str, shell: str, *, act: bool
) -> Iterator[tuple[ExecSession, str, ProcessFacts]]:
    """An open session, its token, and the facts that it read.

    The script goes in by standard input: not into the request's address, which proxies limit and audit logs keep.
    """
    token = secrets.token_hex(8)
    with api.exec(pod.namespace, pod.name, where, [shell]) as session:
        session.send_line(probe_script(token=token, act=act))
        text = session.read_until(f"{token} end", PROBE_SECONDS)
        yield session, token, parse_probe(text, token=token)


def _not_read(error: Exception, shell: str) -> str:
    """Why PID 1 could not be read, in words."""
    text = str(error).rstrip(".")
    # runc and crun name the program; a container that is "not found" is something else
    missing = any(words in text.lower() for words in ("no such file", "not found"))
    if isinstance(error, ExecFailed) and missing and shell in text:
        return f"the image has no {shell}, and without a shell nothing can be read or sent"
    return f"PID 1 could not be read: {text}"
