# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured and is kept, in an annotation that anybody may have written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.experience import (
    MOST_CHARACTERS,
    MOST_SECONDS,
    Measured,
    key_of,
    read_measured,
    with_new,
    write_measured,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.verdict import judge
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[5] / ".build" / "hypothesis")

EACH_RUN_THE_SAME = settings(max_examples=800, deadline=None, derandomize=True, database=None)
KEY = "0123456789abcdef" * 4
WHEN = "2026-11-27T02:03:04Z"
GOOD: dict[str, Any] = {"outcome": "ended", "when": WHEN, "seconds": 1.5, "key": KEY}
ENDED = Measured("SIGTERM", "ended", WHEN, 1.5, KEY)
LIVED = replace(ENDED, outcome="lived", seconds=30.0)
NONE = SignalMask(0)


def facts(**more: Any) -> ProcessFacts:
    caught = SignalMask.from_names(["TERM"])
    base: dict[str, Any] = {"sig_cgt": caught, "command": ("node", "--password=secret"), "nspid": (1,), "state": "S"}
    return ProcessFacts(
        **{"pid": 1, "name": "node", "sig_pnd": NONE, "shd_pnd": NONE, "sig_blk": NONE, "sig_ign": NONE} | base | more
    )


def inside(image: str = "cart@sha256:a") -> Container:
    (found,) = Pod.from_object(pod("cart-1", containers=[container(imageID=image)])).containers
    return found


def test_what_is_written_is_read() -> None:
    entries = {"SIGTERM": ENDED, "SIGQUIT": replace(LIVED, signal="SIGQUIT")}
    assert read_measured(write_measured(entries)) == entries
    assert json.loads(write_measured({"SIGTERM": ENDED})) == {"SIGTERM": GOOD}


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "died"},
        {"outcome": ["ended"]},
        {"when": "yesterday"},
        {"when": "2026-13-27T02:03:04Z"},
        {"when": None},
        {"seconds": -1},
        {"seconds": True},
        {"seconds": "1"},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": 10**400},
        {"key": KEY[1:]},
        {"key": KEY.upper()},
        {"key": 7},
    ],
)
def test_what_is_no_measurement_is_left_out(change: dict[str, Any]) -> None:
    text = json.dumps({"SIGTERM": GOOD | change, "SIGHUP": GOOD, "TERM": GOOD, "SIGterm\n": GOOD})
    assert read_measured(text) == {"SIGHUP": replace(ENDED, signal="SIGHUP")}


@pytest.mark.parametrize(
    "text", [None, 7, {}, "", "[]", "7", '"SIGTERM"', '{"SIGTERM": 7}', "[" * 60000, " " * MOST_CHARACTERS + "{}"]
)
def test_what_is_no_annotation_of_ours(text: object) -> None:
    assert read_measured(text) == {}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=8,
)
ENTRIES = st.one_of(
    JSON,
    st.builds(lambda name, value: GOOD | {name: value}, st.sampled_from([*GOOD, "more"]), JSON),
    st.builds(
        lambda name, value: GOOD | {name: value}, st.just("when"), st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    ),
)
SIGNALS = st.one_of(st.sampled_from(["SIGTERM", "SIGRTMIN+3", "sigterm", "TERM"]), st.text(max_size=20))
ANNOTATIONS = st.one_of(
    st.text(),
    JSON.map(json.dumps),
    st.dictionaries(SIGNALS, ENTRIES, max_size=5).map(json.dumps),
    st.builds(
        lambda text, at, more: text[:at] + more + text[at + 1 :],
        st.just(write_measured({"SIGTERM": ENDED, "SIGHUP": LIVED})),
        st.integers(0, 300),
        st.text(max_size=3),
    ),
)


@EACH_RUN_THE_SAME
@given(ANNOTATIONS)
def test_a_hostile_annotation(text: str) -> None:
    for signal, entry in read_measured(text).items():
        assert entry.signal == signal
        assert entry.outcome in ("ended", "lived")
        assert datetime.fromisoformat(entry.when).tzinfo
        assert 0 <= entry.seconds <= MOST_SECONDS
        assert entry.reason.isascii()
        assert entry.reason.isprintable()
        assert read_measured(write_measured({signal: entry})) == {signal: entry}


def test_the_key_is_of_the_image_and_the_command() -> None:
    key = key_of(inside(), facts())
    assert key
    assert len(key) == 64
    others = [
        key_of(inside("cart@sha256:b"), facts()),
        key_of(inside(), facts(command=("node", "--password=other"))),
        key_of(inside(), facts(command=("node --password=secret",))),
        key_of(inside(), facts(pid=7, nspid=(7,))),
    ]
    assert len({key, *others}) == 5
    assert key_of(inside(""), facts()) is None
    assert key_of(inside(), facts(command=None)) is None
    assert key_of(inside(), facts(command=("\udc80",)))


def test_what_it_decides() -> None:
    key = key_of(inside(), facts())
    known = replace(ENDED, key=key or "")
    assert known.decides(inside(), facts(), judge(facts(), 15))
    for other in (facts(command=("node",)), facts(state="T (stopped)")):
        assert not known.decides(inside(), other, judge(other, 15))
    # the kernel alone decides
    assert not known.decides(inside(), facts(), judge(facts(), 9))


def test_what_a_decision_rests_on() -> None:
    assert (ENDED.basis(None), ENDED.basis("no")) == ("measured", "forecast")
    assert (LIVED.basis(None), LIVED.basis(LIVED.reason)) == ("forecast", "measured")
    assert ENDED.reason == f"SIGTERM ended it when it was tried on {WHEN} (after 1.5 s)"
    assert LIVED.reason == (
        f"SIGTERM did not end it when it was tried on {WHEN} (waited 30 s); force: true tries again"
    )


def test_only_what_is_new_is_kept() -> None:
    hup = replace(ENDED, signal="SIGHUP")
    assert with_new({}, ENDED) == {"SIGTERM": ENDED}
    assert with_new({"SIGTERM": replace(ENDED, when="2025-01-01T00:00:00Z", seconds=9.0)}, ENDED) is None
    assert with_new({"SIGTERM": ENDED, "SIGHUP": hup}, LIVED) == {"SIGTERM": LIVED, "SIGHUP": hup}
    assert with_new({"SIGTERM": ENDED, "SIGHUP": replace(hup, key="f" * 64)}, LIVED) == {"SIGTERM": LIVED}
