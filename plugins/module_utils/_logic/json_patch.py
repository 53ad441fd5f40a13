# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A JSON patch (RFC 6902) tried on a document, for the words that an API server does not have. Pure.

Its answer to a path that does not exist is 422, "the server rejected our request due to an error in our request"
(seen in Kubernetes 1.36): not even which operation it was.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

#: Operations, and the member that each has to have besides `op` and `path` (RFC 6902, section 4).
_MEMBERS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": ""}


def require_operations(patch: object) -> list[dict[str, Any]]:
    """The patch, if it is a list of operations. Raises TargetError for anything else."""
    if not isinstance(patch, list) or not patch:
        raise TargetError("patch has to be a list of operations where patch_type is json, and not an empty one.")
    for number, entry in enumerate(patch):
        if not isinstance(entry, dict) or entry.get("op") not in _MEMBERS:
            raise TargetError(f"patch[{number}] needs an op, one of {', '.join(_MEMBERS)}.")
        for member in filter(None, ("path", _MEMBERS[entry["op"]])):
            if member not in entry:
                raise TargetError(f"patch[{number}] ({entry['op']}) has no {member}.")
            if member != "value" and not _is_pointer(entry[member]):
                raise TargetError(
                    f"patch[{number}] ({entry['op']}): {member} {entry[member]!r} is no JSON pointer. It begins with "
                    "'/' at the pod template, as in /spec/containers/0/image."
                )
    return patch


def below(prefix: Sequence[str], patch: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The operations, of a document that has the one they were written for at the path `prefix`."""
    start = "".join(f"/{escaped(key)}" for key in prefix)
    return [entry | {key: start + entry[key] for key in ("path", "from") if key in entry} for entry in patch]


def escaped(key: str) -> str:
    """A key as it is written in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def patched(document: Any, patch: Sequence[dict[str, Any]]) -> Any:
    """The document after the patch. Raises TargetError that names the operation which cannot be done."""
    root = {"": copy.deepcopy(document)}
    for number, entry in enumerate(patch):
        try:
            _apply(root, entry)
        except LookupError as error:
            words = f"patch[{number}] ({entry['op']} {entry['path']})"
            raise TargetError(f"{words} does not fit the pod template: {error.args[0]}.") from error
    return root[""]


def _apply(root: dict[str, Any], entry: dict[str, Any]) -> None:
    operation, path = entry["op"], _keys(entry["path"])
    if operation == "test":
        if _get(root, path) != entry["value"]:
            raise LookupError("another value is there")
    elif operation == "remove":
        _remove(root, path)
    elif operation == "replace":
        _remove(root, path)
        _add(root, path, entry["value"])
    elif operation == "add":
        _add(root, path, entry["value"])
    else:
        value = copy.deepcopy(_get(root, _keys(entry["from"])))
        if operation == "move":
            _remove(root, _keys(entry["from"]))
        _add(root, path, value)


def _get(root: Any, keys: Sequence[str]) -> Any:
    found = root
    for number, key in enumerate(keys):
        place = "/".join(keys[: number + 1])
        if isinstance(found, list):
            found = found[_index(key, len(found) - 1, place)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise LookupError(f"there is no {place}")
    return found


def _add(root: Any, keys: Sequence[str], value: Any) -> None:
    parent, last = _get(root, keys[:-1]), keys[-1]
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent), "/".join(keys)), copy.deepcopy(value))
        return
    if not isinstance(parent, dict):
        raise LookupError(f"{'/'.join(keys[:-1])} is no object and no list")  # noqa: TRY004 - as where it is not there
    parent[last] = copy.deepcopy(value)


def _remove(root: Any, keys: Sequence[str]) -> None:
    _get(root, keys)
    parent = _get(root, keys[:-1])
    del parent[int(keys[-1]) if isinstance(parent, list) else keys[-1]]


def _index(key: str, most: int, place: str) -> int:
    if not (key.isascii() and key.isdigit() and int(key) <= most):
        raise LookupError(f"there is no {place}")
    return int(key)


def _keys(pointer: str) -> list[str]:
    """The keys of a JSON pointer; the first one is the empty key of the root."""
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")]


def _is_pointer(value: object) -> bool:
    return isinstance(value, str) and (not value or value.startswith("/"))
