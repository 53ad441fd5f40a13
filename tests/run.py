#!/usr/bin/env python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every check of the project, go on after a failure, and end with a count. Started by the Makefile."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from checks import BUILD, CLUSTER, INTERRUPTED, ROOT, RUNNING, Check, Commands, checks

WORKERS = 2


def run_check(check: Check, failures: list[str]) -> Counter[str]:
    """Run one check and say how it went; its output is in its log, and on the screen when it failed.

    A line about a failure goes to `failures`: at the end they are told again, below all that output.
    """
    started = time.monotonic()
    path = BUILD / "logs" / f"{check.name}.log"
    with path.open("w", encoding="utf-8") as log:
        commands = Commands(log)
        try:
            count = check.run(commands) or Counter(passed=1)
            reason = f"{count['failed']} failed" if count["failed"] else ""
        except Exception as error:  # noqa: BLE001  a check that breaks has failed, and the others go on
            count, reason = Counter(failed=1), str(error) or repr(error)
        log.flush()
        if INTERRUPTED.is_set():
            return Counter()
        text = f"{check.name:<24} {time.monotonic() - started:6.1f} s  "
        if reason:
            text += f"FAILED: {reason} (all of it is in {path.relative_to(ROOT)})"
            failures.append(text)
            text = f"{commands.output()}\n{text}"
        else:
            text += "ok" + (f", {count['passed']} tests" if count["passed"] > 1 else "")
    print(text, flush=True)
    return count


def run_stage(stage: list[Check], failures: list[str]) -> Iterator[Counter[str]]:
    """Run the checks of a stage side by side, and yield their counts as they come."""
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for future in as_completed([pool.submit(run_check, check, failures) for check in stage]):
                yield future.result()
        except KeyboardInterrupt:
            INTERRUPTED.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(RUNNING):
                process.terminate()
            raise


def main() -> int:
    """Run what was asked for."""
    if "SAFERESTART_CACHE" not in os.environ:
        sys.exit("tests/run.py needs the environment that the Makefile sets: use make test, lint, unit or molecule")
    stages = list(checks())
    names = {name for stage in stages for check in stage for name in (check.name, check.group)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=names, choices=sorted(names), help="run only these, or groups")
    parser.add_argument("--fast", action="store_true", help="leave out what needs a cluster")
    options = parser.parse_args()
    left_out = {"cluster", "molecule"} if options.fast else set()
    for stage in stages:
        stage[:] = [c for c in stage if {c.name, c.group} & set(options.only) and c.group not in left_out]
    selected = [check for stage in stages for check in stage]

    shutil.rmtree(BUILD / "logs", ignore_errors=True)
    (BUILD / "logs").mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    total: Counter[str] = Counter()
    failures: list[str] = []
    try:
        for stage in stages:
            for count in run_stage(stage, failures):
                total.update(count)
    except KeyboardInterrupt:
        INTERRUPTED.set()
        print("Interrupted")
    with_cluster = any(check.group in {"cluster", "molecule"} for check in selected)
    if with_cluster and (INTERRUPTED.is_set() or "cluster-down" not in {check.name for check in selected}):
        print(f"The cluster is left as it is; to remove it: make down CLUSTER={CLUSTER}")
    print(*failures, sep="\n", end="\n" if failures else "")
    print(f"{total['passed']} passed, {total['failed']} failed", flush=True)
    return 130 if INTERRUPTED.is_set() else int(total["failed"] > 0 or total["passed"] == 0)


if __name__ == "__main__":
    sys.exit(main())
