# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages and examples say is what there is: all of it is told of, and no example has an option that is none."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import documentation
import examples
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH
from documentation import PAGES, PLAYBOOKS, ROOT, Block, blocks

COLLECTION = "saferestart.k8s"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
#: Plugins that a user can name. Filters and tests have their documentation beside them.
PLUGINS = sorted(path.stem for kind in ("filter", "test") for path in (ROOT / "plugins" / kind).glob("*.yml"))
PLUGINS += sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py"))
PLAYBOOK_NAMES = [path.stem for path in PLAYBOOKS]
EVERYTHING = sorted({*MODULES, *PLUGINS, *ROLES, *PLAYBOOK_NAMES})
PLAYBOOK_PAGE = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
TEMPLATE = "{{"
#: What holds tasks, in a play and in a task.
TASKS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")
ROLE_ACTIONS = {f"ansible.builtin.{action}" for action in ("include_role", "import_role")}


def linked() -> str:
    """The README, with the Markdown pages that it links to."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    pages = {ROOT / target for target in re.findall(r"\]\(([\w./]+\.md)\)", text)}
    assert all(page.exists() for page in pages)
    return text + "".join(page.read_text(encoding="utf-8") for page in sorted(pages - {readme}))


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_readme_or_a_page_of_it_tells_of(name: str) -> None:
    assert re.search(rf"`{name}(\.yml)?`|^## {name}$", linked(), re.MULTILINE), f"README.md says nothing of {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#:]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


# Options


@cache
def module_spec(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a module and its rules, as its main() has them."""
    module = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{name}")
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run_module", lambda options, _work, *_, **rules: found.append((options, rules)))
        module.main()
    ((options, rules),) = found
    rules.pop("secrets", None)
    rules.pop("supports_check_mode", None)
    return {**options, **AUTH}, rules


@cache
def role_spec(name: str) -> dict[str, Any]:
    """The options of a role."""
    path = ROOT / "roles" / name / "meta" / "argument_specs.yml"
    options: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


def option_faults(options: dict[str, Any], rules: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """What is wrong with these values; what is a template can be anything."""
    spec = {name: {"type": "raw"} if TEMPLATE in str(given.get(name)) else option for name, option in options.items()}
    validator = ArgumentSpecValidator(spec, **rules)
    return list(validator.validate(given).error_messages)


def role_faults(role: str, variables: dict[str, Any]) -> list[str]:
    """What is wrong with the variables of a role; only those that begin with its name are its own."""
    given = {name: value for name, value in variables.items() if name.startswith(f"{role}_")}
    return option_faults(role_spec(role), {}, given)


def task_faults(task: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one task, and with those in its block."""
    for action, arguments in task.items():
        collection, _, name = action.rpartition(".")
        if collection == COLLECTION:
            faults = option_faults(*module_spec(name), arguments or {}) if name in MODULES else ["there is none"]
        elif action in ROLE_ACTIONS and arguments["name"].startswith(COLLECTION):
            faults = role_faults(arguments["name"].rpartition(".")[2], task.get("vars", {}))
        else:
            faults = []
        yield from (f"{task.get('name', '')}: {action}: {fault}" for fault in faults)
    for part in TASKS:
        for inner in task.get(part, []):
            yield from task_faults(inner)


def play_faults(plays: object) -> Iterator[str]:
    """What is wrong with plays or tasks."""
    for play in plays if isinstance(plays, list) else []:
        for entry in play.get("roles", []):
            role = entry if isinstance(entry, dict) else {"role": entry}
            if role["role"].startswith(COLLECTION):
                variables = {**play.get("vars", {}), **role.get("vars", {})}
                yield from role_faults(role["role"].rpartition(".")[2], variables)
        yield from task_faults(play)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[{saferestart.k8s.pid1: {}}]", "there is none"),
        ("[{saferestart.k8s.pid1_info: {namespace: a, name: b, kind: Pod, nam: c}}]", "nam. Supported"),
        ("[{block: [{saferestart.k8s.pod_delete: {namespace: a, pods: [b], method: c}}]}]", "method must be one of"),
        ("[{saferestart.k8s.pod_delete: {namespace: a}}]", "one of the following is required"),
        (
            "[{hosts: a, vars: {safe_restart_namespace: a}, roles: [saferestart.k8s.safe_restart]}]",
            "safe_restart_workloads",
        ),
        (
            "[{ansible.builtin.include_role: {name: saferestart.k8s.fleet_restart}, vars: {fleet_restart_b: 1}}]",
            "restart_b",
        ),
    ],
)
def test_a_fault_is_found(text: str, fault: str) -> None:
    assert fault in "\n".join(play_faults(yaml.safe_load(text)))


# Examples


EXAMPLES = dict(examples.plugin_texts())


def test_everything_has_examples() -> None:
    assert sorted(EXAMPLES) == sorted({*MODULES, *PLUGINS})


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_have_options_that_there_are(name: str) -> None:
    documents = list(yaml.safe_load_all(EXAMPLES[name]))
    assert any(documents)
    assert f"{COLLECTION}.{name}" in EXAMPLES[name]
    assert [fault for document in documents for fault in play_faults(document)] == []


YAML_BLOCKS = [block for page in PAGES for block in blocks(page) if block.language == "yaml"]


@pytest.mark.parametrize("block", YAML_BLOCKS, ids=lambda block: block.where)
def test_blocks_of_the_pages_have_options_that_there_are(block: Block) -> None:
    assert list(play_faults(yaml.safe_load(block.text))) == []


def test_there_are_blocks() -> None:
    assert YAML_BLOCKS


# Playbooks


def section(playbook: str) -> str:
    """What the page of playbooks says of one."""
    found = re.search(rf"^## {re.escape(playbook)}\n(.*?)(?=^## |\Z)", PLAYBOOK_PAGE, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_the_page_of_a_playbook_tells_its_variables(playbook: Path) -> None:
    text = playbook.read_text(encoding="utf-8")
    roles = [name for name in ROLES if f"{COLLECTION}.{name}" in text]
    known = {option for role in roles for option in role_spec(role)}
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`\w+`.*?) \|", section(playbook.stem), re.MULTILINE))))
    used = set(re.findall(rf"\b((?:{playbook.stem}|staged_restart|fleet_restart)_\w+) \| default", text))
    assert told, f"docs/playbooks.md has no table of variables of {playbook.stem}"
    assert {name for name in told if name not in known and name not in text} == set()
    assert used - told == set()


@pytest.mark.parametrize("playbook", PLAYBOOK_NAMES)
def test_the_page_of_a_playbook_has_a_command(playbook: str) -> None:
    assert re.search(rf"^ansible-playbook .*{COLLECTION}\.{playbook}\b", section(playbook), re.MULTILINE)


def test_commands_give_variables_that_there_are() -> None:
    known = {option for role in ROLES for option in role_spec(role)}
    known |= set(re.findall(r"`(\w+)`", PLAYBOOK_PAGE))
    known |= set(re.findall(r"\b(saferestart_awx_\w+):", (ROOT / "playbooks" / "awx" / "setup.yml").read_text("utf-8")))
    for command, where in documentation.commands().items():
        given = set(re.findall(r" -e (\w+)=", command))
        assert given - known == set(), where


def test_commands_are_found() -> None:
    found = documentation.commands()
    assert {"README.md", "docs/playbooks.md", "docs/awx.md"} <= {where.partition(":")[0] for where in found.values()}
    whole = "\\\n  -e safe_restart_namespace=shop -e safe_restart_workloads=deployment/cart,sts/db"
    assert any(command.endswith(whole) for command in found)
