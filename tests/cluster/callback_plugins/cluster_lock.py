# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let one ansible-playbook at a time work on a cluster_home; another one waits.

A callback runs in ansible-playbook's own process, a task does not: the kernel
gives the lock back when that process and its workers end, however they end.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ansible.playbook.play import Play
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar


class CallbackModule(CallbackBase):
    """The callback ``cluster_lock``; it is found beside the playbooks and needs no setting."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "cluster_lock"

    locked: int | None = None

    def v2_playbook_on_play_start(self, play: Play) -> None:
        """Take the lock before the first play that has a cluster_home, and keep it to the end.

        Whoever imports such plays and skips all of their tasks says so with ``cluster_lock: false``.
        """
        variables = play.get_variable_manager().get_vars(play=play)
        if "cluster_home" not in variables or self.locked is not None:
            return
        templar = Templar(play.get_loader(), variables)
        if templar.template(variables.get("cluster_lock", True)):
            self.locked = self.lock(Path(templar.template(variables["cluster_home"])))

    def lock(self, folder: Path) -> int:
        """Lock the folder itself, and look whether it is still that one: clean.yml removes it."""
        while True:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._display.display(f"Waiting for another ansible-playbook, which is at work on {folder}")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists() and os.path.samestat(folder.stat(), os.fstat(descriptor)):
                return descriptor
            os.close(descriptor)
