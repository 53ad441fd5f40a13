#!/usr/bin/env python
# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what tasks cost on a real cluster, beside their bounds and their peers. See README.md. Started by make.

Usage: benchmark.py CLUSTER [PART...]. The namespace `benchmark` is made, and removed at the end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys

from common import CLUSTER, FOLDER, NAMESPACE, PARTS, kubectl
from large_plan import large_plan
from many_pods import many_pods
from one_pod import one_pod

ALL = {"one_pod": one_pod, "many_pods": many_pods, "large_plan": large_plan}


def main() -> int:
    """Print every figure as it comes; 1 if a bound is broken."""
    if not CLUSTER or "SAFERESTART_CACHE" not in os.environ:
        sys.exit("benchmark.py needs a cluster and the environment that the Makefile sets: use make benchmark")
    if unknown := set(PARTS) - ALL.keys():
        sys.exit(f"benchmark.py has no part {', '.join(sorted(unknown))}: there are {', '.join(ALL)}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    broken = 0
    try:
        for name in PARTS or ALL:
            print(f"== {name}", flush=True)
            _remove()
            kubectl("create", "namespace", NAMESPACE)
            kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=60s")
            for figure in ALL[name]():
                print(figure, flush=True)
                broken += not figure.ok
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        return 130
    finally:
        _remove()
    print(f"{broken} of the bounds broken" if broken else "All bounds hold")
    return int(broken > 0)


def _remove() -> None:
    """Remove all that was made, also what a run that was killed has left."""
    kubectl("delete", "--ignore-not-found", "namespace", NAMESPACE)


if __name__ == "__main__":
    sys.exit(main())
