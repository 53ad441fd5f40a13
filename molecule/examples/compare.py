# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what became of each task against what was expected: compare.py FOLDER.

Says what is different, and ends with 1 then.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DONE = {"ok", "changed", "ignored"}


def fault(expected: dict[str, Any], outcomes: list[dict[str, Any]]) -> str:
    """What is wrong with a task; empty if nothing is."""
    came_to = {outcome["outcome"] for outcome in outcomes}
    if not came_to & DONE:
        return f"was {' and '.join(sorted(came_to)) or 'not run'}, and not done"
    if expected["changes"] and "changed" not in came_to:
        return "has changed nothing"
    shown = [outcome["message"] for outcome in outcomes]
    if expected["message"] is not None and expected["message"] not in shown:
        return f"shows {shown}, and is said to show {expected['message']}"
    return ""


def faults(expected: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong, with the names."""
    if not expected:
        yield "no example was found"
    for entry in expected:
        own = [found for found in outcomes if (found["where"], found["task"]) == (entry["where"], entry["task"])]
        if text := fault(entry, own):
            yield f"{entry['where']}: {entry['task']}: {text}"


def main(folder: Path) -> int:
    """Compare."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    outcomes = [json.loads(line) for line in (folder / "outcomes.json").read_text(encoding="utf-8").splitlines()]
    found = list(faults(expected, outcomes))
    print(*found, sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
