# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.probe_text import (
    ProbeError,
    parse_probe,
    parse_reply,
    probe_is_complete,
    visible,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts, ReplyKind

TOKEN = "t0k3n_of_this_run"
ZERO = "0000000000000000"


def output(**changes: str | None) -> str:
    """What a probe prints, with sections replaced, or left out with None."""
    sections: dict[str, str | None] = {
        "probe 1": "",
        "status": (
            "Name:\tapp\nState:\tS (sleeping)\nUid:\t0\t1000\t0\t0\nNSpid:\t7\t1\nThreads:\t2\n"
            f"SigPnd:\t{ZERO}\nShdPnd:\t0000000000000200\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"
            "SigCgt:\t0000000000004002\n"
        ),
        "start 4242": "",
        "uptime 99.42": "",
        "boot 1700000000": "",
        "comm": "app\n",
        "cmdline": "",
        "exact": "",
        "word": "/bin/app\n@word\n--title\n@word\ntwo\x01lines\n@word\n\n@word\n\n",
        "threads": "",
        "thread 1": f"Name:\tapp\nSigPnd:\t{ZERO}\nSigBlk:\t0000000000000001\nwchan do_sigtimedwait\nsyscall 128\n",
        "thread 9": f"Name:\tworker\nSigPnd:\t{ZERO}\nSigBlk:\t{ZERO}\nwchan 0\nsyscall running\n",
        "child 7": None,
        "fds": "sigmask:\t0000000000004000\nopened 3 of 3\n",
        "arch": "x86_64\n",
        "own": "Uid:\t0\t0\t0\t0\n",
        "access 0": "",
        "cgroup": "0::/\n",
        "own_cgroup": "0::/\n",
        "end": "",
    }
    for name, text in changes.items():
        sections[name.replace("_", " ") if name not in sections else name] = text
    text = "".join(f"@{name}\n{body}" for name, body in sections.items() if body is not None)
    return text.replace("@", f"{TOKEN} ")


def parsed(**changes: str | None) -> ProcessFacts:
    return parse_probe(output(**changes), token=TOKEN)


def test_all_facts_are_read() -> None:
    facts = parsed()
    assert facts.to_result() == {
        "pid": 1,
        "name": "app",
        "command": ["/bin/app", "--title", "two\\nlines"],
        "command_exact": True,
        "state": "S (sleeping)",
        "uid": 1000,
        "masks": {
            "SigPnd": ZERO,
            "ShdPnd": "0000000000000200",
            "SigBlk": "0000000000000001",
            "SigIgn": "0000000000001000",
            "SigCgt": "0000000000004002",
        },
        "signals": {
            "SigPnd": [],
            "ShdPnd": ["SIGUSR1"],
            "SigBlk": ["SIGHUP"],
            "SigIgn": ["SIGPIPE"],
            "SigCgt": ["SIGINT", "SIGTERM"],
        },
        "thread_count": 2,
        "threads": [
            {
                "tid": 1,
                "name": "app",
                "sig_pnd": ZERO,
                "sig_blk": "0000000000000001",
                "wchan": "do_sigtimedwait",
                "syscall": 128,
            },
            {"tid": 9, "name": "worker", "sig_pnd": ZERO, "sig_blk": ZERO, "wchan": None, "syscall": None},
        ],
        "signalfds": ["0000000000004000"],
        "arch": "x86_64",
        "own_uid": 0,
        "may_signal": True,
    }
    assert (facts.cgroup, facts.own_cgroup, facts.start_time) == (("0::/",), ("0::/",), 4242)
    assert (facts.uptime, facts.boot_time) == (99.42, 1700000000)
    assert facts.started_at == datetime(2023, 11, 14, 22, 14, 2, 420000, tzinfo=UTC)
    assert facts.age == pytest.approx(57.0)
    assert facts.is_init
    assert facts.threads_complete
    assert facts.leader is facts.threads[0]


def test_a_time_beyond_any_clock_is_none() -> None:
    facts = parse_probe(output().replace("boot 1700000000", "boot 999999999999999999"), token=TOKEN)
    assert facts.started_at is None


def test_the_child_is_a_process_of_its_own() -> None:
    masks = "".join(f"{name}:\t{ZERO}\n" for name in ("SigPnd", "ShdPnd", "SigBlk", "SigIgn"))
    text = f"Name:\tnode\nNSpid:\t30\t7\nThreads:\t11\n{masks}SigCgt:\t0000000000004000\nwchan do_wait\nsyscall 61\n"
    child = parsed(**{"child 7": text}).child
    assert child
    assert (child.pid, child.name, child.nspid, child.thread_count, child.arch) == (7, "node", (30, 7), 11, "x86_64")
    assert child.sig_cgt.hex() == "0000000000004000"
    assert child.leader
    assert child.leader.wchan == "do_wait"
    assert not child.is_init


@pytest.mark.parametrize("text", [None, "", f"Name:\tapp\nSigCgt:\t{ZERO}\n"])
def test_a_child_that_is_not_there_or_has_gone(text: str | None) -> None:
    assert parsed(**{"child 7": text}).child is None


def test_bytes_and_text_give_the_same() -> None:
    assert parse_probe(output().encode(), token=TOKEN) == parsed()


def test_line_ends_of_a_terminal_do_no_harm() -> None:
    facts = parse_probe(output(comm=None).replace("\n", "\r\n"), token=TOKEN)
    assert facts.sig_cgt == parsed().sig_cgt
    assert facts.start_time == 4242


def test_the_answer_may_follow() -> None:
    text = output() + f"{TOKEN} recheck\nSigCgt:\t{ZERO}\n{TOKEN} start 1\n{TOKEN} sent 0\n"
    assert parse_probe(text, token=TOKEN) == parsed()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it printed nothing"),
        ("sh: not found\n", "'sh: not found'"),
        ("\x1b[2J" + "x" * 999, "\\x1b[2J"),
        (f"{TOKEN} probe 2\n{TOKEN} end\n", "did not start"),
        (f"{TOKEN} probe 1\n{TOKEN} status\n", "breaks off before its end"),
        (f"{TOKEN} probe 1\n{TOKEN} end\n", "/proc/1/status has no SigPnd, ShdPnd, SigBlk, SigIgn, SigCgt"),
        (output().replace("SigCgt", "SigCat"), "/proc/1/status has no SigCgt"),
        (output().replace("0000000000004002", "rubbish"), "SigCgt of /proc/1/status: 'rubbish' is no signal mask"),
        (output().replace("0000000000004002", "\x1b[2J"), "\\x1b[2J"),
        (output().replace(TOKEN, "another_token"), "did not start"),
    ],
)
def test_what_is_missing_is_named(text: str, words: str) -> None:
    with pytest.raises(ProbeError) as error:
        parse_probe(text, token=TOKEN)
    assert words in str(error.value)
    assert len(str(error.value)) < 400
    assert str(error.value).isprintable()


def test_completeness() -> None:
    assert probe_is_complete(output(), token=TOKEN)
    assert probe_is_complete(output().encode(), token=TOKEN)
    assert not probe_is_complete(output(end=None), token=TOKEN)
    assert not probe_is_complete(output(end=None) + "another_token end\n", token=TOKEN)
    assert not probe_is_complete("", token=TOKEN)


@pytest.mark.parametrize(
    ("comm", "name"),
    [
        ("a\nb\n", "a\\nb"),
        ("SigCgt:\t0000000000000000\n", "SigCgt:\\t0000000000000000"),
        ("\x1b[31mred\n", "\\x1b[31mred"),
        ("right\u202eleft\n", "right\\u202eleft"),
        ("other_token end\n", "other_token end"),
        ("\udcff\n", "\\xff"),
        ("\ufffd\n", "\ufffd"),
        ("caf\u00e9\n", "caf\u00e9"),
        (None, "app"),
    ],
)
def test_a_name_may_hold_anything(comm: str | None, name: str) -> None:
    facts = parsed(comm=comm)
    assert facts.name == name
    assert facts.sig_cgt == parsed().sig_cgt


def test_the_name_in_status_is_escaped_by_the_kernel() -> None:
    text = output(comm=None).replace("Name:\tapp\nState", "Name:\ta\\nb\\\\n\\033\nState")
    assert parse_probe(text, token=TOKEN).name == "a\\nb\\n\\x1b"


def test_bytes_that_are_no_utf8_stay_visible() -> None:
    text = output().encode().replace(b"/bin/app", b"/bin/\xff\xfe")
    assert parse_probe(text, token=TOKEN).command == ("/bin/\\xff\\xfe", "--title", "two\\nlines")


def test_a_line_that_only_looks_like_a_frame_is_text() -> None:
    facts = parsed(word=f"x{TOKEN} end\n @end\n")
    assert facts.command is not None
    assert facts.command[0].startswith("x")
    assert facts.threads


def test_the_first_of_two_sections_counts() -> None:
    fake = output().replace(f"{TOKEN} end", f"{TOKEN} status\nSigCgt:\t{ZERO}\n{TOKEN} end")
    assert parse_probe(fake, token=TOKEN).sig_cgt == parsed().sig_cgt


def test_a_command_line_that_was_not_taken_apart() -> None:
    facts = parsed(exact=None, word="sleep100\n")
    assert (facts.command, facts.command_exact) == (("sleep100",), False)


@pytest.mark.parametrize("word", [None, "\n"])
def test_a_command_line_that_is_empty(word: str | None) -> None:
    assert parsed(word=word).command is None


@pytest.mark.parametrize(("code", "may"), [("0", True), ("1", False), ("127", None), ("", None), ("x", None)])
def test_the_permission_to_signal(code: str, may: bool | None) -> None:
    text = output().replace(f"{TOKEN} access 0", f"{TOKEN} access {code}")
    assert parse_probe(text, token=TOKEN).may_signal is may


@pytest.mark.parametrize(
    ("section", "masks"),
    [
        ("opened 0 of 7\n", None),
        ("opened 0 of 0\n", None),
        ("", None),
        ("opened 2 of 9\n", 0),
        ("sigmask:\trubbish\nsigmask: 0000000000004000\nopened 2 of 2\n", 1),
    ],
)
def test_signalfds_are_none_where_nothing_could_be_opened(section: str, masks: int | None) -> None:
    found = parsed(fds=section).signalfds
    assert (None if found is None else len(found)) == masks


def test_a_thread_that_ended_meanwhile_is_left_out() -> None:
    facts = parse_probe(output().replace(f"{TOKEN} thread 9", f"{TOKEN} thread *"), token=TOKEN)
    assert [thread.tid for thread in facts.threads] == [1]
    assert not facts.threads_complete


def test_the_architecture_of_the_node_serves_where_the_container_does_not_say() -> None:
    assert parse_probe(output(), token=TOKEN, arch="arm64").arch == "x86_64"
    assert parse_probe(output(arch=""), token=TOKEN, arch="arm64").arch == "arm64"
    assert parse_probe(output(arch=None), token=TOKEN).arch is None


def test_a_process_without_nspid_is_init_by_its_pid() -> None:
    text = output().replace("NSpid:\t7\t1\n", "")
    assert parse_probe(text, token=TOKEN).is_init
    assert not parse_probe(text, token=TOKEN, pid=7).is_init


def test_numbers_that_are_too_long_are_no_numbers() -> None:
    facts = parse_probe(output().replace("4242", "9" * 5000).replace("Threads:\t2", "Threads:\t\u0662"), token=TOKEN)
    assert (facts.start_time, facts.thread_count) == (None, None)


@pytest.mark.parametrize(
    "said",
    ["", "-1", "nan", "inf", "1e9", "1.", ".5", "1,5", "0x10", "\u0661", "9" * 13, "1.1234567", "1_0", "9\x1b[2J"],
)
def test_an_uptime_that_is_none(said: str) -> None:
    facts = parse_probe(output().replace("uptime 99.42", f"uptime {said}"), token=TOKEN)
    assert (facts.uptime, facts.age) == (None, None)


@pytest.mark.parametrize(
    ("start", "uptime", "age"),
    [
        ("4242", "42.42", 0),
        ("4242", "100", 57.58),
        ("4242", "42.41", None),
        ("999999999999999999", "1", None),
        ("x", "100", None),
    ],
    ids=["now", "whole seconds", "younger than nothing", "far in the future", "no start"],
)
def test_the_age(start: str, uptime: str, age: float | None) -> None:
    text = output().replace("start 4242", f"start {start}").replace("uptime 99.42", f"uptime {uptime}")
    assert parse_probe(text, token=TOKEN).age == (None if age is None else pytest.approx(age))


def test_a_probe_that_prints_no_uptime() -> None:
    assert parse_probe(output().replace(f"{TOKEN} uptime 99.42\n", ""), token=TOKEN).age is None


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("", ReplyKind.NONE, None),
        ("@left\n", ReplyKind.LEFT, None),
        ("@refused\n", ReplyKind.REFUSED, None),
        ("@recheck\n@start \n@replaced\n", ReplyKind.REPLACED, None),
        (f"@recheck\nSigIgn:\t{ZERO}\nSigCgt:\t{ZERO}\n@start 4242\n@changed\n", ReplyKind.CHANGED, None),
        (f"@recheck\nSigCgt:\t{ZERO}\n@start 4242\n@sending 15\n", ReplyKind.SENDING, None),
        ("@recheck\n@start 4242\n@sending 15\n@sent 0\n", ReplyKind.SENT, 0),
        ("@sending 15\n@sent 1\n", ReplyKind.SENT, 1),
        ("@sending 15\n@sent\n", ReplyKind.SENT, None),
        ("@sending 15\n@se", ReplyKind.SENDING, None),
    ],
)
def test_replies(text: str, kind: ReplyKind, code: int | None) -> None:
    reply = parse_reply(output() + text.replace("@", f"{TOKEN} "), token=TOKEN)
    assert (reply.kind, reply.code) == (kind, code)


def test_a_reply_has_the_masks_that_were_read_again() -> None:
    text = (
        f"@recheck\nShdPnd:\t{ZERO}\nSigBlk:\t{ZERO}\nSigIgn:\tbad\nSigCgt:\t0000000000004000\n@start 4242\n@changed\n"
    )
    reply = parse_reply(output() + text.replace("@", f"{TOKEN} "), token=TOKEN)
    assert reply.sig_cgt is not None
    assert reply.sig_cgt.names() == ("SIGTERM",)
    assert reply.sig_ign is None
    assert reply.shd_pnd == reply.sig_blk
    assert reply.start_time == 4242


def test_the_facts_are_no_reply() -> None:
    assert parse_reply(output(end=None) + f"{TOKEN} sent 0\n", token=TOKEN).kind is ReplyKind.NONE


def test_visible_leaves_nothing_that_steers_a_terminal() -> None:
    text = "".join(map(chr, range(0x3000))) + "\udc80\udfff\U000e0001"
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)


@pytest.mark.parametrize("seed", range(40))
def test_any_input_gives_facts_or_the_one_error(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    pieces = [
        *output().splitlines(keepends=True),
        f"{TOKEN} ",
        TOKEN,
        "\x00",
        "\udcff",
        "\n",
        "9" * 5000,
        "SigCgt:\t",
        ":",
    ]
    for _round in range(50):
        lines = output().splitlines(keepends=True)
        for _change in range(chance.randrange(1, 8)):
            at = chance.randrange(len(lines) + 1)
            lines[at : at + chance.randrange(3)] = chance.choices(pieces, k=chance.randrange(3))
        text = "".join(lines)
        cut = text[: chance.randrange(len(text) + 1)] if chance.random() < 0.2 else text
        raw = bytearray(cut.encode("utf-8", "surrogateescape"))
        for _flip in range(chance.randrange(4)):
            raw[chance.randrange(len(raw) + 1) :][:1] = chance.randbytes(1)
        for sample in (cut, bytes(raw), chance.randbytes(chance.randrange(200))):
            parse_reply(sample, token=TOKEN)
            probe_is_complete(sample, token=TOKEN)
            try:
                found = str(parse_probe(sample, token=TOKEN).to_result())
            except ProbeError as error:
                found = str(error)
            assert found.isprintable()
