# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked: the list is at the end. Started by run.py."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import documentation

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
CACHE = Path(os.environ.get("SAFERESTART_CACHE", ""))
CLUSTER = os.environ.get("SAFERESTART_CLUSTER", "")
#: Of molecule/fleet_restart, which removes it; as cluster_beside in tests/cluster/vars/main.yml.
SECOND_CLUSTER = f"{CLUSTER}-fleet-2"
COLLECTION = "saferestart.k8s"
HEARTBEAT = 30.0

# How many sanity tests have to run: ansible-test is content, and exits 0, when it skips them all.
SANITY_TESTS = {"2.19": 24, "2.20": 24, "2.21": 24}

# What a user gets: a file of anything else at the top of the tarball was forgotten in galaxy.yml's build_ignore.
SHIPPED = {"CHANGELOG.md", "COPYING", "FILES.json", "MANIFEST.json", "README.md", "changelogs", "docs", "meta"}
SHIPPED |= {".ansible-lint", "extensions", "playbooks", "plugins", "requirements.txt", "roles"}

INTERRUPTED = threading.Event()
NO_CLUSTER = threading.Event()
RUNNING: set[subprocess.Popen[bytes]] = set()


class CheckError(Exception):
    """A check failed; the message is the reason, unless the log says it."""


class Commands:
    """Runs commands into one log."""

    def __init__(self, log: TextIO) -> None:
        self.log = log

    def __call__(self, *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """Run a command; a failure ends the check."""
        if INTERRUPTED.is_set():
            raise CheckError("interrupted")
        self.log.write(f"$ {' '.join(map(str, command))}\n")
        self.log.flush()
        env = {**os.environ, "NO_COLOR": "1", "PY_COLORS": "0", **(env or {})}
        nothing, both = subprocess.DEVNULL, subprocess.STDOUT
        # A group of its own, to be ended with all that it has started: see end_all().
        with subprocess.Popen(
            command, cwd=cwd, env=env, stdin=nothing, stdout=self.log, stderr=both, process_group=0
        ) as process:
            RUNNING.add(process)
            code = self.wait(process)
            RUNNING.discard(process)
        if code:
            raise CheckError(f"{command[0]} ended with exit code {code}")

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for a command, and show now and then that it is alive and how far it is."""
        while True:
            try:
                return process.wait(timeout=HEARTBEAT)
            except subprocess.TimeoutExpired:
                last = (self.output().rstrip().splitlines() or [""])[-1]
                print(f"{Path(self.log.name).stem:<24} ...       {last.strip()[:100]}", flush=True)

    def output(self) -> str:
        """Return everything that was logged."""
        return Path(self.log.name).read_text(encoding="utf-8", errors="replace")


def end_all() -> None:
    """End every command that runs, and what these have started; Ansible hands the signal on to what its workers do."""
    for process in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


def remove_second_cluster() -> None:
    """Remove what a scenario that was interrupted has made beside the cluster of all scenarios."""
    if (CACHE / "clusters" / SECOND_CLUSTER).exists():
        print(f"The cluster {SECOND_CLUSTER} is removed", flush=True)
        words = ["ansible-playbook", "-e", f"cluster_name={SECOND_CLUSTER}", "tests/cluster/down.yml"]
        subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)


@dataclass(frozen=True)
class Check:
    """One named check; what it returns is counted beside the check itself."""

    name: str
    run: Callable[[Commands], Counter[str] | None]
    group: str


def command(*words: str) -> Callable[[Commands], None]:
    """Return a check that is one command."""
    return lambda run: run(*words)


def mypy(run: Commands) -> None:
    """Type-check the plugins as the package they are, then our own tools."""
    run("mypy", "-p", f"ansible_collections.{COLLECTION}.plugins")
    tools = [*(ROOT / "tests" / "cluster").glob("*_plugins/*.py"), *(ROOT / "tests" / "benchmark").rglob("*.py")]
    own = [f"tests/{name}.py" for name in ("run", "checks", "api_proxy", "awx_import", "documentation", "examples")]
    scenarios = sorted((ROOT / "molecule").rglob("*.py"))
    run("mypy", "tests/importer/importer.py", *own, *map(str, [*tools, *scenarios]))


def build_and_install(run: Commands, folder: str) -> Path:
    """Build the collection, install what was built into an empty folder, and return where it is."""
    # With that folder as the only place to look, or the checkout counts as an installed collection.
    env = {"ANSIBLE_COLLECTIONS_PATH": folder}
    run("ansible-galaxy", "collection", "build", "--output-path", folder)
    (tarball,) = Path(folder).glob("*.tar.gz")
    with tarfile.open(tarball) as archive:
        surplus = {name.split("/")[0] for name in archive.getnames()} - SHIPPED
    if surplus:
        raise CheckError(f"the tarball holds {sorted(surplus)}: add to build_ignore in galaxy.yml, or to SHIPPED here")
    run("ansible-galaxy", "collection", "install", tarball, "--offline", "-p", folder, env=env)
    return Path(folder, "ansible_collections", *COLLECTION.split(".")).resolve(strict=True)


#: What ansible-doc has to show, by the kind as it calls it.
DOCUMENTED = {
    "module": "plugins/modules/*.py",
    "filter": "plugins/filter/*.yml",
    "test": "plugins/test/*.yml",
    "inventory": "plugins/inventory/*.py",
    "role": "roles/*",
}
KUBECONFIG = """{apiVersion: v1, kind: Config, clusters: [{name: prod, cluster: {server: "https://prod.example.com"}}],
users: [{name: me, user: {}}], contexts: [{name: prod, context: {cluster: prod, user: me}}], current-context: prod}"""


def galaxy(run: Commands) -> None:
    """Read all documentation from the collection as a user gets it, and parse every command that a page shows."""
    with tempfile.TemporaryDirectory() as folder:
        build_and_install(run, folder)
        env = {"ANSIBLE_COLLECTIONS_PATH": folder, "K8S_AUTH_KUBECONFIG": f"{folder}/kubeconfig"}
        for kind, pattern in DOCUMENTED.items():
            names = [f"{COLLECTION}.{path.stem}" for path in sorted(ROOT.glob(pattern))]
            if not names:
                raise CheckError(f"{pattern} is nowhere")
            run("ansible-doc", "--type", kind, *names, cwd=Path(folder), env=env)
            shows = re.findall(rf"^> {kind.upper()}:? \*?([\w.]+)", run.output(), re.MULTILINE)
            missing = sorted(set(names) - set(shows))
            if missing:
                raise CheckError(f"ansible-doc shows nothing for {', '.join(missing)}")
        Path(folder, "kubeconfig").write_text(KUBECONFIG, encoding="utf-8")
        for name, text in documentation.files(documentation.PAGES).items():
            Path(folder, name).write_text(text, encoding="utf-8")
        for shown, where in documentation.commands().items():
            if f"{COLLECTION}.awx.setup" in shown:
                continue  # awx.awx is nowhere but where AWX is; ansible-lint has a mock of it
            run.log.write(f"{where}:\n")
            parse = shown.replace("ansible-playbook ", "ansible-playbook --syntax-check ", 1)
            run("bash", "-c", parse, cwd=Path(folder), env=env)


def execution_environment(run: Commands) -> None:
    """Make the build context of the execution environment, and install from it what an image would get."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder, "context")
        build_and_install(run, folder)
        definition = shutil.copy(ROOT / "playbooks" / "awx" / "execution-environment.yml", folder)
        (tarball,) = Path(folder).glob("*.tar.gz")
        tarball.rename(Path(folder, "saferestart-k8s.tar.gz"))
        run("ansible-builder", "create", "--file", definition, "--context", context, cwd=Path(folder))
        # The image has it in /build, where ansible-galaxy runs.
        requirements = context / "_build" / "requirements.yml"
        requirements.write_text(requirements.read_text("utf-8").replace("/build/", f"{context}/_build/"), "utf-8")
        made = Path(folder, "made")
        env = {"ANSIBLE_COLLECTIONS_PATH": str(made)}
        run("ansible-galaxy", "collection", "install", "--offline", "-r", requirements, "-p", made, env=env)
        run("ansible-builder", "introspect", made)
    missing = [name for name in ("kubernetes>=", "jmespath>=") if f"- '{name}" not in run.output()]
    if missing:
        raise CheckError(f"ansible-builder finds no requirement {', '.join(missing)} of the collection")


def sanity(run: Commands) -> None:
    """Run ansible-test sanity on the collection as a user gets it: a real folder of the right name, outside of git."""
    series = ".".join(version("ansible-core").split(".")[:2])
    # A home of its own, with a short path (venvs are made in it), kept between runs; pip's settings are the user's.
    home = CACHE / "ansible-test"
    scripts = home / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    # It bootstraps pip with this script, or fetches it from a host that many networks do not reach. Python has pip.
    for name in ("get_pip_24_2.py", "get_pip_25_2.py"):
        (scripts / name).write_text("import ensurepip\nensurepip.bootstrap(upgrade=True)\n", encoding="utf-8")
    with contextlib.suppress(FileExistsError):
        (home / ".config").symlink_to(Path.home() / ".config")
    # Another checkout may run it at the same time, in the same virtual environments.
    with (home / "lock").open("w", encoding="utf-8") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        collection = build_and_install(run, folder)
        for path in (ROOT / "tests" / "config.yml", *(ROOT / "tests").glob("sanity/ignore-*.txt")):
            (collection / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, collection / path.relative_to(ROOT))
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        run("ansible-test", "sanity", "--color", "no", "--python", python, cwd=collection, env={"HOME": str(home)})
    # One that cannot run, for want of a virtual environment or of libyaml, is a warning only.
    skipped = re.findall(r'Skipping sanity test "[^"]+".*', run.output())
    if skipped:
        raise CheckError("; ".join(skipped))
    found, expected = run.output().count("\nRunning sanity test "), SANITY_TESTS.get(series)
    if found != expected:
        raise CheckError(f"{found} sanity tests ran, and SANITY_TESTS expects {expected} of ansible-core {series}")


def unit(run: Commands) -> Counter[str]:
    """Run the unit tests; each one counts, and a skipped one has not passed."""
    report = BUILD / "unit.xml"
    report.unlink(missing_ok=True)
    error = None
    try:
        run("pytest", "-q", f"--junit-xml={report}")
    except CheckError as caught:
        error = caught
    if not report.exists():
        raise error or CheckError("pytest wrote no report")
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  pytest has just written it
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get(kind, 0)) for suite in suites for kind in ("failures", "errors", "skipped"))
    if not failed and (error or not total):
        raise error or CheckError("pytest found no test")
    return Counter(passed=total - failed, failed=failed)


def cluster(action: str, run: Commands) -> None:
    """Make or remove the cluster of the tests."""
    NO_CLUSTER.set()
    run("ansible-playbook", "-e", f"cluster_name={CLUSTER}", f"tests/cluster/{action}.yml")
    NO_CLUSTER.clear()


def molecule(scenario: str, run: Commands) -> None:
    """Run one scenario on the cluster that is there, in its own namespace."""
    if NO_CLUSTER.is_set():
        raise CheckError("not run: there is no cluster, see cluster-up")
    missing = [name for name in ("converge.yml", "verify.yml") if not (ROOT / "molecule" / scenario / name).exists()]
    if missing:
        raise CheckError(f"molecule/{scenario} has no {', '.join(missing)}, which molecule itself only warns about")
    # molecule remembers what an interrupted run had made and prepared, on a cluster that may be another one by now.
    for state in (BUILD / "ansible" / "tmp").glob(f"molecule.*.{scenario}/state.yml"):
        state.unlink()
    run("molecule", "test", "--scenario-name", scenario, env={"SAFERESTART_KEEP_CLUSTER": "1"})


#: Run by targets of their own, each on a cluster of its own: one breaks its cluster, one takes half an hour.
APART = ("chaos", "examples")
#: They begin first, so that none is left alone at the end.
LONGEST = (
    "truth_table",
    "resource_replace",
    "killed_run",
    "bad_input",
    "awx_job",
    "runbooks",
    "no_failed_request",
    "fleet_restart",
)


def checks() -> Iterator[list[Check]]:
    """Yield the checks in stages: those of one stage may run side by side."""
    yield [
        Check("cluster-up", partial(cluster, "up"), "cluster"),  # it takes the longest by far where nothing is there
        Check("ruff", command("ruff", "check", "."), "lint"),
        Check("ruff-format", command("ruff", "format", "--check", "--diff", "."), "lint"),
        Check("sanity", sanity, "lint"),
        Check("yamllint", command("yamllint", "--strict", "."), "lint"),
        Check("changelog", command("antsibull-changelog", "lint"), "lint"),
        Check("unit", unit, "unit"),
        Check("mypy", mypy, "lint"),
        Check("docs", command("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."), "lint"),
        Check("galaxy", galaxy, "lint"),
        Check("execution-environment", execution_environment, "lint"),
        Check("ansible-lint", command("ansible-lint"), "lint"),
    ]
    scenarios = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    scenarios = [name for name in scenarios if name not in APART]
    scenarios.sort(key=lambda name: name not in LONGEST)
    yield [Check(f"molecule-{name}", partial(molecule, name), "molecule") for name in scenarios]
    yield [Check("cluster-down", partial(cluster, "down"), "cluster")]
