# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Looking at a container's process through an exec session, and signalling it in the same session.

It is PID 1 of the container, or the container's first process where its pod shares a PID namespace, or one by name. The
session is in the container itself or, in such a pod, in a sibling that has a shell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import is_away
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.expectation import Family
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.find_process import (
    FIRST,
    NoSuchName,
    ProcessNotFound,
    Wanted,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.in_place import (
    is_another_instance,
    is_told_instance,
    unreadable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import ProbeError
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.underway import says_ended, says_unknown
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
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD
from ansible_collections.saferestart.k8s.plugins.module_utils._model.verdict import Verdict, VerdictKind
from ansible_collections.saferestart.k8s.plugins.module_utils._run.session import (
    Session,
    lacks_shell,
    not_read,
    open_session,
    take_up,
)

#: Sessions at a time. Each costs the node a process for a moment.
PARALLEL = 16
#: HTTP codes that say the same of every container.
NOT_ALLOWED = (401, 403)


class NothingSent(SafeRestartError):
    """The signal was not sent: the session or the process changed before it could be."""


class Gone(NothingSent):
    """The process has ended, or another one is in its place: the container is being restarted already, not by us.

    `started_at` is when the other one was started, where it may have been before this run looked at it.
    """

    def __init__(self, message: str, started_at: datetime | None = None) -> None:
        super().__init__(message)
        self.started_at = started_at


class OutOfReach(NothingSent):
    """There was no way to the container just now: its kubelet or the API server is away, or the session was cut."""


class _ForAMoment(NothingSent):
    """It may be otherwise a moment later.

    In the middle of a fork a process blocks all signals; and a session that was kept may have been cut off since.
    """


@dataclass(frozen=True, slots=True)
class Look:
    """What was found out about the process of one container. Without `facts` the verdict is `unknown` and says why.

    `inside` is the container that the session was in; `token`, where its shell waits there for the answer, is its name.
    `nameless`: the container was searched, and no process of it has the name that was asked for. `family` is None where
    the processes did not have to be listed. `no_way`: nothing can ever be sent, for want of a shell or of the right to
    exec; a session that was cut may be had a moment later.
    """

    pod: Pod
    container: Container
    verdict: Verdict
    facts: ProcessFacts | None = None
    inside: str = ""
    family: Family | None = None
    nameless: bool = False
    no_way: bool = False
    token: str = ""

    @property
    def own(self) -> bool:
        """Whether the session was in the container itself."""
        return self.inside in ("", self.container.name)

    @property
    def via(self) -> str:
        """How it was reached, and is signalled."""
        return "exec" if self.own else "sibling"


def look_at(
    api: ClusterApi,
    targets: Sequence[tuple[Pod, Container]],
    signal: int,
    shell: str,
    *,
    wanted: Wanted = FIRST,
    via: str = "auto",
    beside: Mapping[tuple[str, str], str] = MappingProxyType({}),
    keep: bool = False,
) -> list[Look]:
    """Look at the wanted process of each container, side by side. Nothing is sent.

    A container that cannot be looked at gets the verdict `unknown` with the reason: no shell, a node that is away. Not
    being allowed to is an ApiError, since it would be the same for each. `via` is exec, sibling or auto.
    `beside` names ephemeral containers, by the pod's UID and the name of the container whose PID namespace they share:
    sessions are in them instead. With `keep` the sessions wait for a while for signal_pid1, where the process has a
    handler: nothing else of it matters, and the shell reads the handlers once more before it sends.
    """

    def look(target: tuple[Pod, Container]) -> Look:
        pod, container = target
        if reason := unreadable(pod, container):
            return Look(pod, container, unknown(signal, reason))
        looks: list[Look] = []
        other = beside.get((pod.uid, container.name))
        for inside in [other] if other else _ways(pod, container, via):
            seen = _look(api, pod, container, inside, signal, shell, wanted, keep=keep)
            if seen.facts and seen.facts.may_signal is not False:
                return seen
            looks.append(seen)
        return _most_telling(looks) if looks else Look(pod, container, unknown(signal, _no_way(pod)))

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        return list(pool.map(look, targets))


def _ways(pod: Pod, container: Container, via: str) -> list[str]:
    """The containers that a session can be in, the container itself first."""
    siblings = [entry.name for entry in pod.containers if entry.running and entry.name != container.name]
    own = [container.name] if via in ("auto", "exec") else []
    return own + (siblings if via in ("auto", "sibling") and pod.share_process_namespace else [])


def _no_way(pod: Pod) -> str:
    """Why there is none."""
    if not pod.share_process_namespace:
        return "the pod does not share its PID namespace, so that no sibling sees the container's processes"
    return "no other container of the pod is running"


def _most_telling(looks: Sequence[Look]) -> Look:
    """Of those that cannot signal: one that could read, else the first, which says why."""
    return next((seen for seen in looks if seen.facts or seen.nameless), looks[0])


def _look(
    api: ClusterApi,
    pod: Pod,
    container: Container,
    inside: str,
    signal: int,
    shell: str,
    wanted: Wanted,
    *,
    keep: bool,
) -> Look:
    """One look from inside one container."""

    def blind(reason: str, *, nameless: bool = False, no_way: bool = False) -> Look:
        verdict = unknown(signal, reason.rstrip("."))
        return Look(pod, container, verdict, inside=inside, nameless=nameless, no_way=no_way)

    def read() -> Look:
        with open_session(api, pod, inside, shell) as session:
            family = None
            if wanted.needs_list(pod):
                listing = session.list()
                family = Family.of(wanted.find(listing, pod, container, own=inside == container.name), listing)
            facts = session.probe(family.head.pid if family else 1, act=keep)
            verdict = judge(facts, signal)
            waits = keep and verdict.kind is VerdictKind.HANDLED
            if waits:
                session.release()
        return Look(pod, container, verdict, facts, inside, family, token=session.token if waits else "")

    try:
        seen = read()
        # it is blocked for a moment, in the middle of a fork
        return read() if seen.verdict.kind is VerdictKind.BLOCKED else seen
    except ApiError as error:
        if error.status in NOT_ALLOWED:
            raise
        return blind(str(error))
    except Unreachable as error:  # the server has just answered: it is the way to the node that is cut
        return blind(str(error))
    except ProcessNotFound as error:
        return blind(str(error), nameless=isinstance(error, NoSuchName))
    except (ExecFailed, ExecCut, ProbeError) as error:
        return blind(not_read(error, shell), no_way=lacks_shell(error, shell))


def family_now(api: ClusterApi, look: Look, shell: str) -> Family | None:
    """The process that was looked at and its children as they are now; None if it is gone.

    Raises ExecFailed, ExecCut or ProbeError where that cannot be told, and the errors of opening a session.
    """
    if look.facts is None:
        return None
    with open_session(api, look.pod, look.inside, shell) as session:
        listing = session.list()
    head = listing.get(look.facts.pid, look.facts.start_time)
    return Family.of(head, listing) if head and not head.ended else None


def look_again(api: ClusterApi, look: Look, shell: str) -> ProcessFacts | str:
    """The facts about the process as they are now, or why they could not be read. Raises Gone and OutOfReach."""
    try:
        with open_session(api, look.pod, look.inside or look.container.name, shell) as session:
            return session.probe(look.facts.pid if look.facts else 1)
    except (ApiError, Unreachable, ExecFailed, ExecCut, ProbeError) as error:
        reason = _unsent(look, error, shell)
        if isinstance(reason, Gone | OutOfReach):
            raise reason from error
        return str(reason)


@dataclass(frozen=True, slots=True)
class Signalled:
    """What the signal was sent on; `seen` is false where the session was cut off before it said so."""

    verdict: Verdict
    facts: ProcessFacts
    seen: bool


Refuse = Callable[[ProcessFacts, Verdict], "str | None"]


def signal_pid1(
    api: ClusterApi, look: Look, signal: int, shell: str, *, force: bool, refuse: Refuse, asked_only: bool = False
) -> Signalled:
    """Signal it, in the session that looked at it, or in a new one that looks once more.

    With `asked_only` a session of its own ends where the signal would be sent. A session lives and dies with the
    container instance, so what is judged is what is signalled; and it has to be the process looked at before, in the
    instance that the pod's status told of. `refuse` says of the last facts why nothing is sent, None if it may be.
    Raises NothingSent unless the signal went out, as far as the session could tell. What it did, only a watch can tell.
    """
    try:
        return _signal(api, look, signal, shell, refuse, force=force, asked_only=asked_only)
    except _ForAMoment:
        return _signal(api, look, signal, shell, refuse, force=force, asked_only=asked_only)


def _signal(
    api: ClusterApi, look: Look, signal: int, shell: str, refuse: Refuse, *, force: bool, asked_only: bool
) -> Signalled:
    """One session that looks and signals."""
    if look.facts is None:
        raise NothingSent("nothing could be read")
    try:
        with _waiting_shell(api, look, look.facts, shell, anew=asked_only) as (session, facts):
            verdict = _require_as_looked_at(api, look, facts, signal, refuse)
            if asked_only:
                return Signalled(verdict, facts, seen=False)
            reply = session.answer(signal, force=force)
    except (ApiError, Unreachable, ExecFailed, ExecCut, ProbeError) as error:  # what raises these is before the answer
        raise _unsent(look, error, shell) from error
    if reply.kind is ReplyKind.REPLACED:
        raise Gone(f"PID {facts.pid} is another process since it was looked at")
    if reply.kind in (ReplyKind.CHANGED, ReplyKind.REFUSED, ReplyKind.LEFT):
        reason = f"PID {facts.pid} changed between the look and the signal ({reply.kind})"
        raise (_ForAMoment if reply.kind is ReplyKind.CHANGED else NothingSent)(reason)
    if reply.kind is ReplyKind.SENT and reply.code:
        raise NothingSent(f"the shell's kill failed with {reply.code}")
    return Signalled(verdict, facts, seen=reply.kind is not ReplyKind.NONE)


@contextmanager
def _waiting_shell(
    api: ClusterApi, look: Look, facts: ProcessFacts, shell: str, *, anew: bool
) -> Iterator[tuple[Session, ProcessFacts]]:
    """A shell that waits for the answer, and the facts that it read: of the look, if it still waits, or a new one."""
    if not anew and (kept := take_up(api, look.token)):
        with kept.session:
            try:
                yield kept, facts
            except ExecCut as error:
                raise _ForAMoment(str(error)) from error
        return
    with open_session(api, look.pod, look.inside or look.container.name, shell) as session:
        yield session, session.probe(facts.pid, act=True)


def _unsent(look: Look, error: SafeRestartError, shell: str) -> NothingSent:
    """Why nothing was sent, by what went wrong before it could be. A sibling that has ended says nothing of another."""
    own = isinstance(error, ApiError | Unreachable)
    words = str(error).rstrip(".") if own else not_read(error, shell)
    if says_ended(words) and look.own:
        return Gone(words)
    away = is_away(error) or isinstance(error, ExecCut) or says_ended(words) or says_unknown(words)
    return OutOfReach(words) if away else NothingSent(words)


def _require_as_looked_at(api: ClusterApi, look: Look, facts: ProcessFacts, signal: int, refuse: Refuse) -> Verdict:
    """The verdict on these last facts. Raises NothingSent for another process, or one that is not to be signalled."""
    verdict = judge(facts, signal)
    if look.facts is None or facts.start_time != look.facts.start_time:
        raise Gone("the container has restarted since it was looked at")
    if is_another_instance(look.container, facts):
        raise Gone("the container has restarted since the pod's status was read, run again", facts.started_at)
    if not is_told_instance(look.container, facts):
        _require_same_pod(api, look.pod)
    if reason := refuse(facts, verdict):
        raise (_ForAMoment if verdict.kind is VerdictKind.BLOCKED else NothingSent)(reason)
    return verdict


def _require_same_pod(api: ClusterApi, pod: Pod) -> None:
    """Raises NothingSent where another pod has the name by now: sessions are opened by name, and it may use hostPID.

    Asked while a session is open, so that it is true of the pod that the session is in.
    """
    now = Pod.from_object(api.get(POD, pod.namespace, pod.name))
    if now.uid != pod.uid or now.host_pid:
        raise NothingSent("another pod has taken its name since it was looked at")
