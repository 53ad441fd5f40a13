# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A shell in a container, and what the scripts of this collection ask it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, ExecSession
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import probe_answer, probe_script
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import parse_probe, parse_reply
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.process_list import (
    ProcessList,
    list_script,
    parse_processes,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import ExecFailed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProbeReply, ProcessFacts

#: The probe answers in milliseconds; a node under load, or a runtime that has to start the shell, takes longer.
PROBE_SECONDS = 30.0
#: How long to wait for the word that the signal went out, or for the session's end with PID 1's. Both come at once, but
#: where a node is busy with many restarts a shell has to wait for its turn, and a session that is closed may lose it.
REPLY_SECONDS = 30.0


@contextmanager
def open_session(api: ClusterApi, pod: Pod, container: str, shell: str) -> Iterator[Session]:
    """An open session in that container of the pod."""
    with api.exec(pod.namespace, pod.name, container, [shell]) as session:
        yield Session(session, secrets.token_hex(8))


def take_up(api: ClusterApi, token: str) -> Session | None:
    """The session that was released with that token, to be closed; None where it is there no more."""
    session = api.take_up(token) if token else None
    return Session(session, token) if session else None


@dataclass(frozen=True, slots=True)
class Session:
    """Its methods raise ExecFailed, ExecCut or ProbeError.

    The scripts go in by standard input: not into the request's address, which proxies limit and audit logs keep.
    """

    session: ExecSession
    token: str

    def list(self) -> ProcessList:
        """The processes that the shell sees."""
        self.session.send_line(list_script(token=self.token))
        return parse_processes(self.session.read_until(f"{self.token} listed", PROBE_SECONDS), token=self.token)

    def probe(self, pid: int, *, act: bool = False) -> ProcessFacts:
        """What there is to know about a process. With `act` the shell then waits for the answer."""
        self.session.send_line(probe_script(token=self.token, act=act, pid=pid))
        return parse_probe(self.session.read_until(f"{self.token} end", PROBE_SECONDS), token=self.token, pid=pid)

    def answer(self, signal: int, *, force: bool) -> ProbeReply:
        """Have it send the signal, and return what it said of that."""
        self.session.send_line(probe_answer(token=self.token, signal=signal, force=force))
        end = self.session.finish(REPLY_SECONDS, last=f"{self.token} sent")
        return parse_reply(end.stdout, token=self.token)

    def release(self) -> None:
        """The shell waits for the answer, for whoever knows the token."""
        self.session.release(self.token)


def lacks_shell(error: Exception, shell: str) -> bool:
    """Whether that is why no session could be had."""
    text = str(error)
    # runc and crun name the program; a container that is "not found" is something else
    missing = any(words in text.lower() for words in ("no such file", "not found"))
    return isinstance(error, ExecFailed) and missing and shell in text


def not_read(error: Exception, shell: str) -> str:
    """Why the process could not be read, in words."""
    text = str(error).rstrip(".")
    if lacks_shell(error, shell):
        return f"the image has no {shell}, and without a shell nothing can be read or sent"
    return f"PID 1 could not be read: {text}"
