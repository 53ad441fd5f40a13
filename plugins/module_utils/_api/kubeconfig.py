# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Kubeconfig files as they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError


def default_kubeconfig(environment: Mapping[str, str]) -> str:
    """What the modules take where no kubeconfig is named: K8S_AUTH_KUBECONFIG, KUBECONFIG, or the user's own file."""
    return environment.get("K8S_AUTH_KUBECONFIG") or environment.get("KUBECONFIG") or "~/.kube/config"


def files_in(folder: Path) -> list[Path]:
    """The files of a directory that may be kubeconfigs: those that are not hidden. Raises SafeRestartError."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise SafeRestartError(f"The directory {folder} cannot be read: {error.strerror}.") from error


def read_kubeconfigs(paths: str) -> list[Mapping[str, Any]]:
    """The content of a file, or of several with colons between them, of which those count that exist.

    Raises SafeRestartError for none, and for what is no kubeconfig. It quotes nothing: there are secrets in it.
    """
    there = those_there(paths)
    if not there:
        raise SafeRestartError(f"There is no kubeconfig {paths}.")
    return [_read(path) for path in there]


def those_there(paths: str) -> list[Path]:
    """Of a file, or of several with colons between them, those that may exist."""
    return [Path(path) for path in paths.split(os.pathsep) if path and may_exist(path)]


def may_exist(path: str | Path) -> bool:
    """Whether the file is there, or nobody can tell because of the rights of its folders; ~ is a home, where known."""
    try:
        os.stat(os.path.expanduser(path))  # noqa: PTH111, PTH116  pathlib fails where there is no such home
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _read(path: Path) -> Mapping[str, Any]:
    import yaml  # comes with ansible-core: it is there where an inventory is read

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SafeRestartError(f"The kubeconfig {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise SafeRestartError(f"{path} is no kubeconfig: it is no YAML{place}.") from None
    if not isinstance(loaded, Mapping) or not isinstance(loaded.get("contexts"), list):
        raise SafeRestartError(f"{path} is no kubeconfig: it has no list of contexts.")
    return loaded
