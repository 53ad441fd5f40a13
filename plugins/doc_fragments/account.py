# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time, what the cluster's users are told of it, and what is kept."""

from __future__ import annotations


class ModuleDocFragment:
    """One run at a time, what the cluster's users are told of it, and what is kept."""

    DOCUMENTATION = r"""
options:
  lock:
    description:
      - Whether this run keeps others away from the workload that it restarts. With pods or labels that is each workload
        that they belong to, and a pod that belongs to none.
      - The lock is a Lease C(saferestart-KIND-NAME) in the workload's namespace, with user, host, process and AWX job
        of its holder. It is there while the run lasts. Only modules of this collection respect it.
      - A run that was killed leaves it. The next one on the same machine, in the same container, sees that and goes on
        at once. Others do after 30 seconds without a renewal.
      - A run that loses its lock changes nothing more and fails.
      - In check mode nothing is locked, and a warning tells who holds the lock.
    type: str
    default: auto
    choices:
      auto: As V(fail), but where the user may not create Leases, a warning and no lock.
      fail: >-
        Fail with the name of the holder, and touch nothing. A holder that gives no sign of life within 30 seconds is
        taken for gone.
      wait: Wait for the end of the other run, for O(lock_timeout) seconds at most.
      none: No lock, and no regard to those of others.
    version_added: 0.4.0
  lock_timeout:
    description: How long to wait for another run, in seconds. For O(lock=wait) only.
    type: int
    default: 660
    version_added: 0.4.0
  events:
    description:
      - Whether to write Events that C(kubectl describe) shows, of the workload and of each pod that stays the same pod.
        They say who did what, the O(reason), and each container's ID and restart count before and after.
      - They are written at the end, failures are told too. No task fails because one cannot be written, and there is no
        word of it where the user may not create Events.
    type: bool
    default: true
    version_added: 0.4.0
  record:
    description:
      - Path of a file for the whole result as JSON, with who, why, when, what was asked, and the versions of all that
        took part. It is written at the end, also of a run that fails, with mode 0600, in the place of an earlier one.
      - It is on the host where the module runs, mostly the controller. The directory has to exist. What is masked in
        the result is masked there.
      - In check mode nothing is written.
    type: path
    version_added: 0.4.0
  result:
    description:
      - How RV(ignore:plan) and RV(ignore:pods) are returned.
      - AWX leaves out what a task's result says beyond 700,000 characters, which is about 500 pods.
    type: str
    default: full
    choices:
      full: With an entry for each pod.
      packed: >-
        With entries for what was not restarted only, 20 at most. All of it is in C(packed), compressed, about 200
        characters a pod. The filter P(saferestart.k8s.restart_unpacked#filter) makes the whole result of it.
        RV(ignore:summary) counts all, and O(record) has all.
    version_added: 0.5.0
notes:
  - "O(lock): C(get), C(create), C(update) and C(delete) of C(leases) in C(coordination.k8s.io). O(events): C(create) of
    C(events)."
"""
