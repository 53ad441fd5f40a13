# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house of docs/architecture.md: imports go down only, files stay small, every module is in the action group."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = ("ansible_collections", "saferestart", "k8s", "plugins")
MOST_LINES = 400


class Floor(NamedTuple):
    """What the files of a floor may import: floors of ours, and libraries besides Python's own."""

    floors: set[str]
    libraries: frozenset[str] = frozenset()


ANSIBLE = frozenset({"ansible"})
# The client, what it brings with it, and what ansible-core brings.
CLIENT = frozenset({"kubernetes", "certifi", "urllib3", "websocket", "yaml", "cryptography"})


FLOORS = {
    "module_utils/_model": Floor({"_model"}),
    "module_utils/_logic": Floor({"_model", "_logic"}, frozenset({"jmespath"})),
    "module_utils/_api": Floor({"_model", "_api"}, CLIENT),
    "module_utils/_run": Floor({"_model", "_logic", "_api", "_run"}),
    "module_utils/_argspec.py": Floor(set()),
    "module_utils/_environment.py": Floor(set()),
    "module_utils/_entry.py": Floor({"_model", "_logic", "_api", "_run", "_argspec", "_environment"}, ANSIBLE | CLIENT),
    "modules": Floor({"_run", "_argspec", "_entry"}, ANSIBLE),
    "action": Floor({"_model", "_logic"}, ANSIBLE),
    "filter": Floor({"_model", "_logic", "plugin_utils"}, ANSIBLE | {"yaml", "jinja2"}),
    "inventory": Floor({"_model", "_logic", "_api", "_argspec", "_environment"}, ANSIBLE),
    "test": Floor({"_model", "_logic"}, ANSIBLE),
    "plugin_utils": Floor({"_model", "_logic", "plugin_utils"}, frozenset({"jinja2", "markupsafe"})),
    "doc_fragments": Floor(set()),
}


def imported(tree: ast.Module, folder: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line and the absolute dotted names of every import of a file, the ones inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, tuple(alias.name.split("."))) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (*OURS, *folder)[: len(OURS) + len(folder) - node.level + 1] if node.level else ()
            base += tuple((node.module or "").split(".")) if node.module else ()
            yield from ((node.lineno, (*base, alias.name)) for alias in node.names)


def import_faults(path: Path, plugins: Path) -> Iterator[str]:
    """Yield what one file imports and must not."""
    where = path.relative_to(plugins)
    floor = FLOORS.get("/".join(where.parts[:2])) or FLOORS.get(where.parts[0])
    if floor is None:
        yield f"{where}: belongs to no floor"
        return
    for line, names in imported(ast.parse(path.read_text(encoding="utf-8")), where.parts[:-1]):
        if names[: len(OURS)] == OURS:
            inside = names[len(OURS) :]
            target = inside[1] if inside[0] == "module_utils" and len(inside) > 1 else inside[0]
            if target not in floor.floors:
                yield f"{where}:{line}: imports {target}, may import {sorted(floor.floors)}"
        elif names[0] not in sys.stdlib_module_names | floor.libraries:
            yield f"{where}:{line}: imports {names[0]}, may import {sorted(floor.libraries)} besides Python's own"


def faults(plugins: Path) -> list[str]:
    """Return everything that is not as the house wants it."""
    found: list[str] = []
    for path in sorted(plugins.rglob("*.py")):
        found += import_faults(path, plugins)
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            found.append(f"{path.relative_to(plugins)}: {lines} lines, at most {MOST_LINES}")
    return found


def test_the_collection_is_as_the_house_wants_it() -> None:
    assert faults(ROOT / "plugins") == []


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    assert runtime["action_groups"]["all"] == modules


def test_every_module_that_may_wait_for_a_lock_tells_what_it_waits_for() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = (ROOT / "plugins" / "modules").glob("*.py")
    locking = {
        path.stem for path in modules if re.search(r"\*\*ACCOUNT|lock_timeout", path.read_text(encoding="utf-8"))
    }
    routed = {name: entry["action_plugin"] for name, entry in runtime["plugin_routing"]["modules"].items()}
    assert routed == dict.fromkeys(locking - {"container_restart"}, "saferestart.k8s.container_restart")


def test_the_page_tells_what_each_file_of_the_orchestration_is_for() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = {path.stem for path in (ROOT / "plugins" / "module_utils" / "_run").glob("[a-z]*.py")}
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert [name for name in sorted(files - modules) if f"`{name}`" not in page] == []


UTILS = "ansible_collections.saferestart.k8s.plugins.module_utils"


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        ("module_utils/_model/pod.py", f"from {UTILS}._logic.plan import x", "pod.py:1: imports _logic"),
        ("module_utils/_model/pod.py", f"from {UTILS} import _logic", "pod.py:1: imports _logic"),
        ("module_utils/_model/pod.py", f"import {UTILS}._run.roll", "pod.py:1: imports _run"),
        ("module_utils/_model/pod.py", "from .._api import interface", "pod.py:1: imports _api"),
        ("module_utils/_model/pod.py", "from .. import _api", "pod.py:1: imports _api"),
        ("module_utils/_model/pod.py", f"def f():\n    from {UTILS}._api import x", "pod.py:2: imports _api"),
        ("module_utils/_logic/plan.py", "import kubernetes.client", "plan.py:1: imports kubernetes"),
        ("module_utils/_logic/plan.py", "from ansible.module_utils.basic import x", "plan.py:1: imports ansible"),
        ("module_utils/_logic/plan.py", f"from {UTILS}._api.interface import x", "plan.py:1: imports _api"),
        ("module_utils/_api/client.py", f"from {UTILS}._logic.plan import x", "client.py:1: imports _logic"),
        ("module_utils/_run/roll.py", f"from {UTILS}._entry import x", "roll.py:1: imports _entry"),
        ("module_utils/_run/roll.py", "import kubernetes", "roll.py:1: imports kubernetes"),
        ("modules/restart.py", f"from {UTILS}._api.client import x", "restart.py:1: imports _api"),
        ("modules/restart.py", "from ansible_collections.saferestart.k8s.plugins.filter.a import x", "imports filter"),
        ("module_utils/helpers.py", "", "helpers.py: belongs to no floor"),
        ("module_utils/_run/roll.py", "\n" * 401, "roll.py: 401 lines"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, file: str, source: str, fault: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    (found,) = faults(tmp_path)
    assert fault in found


def test_imports_downwards_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "module_utils" / "_run" / "roll.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"import json\nfrom . import wait\nfrom .._api import x\nfrom {UTILS}._model.pod import Pod\n")
    assert faults(tmp_path) == []
