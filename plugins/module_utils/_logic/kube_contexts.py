# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Contexts from what kubeconfig files hold, those of them that are wanted, and what they are labelled with.

Files are merged as kubectl does it: the first one that has an entry of a name wins. Source: `kubectl config --help`,
and client-go's tools/clientcmd/loader.go (ClientConfigLoadingRules.Load).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.kube_context import KubeContext


def contexts_of(documents: Sequence[Mapping[str, Any]], kubeconfig: str) -> list[KubeContext]:
    """The contexts of these documents, merged, in their order. `kubeconfig` is where they are from."""
    clusters = _by_name(documents, "clusters", "cluster")
    current = next((name for document in documents if (name := document.get("current-context"))), None)
    return [
        KubeContext(
            name=name,
            kubeconfig=kubeconfig,
            cluster=str(entry.get("cluster") or ""),
            server=_without_user(str(clusters.get(str(entry.get("cluster")), {}).get("server") or "")),
            user=str(entry.get("user") or ""),
            namespace=str(entry.get("namespace") or ""),
            current=name == current,
        )
        for name, entry in _by_name(documents, "contexts", "context").items()
    ]


def only_current(contexts: Sequence[KubeContext]) -> KubeContext:
    """The one that is used where none is named. Raises SafeRestartError where that is none."""
    found = contexts if len(contexts) == 1 else [entry for entry in contexts if entry.current]
    if not found:
        names = ", ".join(entry.name for entry in contexts) or "none"
        where = contexts[0].kubeconfig if contexts else "the kubeconfig"
        raise SafeRestartError(f"{where} has no current context. Its contexts: {names}.")
    return found[0]


def chosen(contexts: Iterable[KubeContext], include: Sequence[str], exclude: Sequence[str]) -> list[KubeContext]:
    """Those whose name matches a pattern of `include`, all where it is empty, and none of `exclude`."""
    return [
        entry
        for entry in contexts
        if (not include or _matches(entry.name, include)) and not _matches(entry.name, exclude)
    ]


def labels_of(name: str, labels: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The labels of all patterns that match the context's name; of two values the later one counts."""
    found: dict[str, Any] = {}
    for pattern, entries in labels.items():
        if fnmatchcase(name, pattern):
            found |= entries
    return found


def idle(patterns: Iterable[str], contexts: Sequence[KubeContext]) -> list[str]:
    """Patterns that match no context at all: misspelt ones would be ignored in silence."""
    return [pattern for pattern in patterns if not any(fnmatchcase(entry.name, pattern) for entry in contexts)]


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _by_name(documents: Iterable[Mapping[str, Any]], plural: str, singular: str) -> dict[str, Mapping[str, Any]]:
    """The entries of one of a kubeconfig's lists by their name; what is no entry is left out, as clients do."""
    found: dict[str, Mapping[str, Any]] = {}
    for document in documents:
        entries = document.get(plural)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, Mapping) and isinstance(entry.get(singular), Mapping) and entry.get("name"):
                found.setdefault(str(entry["name"]), entry[singular])
    return found


def _without_user(server: str) -> str:
    """The URL without `user:password@`, which a proxy's may have."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
