# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A file on the host that the module runs on: complete or not there, and readable by its user alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def require_writable(option: str, path: Path) -> None:
    """Raises OSError, naming the option, where no file could be put at the path."""
    folder = path.parent
    if path.is_dir():
        raise IsADirectoryError(f"{option}: {path} is a directory, and has to be the path of a file")
    if not folder.is_dir():
        raise FileNotFoundError(f"{option}: there is no directory {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{option}: the directory {folder} cannot be written to")


def write_whole(path: Path, text: str) -> None:
    """Put the text there, in the place of what there is, also if the machine stops meanwhile. Raises OSError."""
    folder = path.parent
    # mkstemp(3) makes it with mode 0600
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Have the folder's new entry written down: fsync(2) of a file says nothing about its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
