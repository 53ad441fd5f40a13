# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real script in real shells, sending: to processes of these tests, and to PID 1 of PID namespaces made for them.

Nothing here is ever sent to this machine's own PID 1.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import probe_answer, probe_script
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import (
    parse_probe,
    parse_reply,
    probe_is_complete,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProbeReply, ProcessFacts, ReplyKind

StartChild = Callable[..., "subprocess.Popen[bytes]"]
StartDialogue = Callable[..., "Dialogue"]
TOKEN = "t0k3n_of_this_run"
SECONDS = 20
ENDED, SURVIVED = 3, 7

# PID 1 of a namespace: it prepares itself, starts the shell on its own input and output, and tells by its exit code
# whether it outlived that. The order of events needs no clock: the shell ends after it has sent the signal.
PID_1 = r"""
import os, pathlib, signal, sys, threading, time
mode, folder, shell = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
def end(*_args): os._exit(3)
def watch(condition):
    while not condition(): time.sleep(0.005)
def change():
    watch((folder / "go").exists)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    (folder / "done").touch()
def run():
    child = os.fork()  # unlike subprocess, which blocks all signals for a moment
    if not child: os.execv(shell[0], shell)
    return child
def start():
    watch(lambda: "sigtimedwait" in pathlib.Path("/proc/self/task/1/wchan").read_text())
    run()
if mode in ("handler", "changing"): signal.signal(signal.SIGTERM, end)
if mode == "real_time": signal.signal(37, end)
if mode == "ignore": signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "block": signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
if mode == "sigwait":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    threading.Thread(target=start, daemon=True).start()
    signal.sigwait([signal.SIGTERM])
    end()
started = run()
if mode == "changing": change()
os.waitpid(started, 0)
os._exit(7)
"""


class Dialogue:
    """A shell that runs the probe, fed on its standard input as through an exec session."""

    def __init__(self, command: Sequence[str], *, pid: int = 1) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.pid = pid
        self.output = b""
        self.write(probe_script(token=TOKEN, act=True, pid=pid) + "\n")

    def write(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())

    def facts(self) -> ProcessFacts:
        self._read_until(lambda: probe_is_complete(self.output, token=TOKEN))
        return parse_probe(self.output, token=TOKEN, pid=self.pid)

    def reply(self, answer: str) -> ProbeReply:
        """Give the answer, close the input, and read to the end."""
        assert self.process.stdin
        self.write(answer)
        self.process.stdin.close()
        self._read_until(lambda: False)
        return parse_reply(self.output, token=TOKEN)

    def _read_until(self, enough: Callable[[], bool]) -> None:
        assert self.process.stdout
        end = time.monotonic() + SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not enough():
                assert selector.select(end - time.monotonic()), f"silence after {self.output[-400:]!r}"
                chunk = os.read(self.process.stdout.fileno(), 65536)
                if not chunk:
                    return
                self.output += chunk

    def exit_code(self) -> int:
        return self.process.wait(SECONDS)

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def dialogues() -> Iterator[StartDialogue]:
    """Starts probes that wait for an answer, and ends them."""
    started: list[Dialogue] = []

    def start(command: Sequence[str], *, pid: int = 1) -> Dialogue:
        started.append(Dialogue(command, pid=pid))
        return started[-1]

    yield start
    for dialogue in started:
        dialogue.close()


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """The command that makes a PID namespace. It needs no root, but it needs user namespaces."""
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.fail(
            f"these tests make a PID namespace, and that is not permitted here: {tried.stderr.strip()}."
            " See the sysctls user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns."
        )
    return command


@pytest.mark.parametrize("answer", [probe_answer(token=TOKEN, signal=15), f"{TOKEN} TERM\n"], ids=["number", "name"])
def test_a_signal_is_sent(shell: list[str], answer: str, child: StartChild, dialogues: StartDialogue) -> None:
    process = child()
    dialogue = dialogues(shell, pid=process.pid)
    facts = dialogue.facts()
    reply = dialogue.reply(answer)
    assert (reply.kind, reply.code, dialogue.exit_code()) == (ReplyKind.SENT, 0, 0)
    assert process.wait(SECONDS) == ENDED
    assert (reply.sig_cgt, reply.sig_ign, reply.start_time) == (facts.sig_cgt, facts.sig_ign, facts.start_time)


def test_a_process_that_is_gone_gets_nothing(shell: list[str], child: StartChild, dialogues: StartDialogue) -> None:
    process = child()
    dialogue = dialogues(shell, pid=process.pid)
    dialogue.facts()
    process.kill()
    process.wait(SECONDS)
    assert dialogue.reply(probe_answer(token=TOKEN, signal=15, force=True)).kind is ReplyKind.REPLACED
    assert dialogue.exit_code() == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("", ReplyKind.LEFT),
        ("\n", ReplyKind.LEFT),
        ("TERM\n", ReplyKind.LEFT),
        ("another_token 15\n", ReplyKind.LEFT),
        (f"{TOKEN} \n", ReplyKind.LEFT),
        (f"{TOKEN} -9\n", ReplyKind.REFUSED),
        (f"{TOKEN} 15 1\n", ReplyKind.REFUSED),
        (f"{TOKEN} $(true)\n", ReplyKind.REFUSED),
        (f"{TOKEN}  force\n", ReplyKind.REFUSED),
    ],
)
def test_any_other_answer_sends_nothing(
    shell: list[str], answer: str, kind: ReplyKind, child: StartChild, dialogues: StartDialogue
) -> None:
    process = child()
    dialogue = dialogues(shell, pid=process.pid)
    dialogue.facts()
    assert dialogue.reply(answer).kind is kind
    assert dialogue.exit_code() == 0
    assert process.poll() is None


@pytest.mark.parametrize(
    ("mode", "number", "kind", "code"),
    [
        ("handler", 15, "handled", ENDED),
        ("sigwait", 15, "waited", ENDED),
        ("real_time", 37, "handled", ENDED),
        ("default", 15, "default", SURVIVED),
        ("ignore", 15, "ignored", SURVIVED),
        ("block", 15, "blocked", SURVIVED),
        ("handler", 9, "default", SURVIVED),
        ("handler", 19, "default", SURVIVED),
    ],
)
def test_the_verdict_on_pid_1_comes_true(
    shell: list[str],
    mode: str,
    number: int,
    kind: str,
    code: int,
    namespace: list[str],
    tmp_path: Path,
    dialogues: StartDialogue,
) -> None:
    dialogue = dialogues([*namespace, sys.executable, "-c", PID_1, mode, str(tmp_path), *shell])
    verdict = judge(dialogue.facts(), number)
    reply = dialogue.reply(probe_answer(token=TOKEN, signal=number))
    assert (verdict.kind, dialogue.exit_code()) == (kind, code), verdict
    assert verdict.acts == (code == ENDED)
    # The namespace takes the shell with it, perhaps before its last line.
    assert reply.kind in (ReplyKind.SENDING, ReplyKind.SENT)
    assert reply.code in (None, 0)


@pytest.mark.parametrize(("force", "kind"), [(False, ReplyKind.CHANGED), (True, ReplyKind.SENT)])
def test_masks_that_changed_meanwhile_stop_the_signal(
    shell: list[str], force: bool, kind: ReplyKind, namespace: list[str], tmp_path: Path, dialogues: StartDialogue
) -> None:
    dialogue = dialogues([*namespace, sys.executable, "-c", PID_1, "changing", str(tmp_path), *shell])
    assert judge(dialogue.facts(), 15).kind == "handled"
    (tmp_path / "go").touch()
    end = time.monotonic() + SECONDS
    while not (tmp_path / "done").exists():
        assert time.monotonic() < end
    reply = dialogue.reply(probe_answer(token=TOKEN, signal=15, force=force))
    assert (reply.kind, dialogue.exit_code()) == (kind, SURVIVED)
    assert reply.sig_cgt is not None
    assert 15 not in reply.sig_cgt
