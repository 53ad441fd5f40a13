# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record is a file, and anybody may have written to it: a report of it is made, or an error says what is wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.html import to_html
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.sources import ReportError
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.text import to_lines, to_markdown
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report
from ansible_collections.saferestart.k8s.tests.unit.report_samples import BEGAN, in_place, record

ODD: list[Any] = [None, -7, "x", [1], {"a": 1}, float("inf")]


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a nested value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*at, key)
        yield from paths(entry, (*at, key))


def changed(value: dict[str, Any], path: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    """The same with something else in that place."""
    made = copy.deepcopy(value)
    at: Any = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    return made


RESULT = in_place(1, failed=1, error="broken")
RESULT["plan"][0] |= {"gates": [{"gate": "registry", "level": "warn", "reason": "Always"}], "back_off_seconds": 10}
RESULT["warnings"] = ["w"]
RESULT["signalled"] = in_place(1, unchanged=1)["pods"]
RECORD = record(RESULT, "broken")


@pytest.mark.parametrize("path", [*paths(RECORD)], ids=lambda path: ".".join(map(str, path)))
def test_whatever_is_in_a_record(path: tuple[Any, ...]) -> None:
    for odd in ODD:
        value = changed(RECORD, path, odd)
        try:
            report = make_report([], {"a.json": value}, title="", who="", why="", check_mode=False, made_at=BEGAN)
        except ReportError:
            continue
        assert to_html(report).endswith("</html>")
        assert to_markdown(report)
        assert to_lines(report)
