# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages show: blocks of code, commands and files. Unit tests and checks.py hold it against what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "roles").glob("*/README.md"))]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: A command with the lines that it is continued on.
COMMAND = re.compile(r"^ansible-playbook (?:.*\\\n)*.*$", re.MULTILINE)
#: A block of YAML that begins with such a comment is a file of that name.
FILE_NAME = re.compile(r"# ([\w.]+\.yml)\n")


@dataclass(frozen=True)
class Block:
    """A block of code, and where it begins."""

    where: str
    language: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a Markdown page."""
    text = page.read_text(encoding="utf-8")
    for match in FENCED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(f"{page.relative_to(ROOT)}:{line}", match[1], match[2])


def commands() -> dict[str, str]:
    """Return each ansible-playbook command of the pages and of the playbooks' comments, and where it is first."""
    found: dict[str, str] = {}
    for page in PAGES:
        for block in blocks(page):
            for match in COMMAND.finditer(block.text):
                found.setdefault(match[0], block.where)
    for playbook in PLAYBOOKS:
        comments = re.findall(r"^#   (.*\n)", playbook.read_text(encoding="utf-8"), re.MULTILINE)
        for match in COMMAND.finditer("".join(comments)):
            found.setdefault(match[0], str(playbook.relative_to(ROOT)))
    return found


def files(pages: list[Path]) -> dict[str, str]:
    """Return the files that these pages show, by name."""
    shown = [block.text for page in pages for block in blocks(page) if block.language == "yaml"]
    return {match[1]: text for text in shown if (match := FILE_NAME.match(text))}
