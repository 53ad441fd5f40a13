# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make files of all examples, and commands that run them: write.py FOLDER.

It writes steps.json, for run.py, and expected.json: what has to become of each task of an example. The text of an
example gets into a file as it is; a list of tasks is only moved to where a play has its tasks.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from documentation import FILE_NAME
from examples import Example, Kind, not_run, page_examples, plugin_examples

HERE = Path(__file__).resolve().parent
#: The page that is about the demo's programs, in the scenario's own namespace.
DEMO_PAGE = "docs/signals.md"
COLLECTION = "saferestart.k8s."
#: A restart with one of these may find nothing to do, and be right.
CHOOSES = {"older_than", "select"}
#: The kubelet waits before it starts a container for the second time in a row.
IN_PLACE = ("container_restart", "sandbox_restart")
#: What an example says that it shows.
SHOWS = re.compile(r"^ *# => (.*\n(?: *# .*\n?)*)", re.MULTILINE)

# A task that fails does not keep the other examples from being run: what has become of each is in the outcomes.
PLAY = """\
---
- hosts: {host}
  gather_facts: false
  tasks:
{first}    - block:
{tasks}      rescue:
        - ansible.builtin.debug: {{msg: one of the examples above has failed}}
"""
RUN = "- ansible.builtin.command: {{argv: {}}}\n"
VARIABLES = """\
[all:vars]
ansible_connection=local
ansible_python_interpreter='{{ ansible_playbook_python }}'
"""
# The ERR trap sees every command of an example; `kill 1` may end the session that it is sent by, which is no failure.
SHELL = """
set -E
trap 'case $BASH_COMMAND in *"kill 1"*) ;; *) failed=1; echo "failed: $BASH_COMMAND" ;; esac' ERR
. "$1"
exit ${failed:-0}
"""

Step = dict[str, Any]
Expected = dict[str, Any]


def slug(text: str) -> str:
    """A name for files and hosts."""
    return re.sub(r"\W+", "_", text).strip("_")


def moved(text: str, spaces: int) -> str:
    """A text further to the right."""
    return re.sub(r"^(?=.)", " " * spaces, text, flags=re.MULTILINE)


def module(task: dict[str, Any]) -> str:
    """Which module of ours a task runs; empty if none."""
    return next((key.removeprefix(COLLECTION) for key in task if key.startswith(COLLECTION)), "")


def expectation(where: str, task: dict[str, Any], text: str) -> Expected:
    """What has to become of a task: whether it changes something, and what it shows."""
    name = module(task)
    chosen = CHOOSES.intersection(task.get(COLLECTION + name) or {}) or task.get("check_mode")
    # One that may fail is there for what it leaves; the task after it says what that is.
    changes = bool(name and not name.endswith("_info") and not chosen and not task.get("ignore_errors"))
    shown = SHOWS.search(text)
    message = yaml.safe_load(re.sub(r"\n *# *", " ", shown[1])) if shown else None
    return {"where": where, "task": task["name"], "changes": changes, "message": message}


def write_tasks(folder: Path, source: str, tasks: list[Example], expected: list[Expected]) -> str:
    """Write a playbook of tasks, on a host of its own so that it knows nothing of the others; its name."""
    world = [sys.executable, str(HERE / "world.py"), str(folder)]
    text = ""
    modules: list[str] = []
    for example in tasks:
        (task,) = yaml.safe_load(example.text)
        if module(task) in IN_PLACE and set(IN_PLACE).intersection(modules):
            text += RUN.format(json.dumps([*world, "pods"]))
        modules += [module(task)] if module(task) else []
        text += example.text.rstrip() + "\n"
        expected.append(expectation(slug(source), task, example.text))
    first = moved(RUN.format(json.dumps(world)), 4) if modules else ""
    file = folder / f"{slug(source)}.yml"
    file.write_text(PLAY.format(host=slug(source), first=first, tasks=moved(text, 8)), encoding="utf-8")
    return file.name


def step(example: Example, folder: Path, inventory: str) -> tuple[Step | None, str]:
    """Write an example that is no task; the command that runs it, and the inventory for the plays after it."""
    named = FILE_NAME.match(example.text)
    endings = {Kind.INVENTORY: "kube_contexts.yml", Kind.SHELL: "sh"}
    number = len(list(folder.iterdir()))
    file = folder / (named[1] if named else f"{number}.{endings.get(example.kind, 'yml')}")
    file.write_text(example.text, encoding="utf-8")
    match example.kind:
        case Kind.PLAYS:
            command = ["ansible-playbook", *(["-i", inventory] if inventory else []), file.name]
        case Kind.INVENTORY:
            inventory = file.name
            command = ["bash", "-c", 'ansible-inventory -i "$1" --list | grep kube_context', "bash", inventory]
        case Kind.OBJECTS:
            command = ["kubectl", "apply", "-f", file.name]
        case Kind.SHELL:
            command = ["bash", "-c", SHELL, "bash", f"./{file.name}"]
        case _:
            return None, inventory
    world = example.source != DEMO_PAGE and example.kind is not Kind.INVENTORY
    return {"name": example.name, "command": command, "folder": str(folder), "world": world}, inventory


def of_source(folder: Path, examples: list[Example], expected: list[Expected]) -> Iterator[Step]:
    """Write what is no task, in a folder of its own, and yield the commands."""
    folder.mkdir()
    inventory = ""
    for example in examples:
        made, inventory = step(example, folder, inventory)
        if made:
            yield made
        if example.kind is Kind.PLAYS:
            tasks = [task for play in yaml.safe_load(example.text) for task in play.get("tasks", [])]
            expected += [expectation(example.name, task, "") for task in tasks if module(task)]


def steps(folder: Path, expected: list[Expected]) -> Iterator[Step]:
    """Write everything, and yield the commands."""
    left_out = not_run()
    playbooks: list[str] = []
    rest: list[Step] = []
    shown = [example for example in [*plugin_examples(), *page_examples()] if example.name not in left_out]
    for source, group in groupby(shown, lambda example: example.source):
        found = list(group)
        tasks = [example for example in found if example.kind is Kind.TASKS]
        others = [example for example in found if example.kind is not Kind.TASKS]
        if tasks:
            playbooks.append(write_tasks(folder, source, tasks, expected))
        if others:
            rest += of_source(folder / f"of_{slug(source)}", others, expected)
    hosts = "".join(f"{name.removesuffix('.yml')}\n" for name in playbooks)
    (folder / "hosts").write_text(hosts + VARIABLES, encoding="utf-8")
    command = ["ansible-playbook", "-i", "hosts", *playbooks]
    yield {"name": "", "command": command, "folder": str(folder), "world": False}
    yield from rest


def main(folder: Path) -> None:
    """Write it all."""
    expected: list[Expected] = []
    lanes: dict[str, list[Step]] = {"world": [], "demo": []}
    for made in steps(folder, expected):
        lanes["demo" if made["name"].startswith(DEMO_PAGE) else "world"].append(made)
    (folder / "steps.json").write_text(json.dumps(lanes, indent=2), encoding="utf-8")
    (folder / "expected.json").write_text(json.dumps(expected, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
