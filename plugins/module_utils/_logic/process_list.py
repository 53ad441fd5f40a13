# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The processes that a shell can see: a script like the probe's, and the parser of what it prints.

It runs in the session that the probe follows in, so it does not end the shell. Source of the facts: man 5 proc (stat,
cmdline, cgroup) and man 7 cgroups.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import SHARED, filled, require_token
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import (
    ProbeError,
    decoded,
    frames,
    visible,
)

#: Together they stay below what a session takes in.
MAX_PROCESSES = 800
MAX_LINE = 600

# With cgroup v1 a process is in many hierarchies, and in some of them at the root: the longest path says most.
_LIST = r"""_c() {
c= n=0
while [ $n -lt 20 ] && { l=; IFS= read -r l || [ "$l" ]; }; do
n=$((n+1)) l=${l#*:}; l=${l#*:}
if [ ${#l} -gt ${#c} ]; then c=$l; fi
done
}
_w "$t list 1"
_c </proc/self/cgroup
_w "$t shell $$"
_w "$c"
k=0
for p in /proc/[0-9]*; do
if [ $k -ge @PROCESSES@ ]; then _w "$t more"; break; fi
_s
[ "$b" ] || continue
k=$((k+1)) a=${a#*"("}; a=${a%")"*}
_c <$p/cgroup
l=
if IFS= read -r -d '' l <$p/cmdline; then :
elif command -v tr >/dev/null; then l=$(tr '\000\012' '\012\001' <$p/cmdline | { IFS= read -r l; _w "$l"; })
else l=; fi
_w "$t process ${p##*/} $e $s $b"
_w "$a"
_w "$c"
_w "$l"
done
_w "$t listed"
}
"""


@dataclass(frozen=True, slots=True)
class ListedProcess:
    """One process. `start_time` is in ticks since boot and tells a pid from its successor; `cgroup` is a path.

    `ppid` is 0 for a process whose parent is outside the PID namespace: a container's first one, and each exec session.
    `program` is the first word of the command line, empty where it is not known.
    """

    pid: int
    ppid: int
    state: str
    start_time: int
    name: str
    cgroup: str
    program: str

    def __str__(self) -> str:
        return f"{self.pid} {self.name}"

    @property
    def ended(self) -> bool:
        """It has ended, and its parent has not asked for its exit code yet."""
        return self.state in ("Z", "X")


@dataclass(frozen=True, slots=True)
class ProcessList:
    """What was seen, without the session's own processes. `own_cgroup` is that of the session's shell.

    `complete` is false where there are more processes than the script lists.
    """

    own_cgroup: str
    processes: tuple[ListedProcess, ...]
    complete: bool = True

    def get(self, pid: int, start_time: int | None) -> ListedProcess | None:
        """The process, if it is still the same one."""
        return next((entry for entry in self.processes if (entry.pid, entry.start_time) == (pid, start_time)), None)

    def children(self, pid: int) -> tuple[ListedProcess, ...]:
        """Those that run and have that parent."""
        return tuple(entry for entry in self.processes if entry.ppid == pid and not entry.ended)


def list_script(*, token: str) -> str:
    """Return the script, for the standard input of `sh`; it prints up to `TOKEN listed`. Raises ProbeScriptError."""
    require_token(token)
    return filled(SHARED + _LIST, {"TOKEN": token, "PID": "self", "LINE": MAX_LINE, "PROCESSES": MAX_PROCESSES})


def parse_processes(output: str | bytes, *, token: str) -> ProcessList:
    """Return the processes that the script printed. Raises ProbeError for anything that is no list."""
    shell, own, complete, ended = 0, "", True, False
    found: list[tuple[tuple[str, ...], list[str]]] = []
    lines: list[str] = []
    for frame, line in frames(decoded(output), token):
        if not frame:
            lines.append(line)
            continue
        if frame[0] == "shell" and len(frame) == 2 and frame[1].isdecimal():
            shell, lines = int(frame[1]), []
            found.append((("shell",), lines))
        elif frame[0] == "process":
            lines = []
            found.append((frame[1:], lines))
        elif frame[0] == "more":
            complete = False
        elif frame[0] == "listed":
            ended = True
            break
    if not shell or not ended:
        raise ProbeError("the list of processes breaks off before its end")
    own = visible(found[0][1][0]) if found[0][1] else ""
    listed = [entry for words, text in found[1:] if (entry := _process(words, text))]
    return ProcessList(own, tuple(_without_session(listed, shell)), complete)


def _process(words: tuple[str, ...], lines: list[str]) -> ListedProcess | None:
    """One process: parent, state and start time are in the frame, texts follow."""
    if len(words) != 4 or not all(word.isdecimal() for word in (words[0], words[1], words[3])) or len(lines) < 2:
        return None
    pid, ppid, state, start = words
    program = visible("\n".join(lines[2:]).replace("\x01", "\n"))
    return ListedProcess(int(pid), int(ppid), state, int(start), visible(lines[0]), visible(lines[1]), program)


def _without_session(processes: list[ListedProcess], shell: int) -> list[ListedProcess]:
    """All but the shell that listed them and what it started to do so."""
    own = {shell}
    while more := {entry.pid for entry in processes if entry.ppid in own} - own:
        own |= more
    return [entry for entry in processes if entry.pid not in own]
