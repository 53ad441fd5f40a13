#!/usr/bin/env python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every check of the project, go on after a failure, and end with a count. Started by the Makefile."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "saferestart-k8s"
COLLECTION = "saferestart.k8s"
WORKERS = 2
HEARTBEAT = 30.0

# The tests share one cluster of their own, so that they never take down the one that somebody is looking at.
CLUSTER = os.environ.get("SAFERESTART_CLUSTER") or "saferestart-test"

# How many sanity tests have to run: ansible-test is content, and exits 0, when it skips them all.
SANITY_TESTS = {"2.19": 24, "2.21": 24}

# ansible-test fetches this script to bootstrap pip, from a host that many networks do not reach: Python has pip.
GET_PIP = ("get_pip_24_2.py", "get_pip_25_2.py")
ENSURE_PIP = "import ensurepip\nensurepip.bootstrap(upgrade=True)\n"

# What a user gets: a file of anything else at the top of the tarball was forgotten in galaxy.yml's build_ignore.
SHIPPED = {"CHANGELOG.md", "COPYING", "FILES.json", "MANIFEST.json", "README.md", "changelogs", "docs", "meta"}
SHIPPED |= {"playbooks", "plugins", "requirements.txt", "roles"}

INTERRUPTED = threading.Event()
NO_CLUSTER = threading.Event()


class CheckError(Exception):
    """A check failed; the message is the reason, unless the log says it."""


@dataclass(frozen=True)
class Count:
    """How many tests passed and failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Count) -> Count:
        """Add both numbers."""
        return Count(self.passed + other.passed, self.failed + other.failed)


class Commands:
    """Runs commands into one log, and knows which are running."""

    running: set[subprocess.Popen[bytes]] = set()  # noqa: RUF012  every check's, so that an interrupt reaches them all

    def __init__(self, log: TextIO) -> None:
        self.log = log

    def __call__(self, *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """Run a command; a failure ends the check."""
        if INTERRUPTED.is_set():
            raise CheckError("interrupted")
        self.log.write(f"$ {' '.join(map(str, command))}\n")
        self.log.flush()
        with subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "PY_COLORS": "0", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        ) as process:
            self.running.add(process)
            code = self.wait(process)
            self.running.discard(process)
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


@dataclass(frozen=True)
class Check:
    """One named check; what it returns is counted beside the check itself."""

    name: str
    run: Callable[[Commands], Count | None]
    group: str


def command(*words: str) -> Callable[[Commands], None]:
    """Return a check that is one command."""
    return lambda run: run(*words)


def mypy(run: Commands) -> None:
    """Type-check the plugins as the package they are, then our own tools."""
    run("mypy", "-p", f"ansible_collections.{COLLECTION}.plugins")
    run("mypy", "tests/run.py", *map(str, (ROOT / "tests" / "cluster").glob("action_plugins/*.py")))


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


def galaxy(run: Commands) -> None:
    """Read each module's documentation from the collection as a user gets it."""
    modules = [f"{COLLECTION}.{path.stem}" for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))]
    if not modules:
        raise CheckError("plugins/modules/ holds no module")
    with tempfile.TemporaryDirectory() as folder:
        build_and_install(run, folder)
        run("ansible-doc", *modules, cwd=Path(folder), env={"ANSIBLE_COLLECTIONS_PATH": folder})
    missing = [name for name in modules if f"> MODULE {name} " not in run.output()]
    if missing:
        raise CheckError(f"ansible-doc shows nothing for {', '.join(missing)}")


def sanity(run: Commands) -> None:
    """Run ansible-test sanity on the collection as a user gets it: a real folder of the right name, outside of git."""
    series = ".".join(version("ansible-core").split(".")[:2])
    # A home of its own, with a short path (venvs are made in it), kept between runs; pip's settings are the user's.
    home = CACHE / "ansible-test"
    scripts = home / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    for name in GET_PIP:
        (scripts / name).write_text(ENSURE_PIP, encoding="utf-8")
    with contextlib.suppress(FileExistsError):
        (home / ".config").symlink_to(Path.home() / ".config")
    with tempfile.TemporaryDirectory() as folder:
        collection = build_and_install(run, folder)
        for path in (ROOT / "tests" / "config.yml", *(ROOT / "tests").glob("sanity/ignore-*.txt")):
            (collection / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, collection / path.relative_to(ROOT))
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        run("ansible-test", "sanity", "--color", "no", "--python", python, cwd=collection, env={"HOME": str(home)})
    found, expected = run.output().count("\nRunning sanity test "), SANITY_TESTS.get(series)
    if found != expected:
        raise CheckError(f"{found} sanity tests ran, and SANITY_TESTS expects {expected} of ansible-core {series}")


def unit(run: Commands) -> Count:
    """Run the unit tests; each one counts, and a skipped one has not passed."""
    report = BUILD / "unit.xml"
    report.unlink(missing_ok=True)
    with contextlib.suppress(CheckError):
        run("pytest", "-q", f"--junit-xml={report}")
    if not report.exists():
        raise CheckError("pytest did not get as far as a report")
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  pytest has just written it
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    failed = sum(int(suite.get(kind, 0)) for suite in suites for kind in ("failures", "errors", "skipped"))
    if not total:
        raise CheckError("pytest found no test")
    return Count(total - failed, failed)


def cluster(action: str, run: Commands) -> None:
    """Make or remove the cluster of the tests."""
    NO_CLUSTER.set()
    run("ansible-playbook", "-e", f"cluster_name={CLUSTER}", f"tests/cluster/{action}.yml")
    NO_CLUSTER.clear()


def molecule(scenario: str, run: Commands) -> None:
    """Run one scenario on the cluster that is there, in its own namespace."""
    if NO_CLUSTER.is_set():
        raise CheckError("not run: there is no cluster, see cluster-up")
    env = {"SAFERESTART_CLUSTER": CLUSTER, "SAFERESTART_KEEP_CLUSTER": "1"}
    missing = [name for name in ("converge.yml", "verify.yml") if not (ROOT / "molecule" / scenario / name).exists()]
    if missing:
        raise CheckError(f"molecule/{scenario} has no {', '.join(missing)}, which molecule itself only warns about")
    run("molecule", "test", "--scenario-name", scenario, env=env)


def checks() -> Iterator[list[Check]]:
    """Yield the checks in stages: those of one stage may run side by side."""
    yield [
        Check("ruff", command("ruff", "check", "."), "lint"),
        Check("ruff-format", command("ruff", "format", "--check", "--diff", "."), "lint"),
        Check("sanity", sanity, "lint"),  # the longest: the others pass beside it
        Check("yamllint", command("yamllint", "--strict", "."), "lint"),
        Check("changelog", command("antsibull-changelog", "lint"), "lint"),
        Check("unit", unit, "unit"),
        Check("mypy", mypy, "lint"),
        Check("docs", command("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."), "lint"),
        Check("galaxy", galaxy, "lint"),
        Check("ansible-lint", command("ansible-lint"), "lint"),
    ]
    yield [Check("cluster-up", partial(cluster, "up"), "cluster")]
    scenarios = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    yield [Check(f"molecule-{name}", partial(molecule, name), "molecule") for name in scenarios]
    yield [Check("cluster-down", partial(cluster, "down"), "cluster")]


def run_check(check: Check) -> Count:
    """Run one check and say how it went; its output is in its log, and on the screen when it failed."""
    started = time.monotonic()
    path = BUILD / "logs" / f"{check.name}.log"
    with path.open("w", encoding="utf-8") as log:
        commands = Commands(log)
        try:
            count = check.run(commands) or Count(passed=1)
            reason = f"{count.failed} failed" if count.failed else ""
        except (CheckError, OSError, ValueError) as error:
            count, reason = Count(failed=1), str(error)
        log.flush()
        if INTERRUPTED.is_set():
            return Count()
        text = f"{check.name:<24} {time.monotonic() - started:6.1f} s  "
        if reason:
            text = f"{commands.output()}\n{text}FAILED: {reason} (all of it is in {path.relative_to(ROOT)})"
        else:
            text += "ok" + (f", {count.passed} tests" if count.passed > 1 else "")
    print(text, flush=True)
    return count


def run_stage(stage: list[Check]) -> Iterator[Count]:
    """Run the checks of a stage side by side, and yield their counts as they come."""
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for future in as_completed([pool.submit(run_check, check) for check in stage]):
                yield future.result()
        except KeyboardInterrupt:
            INTERRUPTED.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(Commands.running):
                process.terminate()
            raise


def main() -> int:
    """Run what was asked for."""
    if "ANSIBLE_COLLECTIONS_PATH" not in os.environ:
        sys.exit("tests/run.py needs the environment that the Makefile sets: use make test, lint, unit or molecule")
    stages = list(checks())
    names = {name for stage in stages for check in stage for name in (check.name, check.group)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"run these checks only: {', '.join(sorted(names))}")
    parser.add_argument("--fast", action="store_true", help="leave out what needs a cluster")
    options = parser.parse_args()
    if unknown := set(options.only or []) - names:
        parser.error(f"no check is named {', '.join(sorted(unknown))}; there are {', '.join(sorted(names))}")
    left_out = {"cluster", "molecule"} if options.fast else set()
    for stage in stages:
        stage[:] = [c for c in stage if {c.name, c.group} & set(options.only or names) and c.group not in left_out]

    shutil.rmtree(BUILD / "logs", ignore_errors=True)
    (BUILD / "logs").mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    total = Count()
    try:
        for stage in stages:
            for count in run_stage(stage):
                total += count
    except KeyboardInterrupt:
        print(f"Interrupted. A cluster that was made is still there: make down CLUSTER={CLUSTER}")
    print(f"{total.passed} passed, {total.failed} failed", flush=True)
    return 130 if INTERRUPTED.is_set() else int(total.failed > 0 or total.passed == 0)


if __name__ == "__main__":
    sys.exit(main())
