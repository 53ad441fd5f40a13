# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The probe: one POSIX shell script that reads a process's signal facts and may signal it in the same session.

It needs nothing but a shell. An image may have no cat, no grep and no kill; where tr or uname exist they only add
detail, and nothing else is forked. What it prints is read by _logic/probe_text.py. Sources: man 5 proc, POSIX.1-2017
XCU 2 (shell) and 4 (printf, read, kill).

The dialogue: the script prints its frames up to `TOKEN end`. With act=True it then reads one line. `TOKEN 15` or
`TOKEN TERM` makes it read the masks and the start time again and send; `TOKEN 15 force` sends even when the masks have
changed meanwhile; anything else, and the end of the input, makes it leave. Without act the shell goes on to whatever
its input brings next.

Why a token: a process may put any text into its name and its command line, so frames begin with a word it cannot know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError

MAX_THREADS = 32
MAX_DESCRIPTORS = 512
MAX_WORDS = 64
MAX_LINE = 1000

_TOKEN = re.compile(r"[A-Za-z0-9_]{8,64}\Z")

# Braces: a shell that takes the script from its standard input has to read all of it before it runs any, because the
# answer comes on that input too. The names are short since the script may travel in the address of a request.
#   _w  write one line, cut      _r  copy some lines      _g  write words
#   _s  stat: all of it into a, state s, parent e, start time b
#   _m  a status file's lines, the masks of its handlers into i and c
#   _t  a thread's or child's folder
# (Underscores, because r is an alias in the Korn shells.)
# The redirections to /proc may fail: that is an answer as well, the section stays empty. Standard error is left alone,
# and the session opened without it: a shell that closes its own has its standard input closed by containerd.
# A shell that reads ahead (bash) seeks back after each line, and the kernel then makes the text anew: where a line has
# grown or shrunk meanwhile ('R (running)', 'S (sleeping)') the next one begins in its middle. Such a shell knows
# `read -d ''`, so _m takes the file whole; the others read byte by byte, from one and the same text.
#: What both scripts begin with; see also _logic/process_list.py.
SHARED = r"""{
LC_ALL=C
t=@TOKEN@ q=@PID@ p=/proc/@PID@ N='
'
if printf ''; then _w() { printf '%.@LINE@s\n' "$1"; }
elif print -rn -; then eval '_w() { print -r - "${1:0:@LINE@}"; }'
else _w() { echo "$1"; }; fi
_r() { n=0; while [ $n -lt 16 ] && { l=; IFS= read -r l || [ "$l" ]; }; do _w "$l"; n=$((n+1)); done; }
_s() {
a= b= n=0
while [ $n -lt 9 ] && { l=; IFS= read -r l || [ "$l" ]; }; do a="$a $l" n=$((n+1)); done <$p/stat
set -f; set -- ${a##*")"}; set +f
s=$1 e=$2 b=${20}
}
_m() {
n=0 v= o= c= i=
IFS= read -r -d '' v <$1
case $v in *SigCgt:*) ;; *)
v=
while [ $n -lt 99 ] && IFS= read -r l; do
n=$((n+1)) v="$v$l$N"
case $l in SigCgt:*) break;; esac
done <$1;;
esac
n=0
while [ $n -lt 99 ] && [ "$v" ]; do
n=$((n+1)) l=${v%%"$N"*} v=${v#*"$N"}
case $l in
Name:*|State:*|TracerPid:*|Uid:*|NSpid:*|Threads:*|SigPnd:*|ShdPnd:*|SigBlk:*) o="$o$l$N";;
SigIgn:*) i=$l o="$o$l$N";;
SigCgt:*) c=$l o="$o$l"; break;;
esac
done
_w "$o"
}
_t() {
_w "$t $1 ${2##*/}"
_m $2/status
l=; IFS= read -r l <$2/wchan; _w "wchan $l"
l=; read -r l x <$2/syscall; _w "syscall $l"
}
"""

# Field 22 of stat is the 20th word behind the name, which may hold anything, a newline and brackets too.
# The words of a command line end in NUL. `read -d ''` takes them apart where the shell has it; tr does otherwise, a
# newline inside a word travelling as \001; a bare read drops the NULs, so that the words run together, or ends at one.
# Children are listed as they came: the first is the one that an init was started for (fs/proc/array.c).
_READ = r"""_g() {
n=0
while [ $n -lt @WORDS@ ] && { l=; IFS= read -r "$@" l || [ "$l" ]; }; do _w "$t word"; _w "$l"; n=$((n+1)); done
}
_w "$t probe 1"
_w "$t status"
_m $p/status
C=$c I=$i
_s
_w "$t start $b"
l=; read -r l x </proc/uptime
_w "$t uptime $l"
n=0 l=
while [ $n -lt 2000 ] && read -r l x; do
n=$((n+1))
case $l in btime) _w "$t boot $x"; break;; esac
done </proc/stat
_w "$t comm"
_r <$p/comm
_w "$t cmdline"
l=
if IFS= read -r -d '' l <$p/cmdline; then _w "$t exact"; _g -d '' <$p/cmdline
elif command -v tr >/dev/null; then _w "$t exact"; tr '\000\012' '\012\001' <$p/cmdline | _g
else _g <$p/cmdline; fi
_w "$t threads"
k=0
for d in $p/task/$q $p/task/*; do
[ $k -lt @THREADS@ ] || break
if [ $k -gt 0 ] && [ "$d" = $p/task/$q ]; then continue; fi
k=$((k+1))
_t thread $d
done
l=; read -r l x <$p/task/$q/children
[ "$l" ] && _t child /proc/$l
_w "$t fds"
n=0 k=0
for f in $p/fdinfo/? $p/fdinfo/?? $p/fdinfo/???*; do
[ $n -lt @FDS@ ] || break
[ -e "$f" ] || continue
n=$((n+1)) m=0 l=
while [ $m -lt 8 ] && IFS= read -r l; do
m=$((m+1))
case $l in sigmask:*) _w "$l";; esac
done <$f
[ $m -gt 0 ] && k=$((k+1))
done
_w "opened $k of $n"
_w "$t arch"
l=; read -r l </proc/sys/kernel/arch
if [ -z "$l" ] && [ "$BASH_VERSION" ]; then l=$HOSTTYPE; fi
if [ "$l" ]; then _w "$l"; else uname -m; fi
_w "$t own"
n=0 l=
while [ $n -lt 99 ] && IFS= read -r l; do
n=$((n+1))
case $l in Uid:*) _w "$l"; break;; esac
done </proc/self/status
kill -0 $q
_w "$t access $?"
_w "$t cgroup"
_r <$p/cgroup
_w "$t own_cgroup"
_r </proc/self/cgroup
_w "$t end"
"""

# The start time is compared even under force: a pid that was given away belongs to someone else.
_ACT = r"""z=$b f= l=
IFS= read -r l
case $l in "$t "?*) x=${l#"$t "};; *) _w "$t left"; exit 0;; esac
case $x in *" force") f=1 x=${x% force};; esac
case $x in ""|-*|*[!A-Z0-9+-]*) _w "$t refused"; exit 0;; esac
_w "$t recheck"
_m $p/status
_s
_w "$t start $b"
if [ -z "$b" ] || [ "$b" != "$z" ]; then _w "$t replaced"; exit 0; fi
if [ -z "$f" ] && [ "$c$i" != "$C$I" ]; then _w "$t changed"; exit 0; fi
_w "$t sending $x"
case $x in *[!0-9]*) kill -s "$x" $q;; *) kill -"$x" $q;; esac
_w "$t sent $?"
"""


class ProbeScriptError(SafeRestartError):
    """The probe cannot be written for such a token or pid: a fault of the caller."""


def require_token(token: str) -> None:
    """Raise ProbeScriptError for a text that could be more to a shell than a word."""
    if _TOKEN.match(token) is None:
        raise ProbeScriptError(f"a token has 8 to 64 letters, digits and underscores, not {token[:80]!r}")


def probe_script(*, token: str, act: bool = False, pid: int = 1) -> str:
    """Return the script, for `sh -c SCRIPT` or, with a newline behind it, for the standard input of `sh`.

    The standard input keeps it out of audit logs and of the container's process list, and away from limits on the
    length of an address. `token` is 8 to 64 random letters, digits and underscores, a new one for each run. Raises
    ProbeScriptError.
    """
    require_token(token)
    if isinstance(pid, bool) or pid < 1:
        raise ProbeScriptError(f"a pid is 1 or more, not {pid!r}")
    values = {
        "TOKEN": token,
        "PID": pid,
        "LINE": MAX_LINE,
        "WORDS": MAX_WORDS,
        "THREADS": MAX_THREADS,
        "FDS": MAX_DESCRIPTORS,
    }
    return filled(SHARED + _READ + (_ACT + "exit 0\n" if act else "") + "}", values)


def filled(text: str, values: Mapping[str, object]) -> str:
    """The script with each @NAME@ replaced by its value."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def probe_answer(*, token: str, signal: int, force: bool = False) -> str:
    """Return the line that makes a waiting probe send the signal, its newline included.

    A number, because shells do not agree on the names of real-time signals. Raises ProbeScriptError.
    """
    require_token(token)
    if isinstance(signal, bool) or not 1 <= signal <= 128:
        raise ProbeScriptError(f"a signal has a number from 1 to 128, not {signal!r}")
    return f"{token} {signal}{' force' if force else ''}\n"
