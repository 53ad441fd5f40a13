# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.survey_answers import survey_answers

OPTIONS: dict[str, dict[str, Any]] = {
    "r_where": {"type": "str", "required": True},
    "r_what": {"type": "list", "required": True},
    "r_way": {"default": "fast", "choices": ["", "fast", "slow"]},
    "r_text": {"default": ""},
    "r_wait": {"default": 10},
    "r_quiet": {"default": False},
    "r_names": {"default": ["one"], "choices": ["", "one", "two", "three"]},
    "r_paths": {"default": [], "elements": "path"},
    "r_map": {"default": {}},
}
GIVEN = {"r_where": "shop", "r_what": ["deployment/cart"]}


def answered(name: str, value: Any) -> Any:
    """What is made of one answer; all else is well."""
    values, faults = survey_answers({**GIVEN, name: value}, OPTIONS)
    assert faults == []
    return values[name]


def fault(name: str, value: Any) -> str:
    """What is said of one answer, which is the only one that is wrong."""
    values, (found,) = survey_answers({**GIVEN, name: value}, OPTIONS)
    assert values[name] == OPTIONS[name].get("default")
    return found


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in GIVEN])
@pytest.mark.parametrize("empty", [None, "", "  ", "\n", [""]])
def test_what_was_left_empty_is_the_default(name: str, empty: Any) -> None:
    assert answered(name, empty) == OPTIONS[name]["default"]


def test_nothing_at_all_is_the_defaults() -> None:
    values, faults = survey_answers(GIVEN, OPTIONS)
    assert faults == []
    assert values == {name: option["default"] for name, option in OPTIONS.items() if "default" in option} | GIVEN


@pytest.mark.parametrize("empty", [None, "", " ", [""]])
def test_what_is_required_has_to_be_there(empty: Any) -> None:
    assert fault("r_where", empty) == "r_where has no value, and needs one"
    assert fault("r_what", empty) == "r_what has no value, and needs one"


def test_an_empty_list_is_an_answer_unless_one_is_required() -> None:
    assert answered("r_names", []) == []
    assert fault("r_what", []) == "r_what has no value, and needs one"


def test_what_was_left_empty_and_has_no_default_is_empty() -> None:
    assert survey_answers({"r_a": ""}, {"r_a": {}, "r_b": {"type": "list"}}) == ({"r_a": "", "r_b": []}, [])


def test_what_is_no_option_is_misspelt() -> None:
    _values, faults = survey_answers({**GIVEN, "r_wiat": 5}, {name: OPTIONS[name] for name in GIVEN})
    assert faults == ["there is no r_wiat, there are r_where, r_what"]


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("r_quiet", True, True),
        ("r_quiet", "true", True),
        ("r_quiet", "Yes", True),
        ("r_quiet", "on", True),
        ("r_quiet", 1, True),
        ("r_quiet", "False", False),
        ("r_quiet", "no", False),
        ("r_quiet", 0, False),
        ("r_wait", 30, 30),
        ("r_wait", " 30 ", 30),
        ("r_wait", 0, 0),
        ("r_wait", "0", 0),
        ("r_names", [], []),
        ("r_names", "two", ["two"]),
        ("r_names", "two\nthree\n", ["two", "three"]),
        ("r_names", "two, three", ["two", "three"]),
        ("r_names", "two three", ["two", "three"]),
        ("r_paths", 2, ["2"]),
        ("r_paths", "/a b/*.json, /c\n/d", ["/a b/*.json", "/c", "/d"]),
        ("r_names", ["two", "three,one"], ["two", "three", "one"]),
        ("r_way", "slow", "slow"),
        ("r_text", "{{ not_evaluated }}", "{{ not_evaluated }}"),
        ("r_text", 25, "25"),
        ("r_map", {"a": 1, "b": ""}, {"a": 1}),
        ("r_map", '{"a": 1}', {"a": 1}),
        ("r_map", "a: 1\nb: https://x.example:8443/y\n\n", {"a": "1", "b": "https://x.example:8443/y"}),
    ],
)
def test_an_answer_is_what_was_meant(name: str, value: Any, meant: Any) -> None:
    found = answered(name, value)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("r_quiet", "ture", "r_quiet is 'ture', which is neither true nor false"),
        ("r_quiet", 2, "r_quiet is 2, which is neither"),
        ("r_quiet", ["true"], "which is neither"),
        ("r_wait", "soon", "r_wait is 'soon', which is no whole number from 0 on"),
        ("r_wait", -1, "r_wait is -1"),
        ("r_wait", 10**9, "r_wait is 1000000000, and must not have more than 9 digits"),
        ("r_wait", 1.5, "r_wait is 1.5"),
        ("r_wait", True, "r_wait is True"),
        ("r_wait", "²", "r_wait is '²'"),
        ("r_names", "two,four", "r_names has four; there are one, two, three"),
        ("r_names", {"one": 1}, "r_names is a mapping, and has to be a list of texts"),
        ("r_names", True, "r_names is True, and has to be a list of texts"),
        ("r_names", "two,", "r_names ends with a comma. On a command line a space ends the value"),
        ("r_names", ["one", "two, "], "r_names ends with a comma"),
        ("r_names", [["one"]], "r_names is a list, and has to be a list of texts"),
        ("r_way", "quick", "r_way is 'quick'; there are fast, slow"),
        ("r_text", ["a"], "r_text is a list, and has to be a text"),
        ("r_text", True, "r_text is True, and has to be a text"),
        ("r_map", "soak", "r_map is a text, and has to have a line"),
        ("r_map", "{a", "r_map is no JSON object: "),
        ("r_map", ["a"], "r_map is a list, and has to be a mapping"),
        ("r_map", 5, "r_map is 5, and has to be a mapping"),
    ],
)
def test_what_is_no_answer_is_said(name: str, value: Any, words: str) -> None:
    assert words in fault(name, value)


def test_all_faults_are_said_at_once() -> None:
    _values, faults = survey_answers({"r_wait": "x", "r_quiet": "y es"}, OPTIONS)
    assert [text.split()[0] for text in faults] == ["r_where", "r_what", "r_wait", "r_quiet"]


def test_a_secret_in_a_mapping_is_not_shown() -> None:
    assert "hunter2" not in fault("r_map", "https//user.hunter2@x")
    assert "hunter2" not in fault("r_map", '{"url": "hunter2"')


def test_what_a_command_line_has_lost_is_said() -> None:
    values, (found,) = survey_answers(GIVEN, OPTIONS, "Bearer hunter2")
    assert values["r_what"] == ["deployment/cart"]
    assert found.startswith("2 of the words after a -e (--extra-vars) are no name=value and would be lost")
    assert "hunter2" not in found
