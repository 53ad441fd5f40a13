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
from concurrent.futures import ThreadPoolExecutor, as_completed

from checks import BUILD, CLUSTER, INTERRUPTED, ROOT, Check, Commands, checks, end_all, remove_second_cluster

#: One more than many machines have cores: a scenario mostly waits for the kubelet.
WORKERS = 3
#: No more scenarios than these are run once more: so many failures are no accident of a busy machine.
MOST_AGAIN = 3


def run_check(check: Check, failures: dict[str, str]) -> Counter[str]:
    """Run one check and say how it went; its output is in its log, and on the screen when it failed.

    A line about a failure goes to `failures`, by its name: at the end they are told again, below all that output.
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
            failures[check.name] = text
            text = f"{commands.output()}\n{text}"
        else:
            text += "ok" + (f", {count['passed']} tests" if count["passed"] > 1 else "")
    print(text, flush=True)
    return count


def run_stage(stage: list[Check], counts: dict[str, Counter[str]], failures: dict[str, str]) -> None:
    """Run the checks of a stage side by side."""
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            futures = {pool.submit(run_check, check, failures): check.name for check in stage}
            for future in as_completed(futures):
                counts[futures[future]] = future.result()
        except KeyboardInterrupt:
            INTERRUPTED.set()
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise


def run_again(check: Check, counts: dict[str, Counter[str]], failures: dict[str, str]) -> None:
    """Run a check that failed once more, alone: if it fails again it has failed.

    A real cluster on a machine of few cores is now and then too slow for somebody. An error that comes and goes is one
    all the same, so it is told, and its log is kept.
    """
    print(f"{check.name} is run once more, alone", flush=True)
    log = BUILD / "logs" / f"{check.name}.log"
    log.rename(log.with_suffix(".first.log"))
    first = failures.pop(check.name)
    run_stage([check], counts, failures)
    failures.setdefault(check.name, f"{first.replace('.log', '.first.log')}, and passed when it was run once more")


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
    counts: dict[str, Counter[str]] = {}
    failures: dict[str, str] = {}
    try:
        for stage in stages:
            run_stage(stage, counts, failures)
            again = [check for check in stage if check.group == "molecule" and check.name in failures]
            for check in again if len(again) <= MOST_AGAIN else []:
                run_again(check, counts, failures)
    except KeyboardInterrupt:
        INTERRUPTED.set()
        print("Interrupted", flush=True)
        remove_second_cluster()
    with_cluster = any(check.group in {"cluster", "molecule"} for check in selected)
    if with_cluster and (INTERRUPTED.is_set() or "cluster-down" not in {check.name for check in selected}):
        print(f"The cluster is left as it is; to remove it: make down CLUSTER={CLUSTER}")
    print(*failures.values(), sep="\n", end="\n" if failures else "")
    total = sum(counts.values(), Counter())
    print(f"{total['passed']} passed, {total['failed']} failed", flush=True)
    return 130 if INTERRUPTED.is_set() else int(total["failed"] > 0 or total["passed"] == 0)


if __name__ == "__main__":
    sys.exit(main())
