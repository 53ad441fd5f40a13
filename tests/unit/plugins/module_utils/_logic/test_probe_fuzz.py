# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile output: what real shells print of real processes, cut, mixed and changed. It gives facts or a ProbeError."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from functools import cache
from pathlib import Path

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe import probe_script
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import (
    ProbeError,
    parse_probe,
    parse_reply,
    probe_is_complete,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[5] / ".build" / "hypothesis")

TOKEN = "t0k3n_of_this_run"
EACH_RUN_THE_SAME = settings(max_examples=800, deadline=None, derandomize=True, database=None)

#: What a line may be made to say: numbers at the edges, masks that are none, frames in the wrong place.
VALUES = st.one_of(
    st.integers(-1, 10**19).map(str),
    st.integers(0, 2**64 - 1).map("{:016x}".format),
    st.text(max_size=30),
    st.sampled_from(["0", "-", "1 1", "running", "do_sigtimedwait", "9" * 18, "²", "\x1b[2J", "nan", "1e9"]),
)
SCRIPT = probe_script(token=TOKEN, act=True, pid=os.getpid())
KEYS = st.sampled_from([*re.findall(r"\w+:(?=\*)", SCRIPT), "wchan", "syscall", "opened"])
WORDS = st.sampled_from(re.findall(r"(?:_w \"\$t|_t) ([a-z_]+)", SCRIPT))
TOLD = re.compile(rf"{TOKEN} \w+ (?=.)|\w+:\t|(wchan|syscall) ")
LINES = st.one_of(
    st.builds("{}\t{}".format, KEYS, VALUES),
    st.builds((TOKEN + " {} {}").format, WORDS, VALUES),
    st.builds((TOKEN + " {}").format, WORDS),
    st.text(max_size=40),
)


@cache
def transcript() -> list[str]:
    """What sh prints of this process, line by line."""
    return subprocess.run(["sh"], input=f"{SCRIPT}\n", capture_output=True, text=True, check=True).stdout.split("\n")


@st.composite
def outputs(draw: st.DrawFn) -> str:
    """A real transcript after a few accidents."""
    lines = list(transcript())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines)))
        match draw(st.sampled_from(["value", "value", "insert", "replace", "drop", "repeat", "cut"])):
            case "insert":
                lines.insert(at, draw(LINES))
            case "replace":
                lines[at : at + 1] = [draw(LINES)]
            case "value" if told := [number for number, line in enumerate(lines) if TOLD.match(line)]:
                at = draw(st.sampled_from(told))
                lines[at] = f"{TOLD.match(lines[at])[0]}{draw(VALUES)}"
            case "drop":
                del lines[at : at + draw(st.integers(1, 9))]
            case "repeat":
                lines[at:at] = lines[at : at + draw(st.integers(1, 40))]
            case "cut":
                lines = lines[:at]
    return "\n".join(lines)


def use(output: str | bytes) -> None:
    """Do with it what the modules do with it."""
    probe_is_complete(output, token=TOKEN)
    parse_reply(output, token=TOKEN)
    with contextlib.suppress(ProbeError):
        facts = parse_probe(output, token=TOKEN, pid=os.getpid())
        assert (facts.age is None) or facts.age >= 0
        assert facts.started_at is None or facts.started_at.tzinfo
        assert str(facts.to_result()).isprintable()
        for signal in (1, 9, 15, 34, 64):
            assert str(judge(facts, signal).to_result()).isprintable()


def test_a_transcript_without_accidents_is_read() -> None:
    facts = parse_probe("\n".join(transcript()), token=TOKEN, pid=os.getpid())
    assert facts.leader
    assert facts.start_time
    assert facts.child


@EACH_RUN_THE_SAME
@given(outputs())
def test_a_changed_transcript(output: str) -> None:
    use(output)


@EACH_RUN_THE_SAME
@given(outputs(), st.data())
def test_changed_bytes(output: str, data: st.DataObject) -> None:
    raw = bytearray(output.encode("utf-8", "surrogatepass"))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        raw[at : at + 1] = data.draw(st.binary(max_size=4))
    use(bytes(raw))


@EACH_RUN_THE_SAME
@given(st.one_of(st.text(), st.binary(), st.lists(LINES, max_size=30).map("\n".join)))
def test_anything_else(output: str | bytes) -> None:
    use(output)
