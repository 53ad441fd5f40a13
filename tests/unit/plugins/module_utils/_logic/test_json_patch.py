# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.json_patch import (
    below,
    escaped,
    patched,
    require_operations,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError

DOCUMENT: dict[str, Any] = {"a": {"b": 1, "x/y": 2, "~": 3}, "list": [{"n": 0}, {"n": 1}]}


# What RFC 6902 says in its section 4 and its appendix A.
@pytest.mark.parametrize(
    ("operation", "path", "found"),
    [
        ({"op": "add", "path": "/c", "value": 7}, ("c",), 7),
        ({"op": "add", "path": "/a/b", "value": 7}, ("a", "b"), 7),
        ({"op": "add", "path": "/list/1", "value": 7}, ("list",), [{"n": 0}, 7, {"n": 1}]),
        ({"op": "add", "path": "/list/2", "value": 7}, ("list",), [{"n": 0}, {"n": 1}, 7]),
        ({"op": "add", "path": "/list/-", "value": 7}, ("list",), [{"n": 0}, {"n": 1}, 7]),
        ({"op": "add", "path": "", "value": 7}, (), 7),
        ({"op": "remove", "path": "/list/0"}, ("list",), [{"n": 1}]),
        ({"op": "replace", "path": "/a/x~1y", "value": 7}, ("a", "x/y"), 7),
        ({"op": "replace", "path": "/a/~0", "value": 7}, ("a", "~"), 7),
        ({"op": "move", "from": "/a", "path": "/list/0"}, ("list", 0), DOCUMENT["a"]),
        ({"op": "copy", "from": "/a/b", "path": "/c"}, ("c",), 1),
        ({"op": "test", "path": "/list/1/n", "value": 1}, (), DOCUMENT),
    ],
)
def test_patched(operation: dict[str, Any], path: tuple[Any, ...], found: Any) -> None:
    before = copy.deepcopy(DOCUMENT)
    result = patched(DOCUMENT, [operation])
    for key in path:
        result = result[key]
    assert result == found
    assert before == DOCUMENT, "the document itself is left as it is"


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({"op": "remove", "path": "/c"}, r"patch\[0\] \(remove /c\) does not fit the pod template: there is no /c"),
        ({"op": "remove", "path": "/list/2"}, "there is no /list/2"),
        ({"op": "remove", "path": "/list/-"}, "there is no /list/-"),
        ({"op": "remove", "path": "/list/01x"}, "there is no /list/01x"),
        ({"op": "add", "path": "/list/3", "value": 1}, "there is no /list/3"),
        ({"op": "add", "path": "/c/d", "value": 1}, "there is no /c"),
        ({"op": "add", "path": "/a/b/c", "value": 1}, "/a/b is no object and no list"),
        ({"op": "replace", "path": "/c", "value": 1}, "there is no /c"),
        ({"op": "test", "path": "/a/b", "value": 2}, "another value is there"),
        ({"op": "copy", "from": "/c", "path": "/d"}, "there is no /c"),
    ],
)
def test_what_cannot_be_done_is_named(operation: dict[str, Any], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        patched(DOCUMENT, [operation])


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ({}, "has to be a list of operations"),
        ([], "not an empty one"),
        (["remove"], r"patch\[0\] needs an op, one of add, replace"),
        ([{"op": "delete", "path": "/a"}], "needs an op"),
        ([{"op": "remove"}], r"patch\[0\] \(remove\) has no path"),
        ([{"op": "add", "path": "/a"}], "has no value"),
        ([{"op": "copy", "path": "/a"}], "has no from"),
        ([{"op": "remove", "path": "a"}], "path 'a' is no JSON pointer"),
        ([{"op": "move", "from": 7, "path": "/a"}], "from 7 is no JSON pointer"),
    ],
)
def test_what_is_no_patch(patch: Any, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        require_operations(patch)


def test_paths_begin_further_up() -> None:
    patch = [{"op": "move", "from": "/a", "path": ""}, {"op": "test", "path": "/a", "value": 1}]
    assert require_operations(patch) == patch
    assert below(["spec", "a/b"], patch) == [
        {"op": "move", "from": "/spec/a~1b/a", "path": "/spec/a~1b"},
        {"op": "test", "path": "/spec/a~1b/a", "value": 1},
    ]
    assert escaped("a~/b") == "a~0~1b"
