# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What people answer in a survey, or write for a role's variables, as values of the right type. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Ansible's own words, see BOOLEANS in ansible/module_utils/parsing/convert_bool.py.
_TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f"})

#: What is longer is no number of seconds or pods that anybody means.
_MOST_DIGITS = 9

_LOST = (
    "of the words after a -e (--extra-vars) are no name=value and would be lost, since a space ends a value: write "
    """lists without spaces, and other values in quotes within it, -e 'name="two words"'"""
)
_NO_SPACES = "On a command line a space ends the value: write the list without spaces"

Option = Mapping[str, Any]


def survey_answers(
    given: Mapping[str, Any], options: Mapping[str, Option], lost: object = ""
) -> tuple[dict[str, Any], list[str]]:
    """The values of the options of a role or a playbook, and what is wrong with those that are none.

    `given` are the variables as they came, `options` are as in argument_specs, and their type is that of their default.
    AWX gives an empty text for a question that was left empty: that is the default. A variable that is no option is
    misspelt, and would count for nothing. `lost` is what a command line has of values besides, because a space has
    ended one of them. It is not shown: it may be half of a secret.
    """
    values: dict[str, Any] = {}
    faults = [f"{len(str(lost).split())} {_LOST}"] if lost else []
    faults += [f"there is no {name}, there are {', '.join(options)}" for name in given if name not in options]
    for name, option in options.items():
        try:
            values[name] = _answer(given.get(name), option)
        except ValueError as error:
            faults.append(f"{name} {error}")
            values[name] = option.get("default")
    return values, faults


def entries(value: Any, *, paths: bool = False) -> Iterator[str]:
    """The entries of a text, or of a list of such texts, with commas, lines or other white space between them.

    A path may have blanks in it, so only commas and lines are between `paths`.
    """
    for text in value if isinstance(value, list) else [value]:
        for entry in re.split(r"[\n,]" if paths else r"[\s,]", str(text)):
            if entry.strip():
                yield entry.strip()


def whole_number(value: Any, least: int = 0, most: int = 10**_MOST_DIGITS - 1) -> int | None:
    """The number that is meant, which may be a text; None where it is none from `least` to `most`, or is too long."""
    text = "" if isinstance(value, bool) else str(value).strip()
    number = int(text) if re.fullmatch(r"[0-9]+", text, re.ASCII) and len(text) <= _MOST_DIGITS else None
    return number if number is not None and least <= number <= most else None


def mapping(value: Any) -> dict[str, Any]:
    """Its entries that are not empty. A text is a JSON object, or has a line `name: value` for each entry.

    Raises ValueError, which says what is wrong. What it says of an entry is not shown: see no_log.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ValueError(f"is no JSON object: {error}") from None
    elif isinstance(value, str):
        pairs: Sequence[tuple[str, str, str]] = [line.partition(":") for line in value.splitlines() if line.strip()]
        if not all(colon for _name, colon, _text in pairs):
            raise ValueError("is a text, and has to have a line `name: value` for each entry, or be a JSON object")
        value = {name.strip(): text.strip() for name, _colon, text in pairs}
    if isinstance(value, Mapping):
        return {str(name): entry for name, entry in value.items() if not _is_empty(entry)}
    raise ValueError(f"is {_kind(value)}, and has to be a mapping")


def texts(value: Any, choices: Sequence[str] = (), *, paths: bool = False) -> list[str]:
    """Its entries, see entries(), none but `choices` where there are some.

    Raises ValueError, which says what is wrong.
    """
    parts = value if isinstance(value, list) else [value]
    if isinstance(value, bool) or any(map(_is_nested, parts)):
        raise ValueError(f"is {_kind(value)}, and has to be a list of texts, or a text with commas or lines")
    if parts and str(parts[-1]).rstrip().endswith(","):
        raise ValueError(f"ends with a comma. {_NO_SPACES}")
    found = list(entries(parts, paths=paths))
    if choices and (strangers := [entry for entry in found if entry not in choices]):
        raise ValueError(f"has {', '.join(strangers)}; there are {', '.join(choices)}")
    return found


def _answer(value: Any, option: Option) -> Any:
    """One of them. Raises ValueError, which says what is wrong."""
    default = option.get("default", [] if option.get("type") == "list" else "")
    if _is_empty(value) or (value == [] and option.get("required")):
        if option.get("required"):
            raise ValueError("has no value, and needs one")
        return default
    choices = [choice for choice in option.get("choices") or [] if choice]
    if isinstance(default, bool):
        return _bool(value)
    if isinstance(default, int):
        return _int(value)
    if isinstance(default, list):
        return texts(value, choices, paths=option.get("elements") == "path")
    if isinstance(default, dict):
        return mapping(value)
    return _text(value, choices)


def _is_empty(value: Any) -> bool:
    """Whether nothing was answered. An empty list is an answer, unless it has an empty text in it."""
    if isinstance(value, list):
        return bool(value) and all(entry is None or (isinstance(entry, str) and not entry.strip()) for entry in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _bool(value: Any) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError(f"is {value!r}, which is neither true nor false")


def _int(value: Any) -> int:
    number = whole_number(value)
    if number is None and re.fullmatch(r"[0-9]+", str(value).strip(), re.ASCII):
        raise ValueError(f"is {value}, and must not have more than {_MOST_DIGITS} digits")
    if number is None:
        raise ValueError(f"is {value!r}, which is no whole number from 0 on")
    return number


def _text(value: Any, choices: Sequence[str]) -> str:
    if isinstance(value, bool) or _is_nested(value) or isinstance(value, list):
        raise ValueError(f"is {_kind(value)}, and has to be a text")
    text = str(value).strip()
    if choices and text not in choices:
        raise ValueError(f"is {text!r}; there are {', '.join(choices)}")
    return text


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


def _kind(value: Any) -> str:
    """What it is in a playbook's words."""
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)
