# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example that the documentation shows, as it stands there: of plugins, of pages, and of playbooks' comments.

The scenario `examples` runs them; what it cannot run is in its list, with the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import documentation
import yaml
from documentation import FILE_NAME, PAGES, ROOT, Block

#: What cannot be run by the scenario: the name of the example, and why not.
NOT_RUN = ROOT / "molecule" / "examples" / "not_run.yml"

#: A new task, in a list of tasks.
TASK = re.compile(r"^(?=- )", re.MULTILINE)
#: What a play that has no name is called by.
NAMED = re.compile(r"(?:name|role): (.+)")
DOCUMENT = re.compile(r"^---\n", re.MULTILINE)


class Kind(Enum):
    """How an example is run."""

    TASKS = "tasks"
    PLAYS = "plays"
    INVENTORY = "inventory"
    OBJECTS = "objects"
    #: A file that another example names.
    FILE = "file"
    SHELL = "shell"
    #: Of another program.
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Example:
    """One example. Those of one source belong together: each may use what those before it have made."""

    name: str
    source: str
    kind: Kind
    text: str


def _kind(content: object) -> Kind:
    """What a document of YAML is."""
    match content:
        case [{"hosts": _}, *_]:
            return Kind.PLAYS
        case [{"name": _}, *_]:
            return Kind.TASKS
        case {"plugin": _}:
            return Kind.INVENTORY
        case {"apiVersion": _, "kind": _}:
            return Kind.OBJECTS
    return Kind.FOREIGN


def of_yaml(source: str, text: str) -> Iterator[Example]:
    """Yield the examples in one text of YAML: each of its documents, and each task of a document of tasks."""
    for document in filter(str.strip, DOCUMENT.split(text)):
        kind = _kind(yaml.safe_load(document))
        if kind is Kind.TASKS:
            for task in filter(str.strip, TASK.split(_left(document))):
                yield Example(f"{source}: {yaml.safe_load(task)[0]['name']}", source, kind, task)
            continue
        if kind is Kind.FOREIGN and FILE_NAME.match(document):
            kind = Kind.FILE
        title = NAMED.search(document) if kind is Kind.PLAYS else None
        yield Example(f"{source}: {title[1] if title else _first_line(document)}", source, kind, document)


def _left(text: str) -> str:
    """A text of YAML, moved to the left edge: a page may show a piece of a play."""
    margin = min(len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip())
    return "".join(line[margin:] if line.strip() else line for line in text.splitlines(keepends=True))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].removeprefix("# ").rstrip(" \\")


def plugin_texts() -> Iterator[tuple[str, str]]:
    """Yield each module and plugin that a user can name, with the text of its EXAMPLES."""
    plugins = ROOT / "plugins"
    for path in sorted(plugins.glob("*/*.yml")):
        yield path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))["EXAMPLES"]
    for path in sorted([*plugins.glob("modules/*.py"), *plugins.glob("inventory/*.py")]):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
                yield path.stem, ast.literal_eval(node.value)


def _of_page(page: Path) -> Iterator[Example]:
    """The examples of a Markdown page. A block of ```text is none: it is a picture, or output."""
    source = str(page.relative_to(ROOT))
    for block in documentation.blocks(page):
        yield from of_block(source, block)


def of_block(source: str, block: Block) -> Iterator[Example]:
    """Yield those in one block. Raises ValueError for a language that is not known."""
    match block.language:
        case "yaml":
            yield from of_yaml(source, block.text)
        case "":
            yield Example(f"{source}: {_first_line(block.text)}", source, Kind.SHELL, block.text)
        case "text":
            pass
        case other:
            raise ValueError(f"{block.where}: nobody runs a block of {other}; a picture or output is a block of text")


def plugin_examples() -> Iterator[Example]:
    """Yield the examples of all modules and plugins."""
    for name, text in plugin_texts():
        yield from of_yaml(name, text)


def page_examples() -> Iterator[Example]:
    """Yield those of the pages, and the commands that only a playbook's comment shows."""
    shown = [example for page in PAGES for example in _of_page(page)]
    yield from shown
    for command, source in documentation.commands().items():
        if source.endswith(".yml"):
            yield Example(f"{source}: {_first_line(command)}", source, Kind.SHELL, f"{command}\n")


def not_run() -> dict[str, str]:
    """Return the examples that the scenario cannot run, and why, by their names."""
    reasons: dict[str, str] = yaml.safe_load(NOT_RUN.read_text(encoding="utf-8"))
    return reasons
