# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin as ansible-inventory runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.saferestart.k8s.tests.unit.api_server import ApiServer

ROOT = Path(__file__).resolve().parents[4]
SECRET = "sesame-open-1234"
ENCODED = b64encode(SECRET.encode()).decode()


def kubeconfig(path: Path, *names: str, server: str = "https://{}.example.com", current: str = "") -> None:
    """A kubeconfig with a context, cluster and user of each name."""
    content = {
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-admin"}} for name in names],
        "clusters": [{"name": name, "cluster": {"server": server.format(name)}} for name in names],
        "users": [
            {"name": f"{name}-admin", "user": {"token": SECRET, "password": SECRET, "client-key-data": ENCODED}}
            for name in names
        ],
    }
    path.write_text(yaml.safe_dump(content))


def run(
    folder: Path, variables: Mapping[str, str] | None = None, cwd: Path | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """`ansible-inventory --list` of an inventory file with these options in the folder, run in `cwd`."""
    source = folder / "clusters.kube_contexts.yml"
    source.write_text(yaml.safe_dump({"plugin": "saferestart.k8s.kube_contexts"} | options))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("K8S_", "KUBE", "ANSIBLE_"))}
    environment = kept | {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "tree"),
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
        "ANSIBLE_HOME": str(folder / "ansible"),
        "KUBECONFIG": str(folder / "default"),
    }
    environment |= variables or {}
    command = [sys.executable, "-m", "ansible.cli.inventory", "--inventory", str(source), "--list"]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)


def listed(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What was printed. Texts that must not be templated come as an object with that one key."""
    found: dict[str, Any] = json.loads(done.stdout, object_hook=lambda entry: entry.get("__ansible_unsafe", entry))
    return found


def hosts(folder: Path, **options: Any) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """The hosts with their variables, and the groups with their hosts."""
    done = run(folder, **options)
    assert done.returncode == 0, done.stderr
    assert not any(word in done.stdout + done.stderr for word in (SECRET, ENCODED))
    found = listed(done)
    variables = found.pop("_meta")["hostvars"]
    return variables, {name: sorted(group["hosts"]) for name, group in found.items() if "hosts" in group}


def test_one_host_for_each_context_of_the_default_kubeconfig(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "default", "a", "{{ 7 * 7 }}")
    found, _groups = hosts(tmp_path)
    assert found.keys() == {"a", "{{ 7 * 7 }}"}
    assert found["a"] == {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "kube_context": "a",
        "kube_kubeconfig": str(tmp_path / "default"),
        "kube_cluster": "a",
        "kube_server": "https://a.example.com",
        "kube_user": "a-admin",
        "kube_namespace": "",
        "kube_labels": {},
    }


def test_labels_groups_and_composed_variables(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "kube", "prod-eu", "prod-us", "test-eu")
    found, groups = hosts(
        tmp_path,
        kubeconfigs=["kube"],
        exclude=["*-us"],
        labels={"prod-*": {"env": "prod"}, "*-eu": {"region": "eu"}},
        keyed_groups=[{"key": "kube_labels"}],
        leading_separator=False,
        groups={"careful": "kube_labels.env is defined"},
        compose={"url": "'https://' ~ kube_labels.region"},
        hostname="kube_context | upper",
        strict=True,
    )
    assert found.keys() == {"PROD-EU", "TEST-EU"}
    assert found["PROD-EU"]["kube_labels"] == {"env": "prod", "region": "eu"}
    assert found["PROD-EU"]["url"] == "https://eu"
    assert groups == {"env_prod": ["PROD-EU"], "region_eu": ["PROD-EU", "TEST-EU"], "careful": ["PROD-EU"]}


def test_one_host_for_each_file_of_a_directory(tmp_path: Path) -> None:
    folder = tmp_path / "clusters"
    folder.mkdir()
    for name in ("eu.yml", "us.yml"):
        kubeconfig(folder / name, "default", "other", server=f"https://{name}", current="default")
    (folder / "README").write_text("These are our clusters.")
    done = run(tmp_path, kubeconfigs=["clusters"], one_per="file")
    assert "README is no kubeconfig" in " ".join(done.stderr.split())
    found = listed(done)["_meta"]["hostvars"]
    assert {name: (entry["kube_context"], entry["kube_server"]) for name, entry in found.items()} == {
        "eu": ("default", "https://eu.yml"),
        "us": ("default", "https://us.yml"),
    }


def test_who_answers_is_found_out_only_where_it_is_asked_for(tmp_path: Path) -> None:
    with ApiServer() as server:
        kubeconfig(tmp_path / "default", "up", server=server.url)
        kubeconfig(tmp_path / "off", "off", server="https://127.0.0.1:9")
        hosts(tmp_path)
        server.answer({"gitVersion": "v1.36.1"})
        found, groups = hosts(tmp_path, kubeconfigs=["default:off"], check_reachable=True)
    assert len(server.requests) == 1
    assert groups == {"kube_reachable": ["up"], "kube_unreachable": ["off"]}
    assert found["up"]["kube_version"] == "v1.36.1"
    assert "No answer from the API server at https://127.0.0.1:9" in found["off"]["kube_error"]


@pytest.mark.parametrize("variable", ["KUBECONFIG", "K8S_AUTH_KUBECONFIG"])
def test_a_relative_path_of_a_variable_begins_in_the_current_directory(tmp_path: Path, variable: str) -> None:
    """As for kubectl; one that the file has begins where the file is, wherever the run was started."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kubeconfig(tmp_path / "kube", "of-the-file")
    kubeconfig(elsewhere / "kube", "of-the-variable")
    kubeconfig(elsewhere / "more", "more")
    variables = {variable: f"kube{os.pathsep}more{os.pathsep}gone"}

    def found(**options: Any) -> dict[str, str]:
        entries = listed(run(tmp_path, variables, elsewhere, **options))["_meta"]["hostvars"]
        return {name: entry["kube_kubeconfig"] for name, entry in entries.items()}

    files = os.pathsep.join(str(elsewhere / name) for name in ("kube", "more", "gone"))
    assert found() == {"of-the-variable": files, "more": files}
    assert found(kubeconfigs=["kube"]) == {"of-the-file": str(tmp_path / "kube")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kubeconfigs": ["gone"]}, "There is no kubeconfig"),
        ({"kubeconfigs": ["default", "default"]}, "There are two hosts a; this one is context a of"),
        ({"hostname": "kube_nothing"}, "hostname gives no name for context a"),
        ({"hostname": "7"}, "hostname gives no name for context a, but 7"),
        ({"labels": {"*": "prod"}}, r"labels: \* needs labels and their values"),
        ({"one_per": "file"}, "has no current context. Its contexts: a, b"),
        ({"compose": {"x": "kube_nothing"}, "strict": True}, "kube_nothing"),
    ],
)
def test_errors_name_what_was_found(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    kubeconfig(tmp_path / "default", "a", "b")
    done = run(tmp_path, **options)
    assert done.returncode != 0
    assert re.search(message, " ".join(done.stderr.split()))
    assert SECRET not in done.stderr


@pytest.mark.parametrize("option", ["include", "labels"])
def test_a_pattern_that_matches_nothing_is_a_warning(tmp_path: Path, option: str) -> None:
    kubeconfig(tmp_path / "default", "a")
    done = run(tmp_path, **{option: ["prd-*"] if option == "include" else {"prd-*": {"env": "prod"}}})
    assert f"{option}: no context matches prd-*." in " ".join(done.stderr.split())


def test_ansible_doc_shows_it() -> None:
    command = [sys.executable, "-m", "ansible.cli.doc", "--type", "inventory", "saferestart.k8s.kube_contexts"]
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "tree")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "one_per" in done.stdout
