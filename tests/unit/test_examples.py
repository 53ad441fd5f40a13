# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No example is forgotten: the scenario `examples` runs it, or its list says why not."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import examples
import pytest
from documentation import ROOT, Block
from examples import Example, Kind

ALL = [*examples.plugin_examples(), *examples.page_examples()]
LEFT_OUT = examples.not_run()
RUN = [example for example in ALL if example.name not in LEFT_OUT]


def scenario_module(name: str) -> ModuleType:
    """A program of the scenario."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "molecule" / "examples" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def squeezed(text: str) -> str:
    """A text without its margin."""
    return re.sub(r"\s+", " ", text)


def test_each_kind_of_example_is_found() -> None:
    assert {example.kind for example in ALL} == set(Kind)


def test_no_two_have_the_same_name() -> None:
    assert [name for name, count in Counter(example.name for example in ALL).items() if count > 1] == []


def test_the_list_has_nothing_that_is_no_example() -> None:
    assert sorted(set(LEFT_OUT) - {example.name for example in ALL}) == []
    assert all(LEFT_OUT.values())


def test_what_nothing_here_runs_is_in_the_list() -> None:
    assert [example.name for example in RUN if example.kind is Kind.FOREIGN] == []


@pytest.mark.parametrize("file", [example for example in RUN if example.kind is Kind.FILE], ids=lambda file: file.name)
def test_a_file_is_there_for_a_command_that_is_run(file: Example) -> None:
    name = file.name.rpartition(" ")[2]
    commands = [example.text for example in RUN if example.source == file.source and example.kind is Kind.SHELL]
    assert any(name in command for command in commands)


def test_a_block_of_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match=r"page\.md:7: nobody runs a block of toml"):
        list(examples.of_block("page.md", Block("page.md:7", "toml", "a = 1\n")))


def test_tasks_that_are_a_piece_of_a_play_are_moved_to_the_left() -> None:
    text = "    - name: One\n      a: {}\n\n    - name: Two\n      b:\n        c: 1\n"
    found = list(examples.of_yaml("page.md", text))
    assert [example.name for example in found] == ["page.md: One", "page.md: Two"]
    assert found[1].text == "- name: Two\n  b:\n    c: 1\n"


def test_a_command_that_goes_on_is_one_example() -> None:
    (found,) = examples.of_block("page.md", Block("page.md:7", "", "ansible-playbook a \\\n  -e b=c\n"))
    assert (found.name, found.kind) == ("page.md: ansible-playbook a", Kind.SHELL)


def test_each_example_is_written_as_it_stands(tmp_path: Path) -> None:
    scenario_module("write").main(tmp_path)
    written = [squeezed(file.read_text(encoding="utf-8")) for file in tmp_path.rglob("*") if file.is_file()]
    assert [
        example.name for example in RUN if not any(squeezed(example.text).strip() in text for text in written)
    ] == []
    lanes = json.loads((tmp_path / "steps.json").read_text(encoding="utf-8"))
    steps = {step["name"] for lane in lanes.values() for step in lane}
    tasks = {(entry["where"], entry["task"]) for entry in json.loads((tmp_path / "expected.json").read_text("utf-8"))}
    for example in RUN:
        where = re.sub(r"\W+", "_", example.source).strip("_")
        task = (where, example.name.removeprefix(f"{example.source}: "))
        assert example.name in steps or task in tasks or example.kind is Kind.FILE


TASKS = """\
- name: Look
  saferestart.k8s.pid1_info: {namespace: a}
- name: Show
  ansible.builtin.debug: {msg: "{{ a }}"}
  # => ['b',
  #     {'c': true}]
- name: Restart what is old
  saferestart.k8s.container_restart: {older_than: 1h}
- name: Restart
  saferestart.k8s.container_restart: {name: a}
"""


def test_what_is_expected_of_a_task(tmp_path: Path) -> None:
    write, expected = scenario_module("write"), []
    write.write_tasks(tmp_path, "some/page.md", list(examples.of_yaml("some/page.md", TASKS)), expected)
    assert [entry["changes"] for entry in expected] == [False, False, False, True]
    assert [entry["message"] for entry in expected] == [None, ["b", {"c": True}], None, None]
    text = (tmp_path / "some_page_md.yml").read_text(encoding="utf-8")
    assert text.count("world.py") == 2  # at first, and between the two restarts of what may be the same container


@pytest.mark.parametrize(
    ("outcomes", "fault"),
    [
        ([], "was not run"),
        (["skipped"], "was skipped"),
        (["failed"], "was failed"),
        (["ok"], "has changed nothing"),
        (["changed"], "shows"),
    ],
)
def test_what_is_wrong_is_told(outcomes: list[str], fault: str) -> None:
    compare = scenario_module("compare")
    found = [{"where": "a", "task": "b", "outcome": outcome, "message": "c"} for outcome in outcomes]
    expected = {"where": "a", "task": "b", "changes": True, "message": "d"}
    assert [text for text in compare.faults([expected], found) if text.startswith(f"a: b: {fault}")]
    assert list(compare.faults([expected], [{**expected, "outcome": "changed"}])) == []
    assert list(compare.faults([], found)) == ["no example was found"]
