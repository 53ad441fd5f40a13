# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report import html
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.html import to_html
from ansible_collections.saferestart.k8s.plugins.plugin_utils._report.value import make_report
from ansible_collections.saferestart.k8s.tests.unit.report_samples import BEGAN, in_place, record, rollout

HOSTILE = "\"'><script>x</script><img src=x onerror=y>\u202egnp\x1b[31m{{7*7}}\x00\n"


class Page(HTMLParser):
    """What a browser would see: elements, attributes, and the text outside of the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += data


def page(*results: dict[str, Any], title: str = "t", check_mode: bool = False) -> tuple[str, Page]:
    """The page of these, as text and as it is understood."""
    report = make_report(list(results), {}, title=title, who="", why="", check_mode=check_mode, made_at=BEGAN)
    text = to_html(report)
    return text, Page(text)


def poisoned(value: Any) -> Any:
    """The same with every text a hostile one, but those that say which way to go."""
    if isinstance(value, dict):
        kept = ("outcome", "changed", "failed", "strategy", "msg")
        return {key: entry if key in kept else poisoned(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [poisoned(entry) for entry in value]
    return HOSTILE if isinstance(value, str) else value


def test_a_hostile_name_stays_a_text() -> None:
    plain, hostile = in_place(2, failed=1, error="broken"), poisoned(in_place(2, failed=1, error=HOSTILE))
    hostile["warnings"] = [HOSTILE]
    _text, seen = page(hostile, title=HOSTILE)
    assert not {"script", "img", "iframe", "form", "object"} & set(seen.tags)
    assert not [name for name, _value in seen.attributes if name.startswith("on") or name == "style"]
    assert "<script>x</script>" in seen.words
    assert "\\u202egnp\\x1b[31m{{7*7}}\\x00" in seen.words
    assert set(seen.tags) <= set(page(plain | {"warnings": ["w"]})[1].tags)


def test_no_character_is_left_that_turns_text_around() -> None:
    text, _seen = page(poisoned(in_place(3, failed=1)), title=HOSTILE)
    assert [sign for sign in set(text) if not sign.isprintable()] == ["\n"]


def test_it_needs_nothing_and_runs_nothing() -> None:
    text, seen = page(in_place(3), rollout(), record(in_place(1)))
    assert "default-src 'none'" in text
    assert [
        value for name, value in seen.attributes if name in ("href", "src") and not (value or "").startswith("#")
    ] == []
    assert "url(" not in text
    assert "@import" not in text
    ids = [value for name, value in seen.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {(value or "")[1:] for name, value in seen.attributes if name == "href"} <= set(ids)


def test_five_hundred_pods_are_one_page_that_opens_at_once() -> None:
    text, seen = page(in_place(500, failed=5, at_a_time=12, error="broken"))
    assert len(text.encode()) < 1_000_000
    assert seen.words.count("cart-5d9c7b8f6-00499") >= 2
    closed = text.index("480 more containers")
    assert text[:closed].count("<tr") < 60, "most rows are in a closed list"
    assert text.index("What failed") < text.index("What to do next") < text.index("Summary") < closed


def test_what_failed_is_open_and_the_rest_is_closed() -> None:
    text, _seen = page(*(in_place(1, name=name) for name in "abc"), in_place(1, failed=1, name="d", error="broken"))
    assert text.count('<details class="workload" open>') == 1
    assert text.count('<details class="workload">') == 3


def test_what_was_signalled_before_a_rollout_is_told() -> None:
    signalled = in_place(1, unchanged=1, name="slow")["pods"]
    _text, seen = page(rollout() | {"signalled": signalled})
    assert "Signalled before the rollout" in seen.words
    assert "slow-5d9c7b8f6-00000" in seen.words
    assert "waiting longer does not help" in seen.words
    assert "Signalled before" not in page(rollout())[1].words


def test_a_plan_has_no_timeline() -> None:
    _text, seen = page(in_place(2, skipped=2), check_mode=True)
    assert "Plan: nothing was restarted yet" in seen.words
    assert "PID 1 has a handler for SIGTERM" in seen.words
    assert "Timeline" not in seen.words


def test_bars_are_inside_of_their_drawing() -> None:
    text, _seen = page(in_place(50, failed=3, error="broken"), rollout(3))
    bars = [tuple(map(float, found)) for found in re.findall(r'<rect class="\w+" x="([\d.]+)" width="([\d.]+)"', text)]
    assert len(bars) > 90
    assert all(x >= 0 and width > 0 and x + width <= html.WIDTH + 0.2 for x, width in bars)


def test_a_result_that_says_little_is_shown_as_far_as_it_goes() -> None:
    _text, seen = page({"changed": True, "pods": [{"name": "a", "containers": [{"outcome": "failed"}]}, {}]})
    assert "it does not say why" in seen.words


def test_of_nothing_there_is_a_page_too() -> None:
    assert "Nothing was restarted" in page()[1].words


# Contrast: WCAG 2.2, 1.4.3, by its definition of relative luminance.

STYLE = (Path(html.__file__).parent / "report.css").read_text(encoding="utf-8")


def schemes() -> dict[str, dict[str, str]]:
    """The colors of light, dark and print."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for name, block in zip(("light", "dark", "print"), blocks, strict=True)
    }


def luminance(color: str) -> float:
    """Of #rrggbb."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("text", "behind"),
    [(text, behind) for behind in ("page", "card", "bad-page") for text in ("text", "muted", "link", "bad")]
    + [("good", "page"), ("good", "good-page"), ("warn", "warn-page")],
)
def test_text_can_be_read(scheme: str, text: str, behind: str) -> None:
    colors = schemes()[scheme]
    assert contrast(colors[text], colors[behind]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("bar", ["ending", "away", "bad"])
def test_a_bar_can_be_seen(scheme: str, bar: str) -> None:
    """Graphics want 3 (1.4.11); the grey of the time before the end is told in the columns besides."""
    colors = schemes()[scheme]
    assert contrast(colors[bar], colors["page"]) >= 3


def test_contrast_is_as_defined() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
