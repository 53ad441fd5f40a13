# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replace_start import (
    Start,
    require_replaceable,
    where_to_begin,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod

MANIFEST: JsonObject = {"metadata": {"name": "toolbox"}, "spec": {"containers": [{"name": "app"}]}}
OTHER: JsonObject = {"metadata": {"name": "toolbox"}, "spec": {"containers": [{"name": "app", "image": "new"}]}}
OWNED: JsonObject = MANIFEST | {"metadata": {"name": "toolbox", "ownerReferences": [{"kind": "Shop"}]}}
OLD, NEW = pod("toolbox", uid="old"), pod("toolbox", uid="new")
GOING = pod("toolbox", uid="old", meta={"deletionTimestamp": "t"})


@pytest.mark.parametrize(
    ("live", "uid", "kept", "wanted", "start"),
    [
        (OLD, None, None, None, Start.FRESH),
        (OLD, "old", MANIFEST, None, Start.FRESH),
        (OLD, "old", MANIFEST, OTHER, Start.FRESH),
        (GOING, "old", MANIFEST, None, Start.GOING),
        (None, "old", MANIFEST, None, Start.GONE),
        (None, "old", MANIFEST, OTHER, Start.GONE),
        (None, None, None, None, None),
        (None, None, None, OTHER, None),
        (NEW, "old", MANIFEST, None, Start.MADE),
        (NEW, "old", MANIFEST, MANIFEST, Start.MADE),
        (NEW, "old", MANIFEST, OWNED, Start.MADE),
        (NEW, "old", MANIFEST, OTHER, Start.FRESH),
    ],
)
def test_where_to_begin(
    live: JsonObject | None, uid: str | None, kept: JsonObject | None, wanted: JsonObject | None, start: Start | None
) -> None:
    assert where_to_begin(live, uid, kept, wanted) is start


@pytest.mark.parametrize(("uid", "kept"), [(None, None), ("before", MANIFEST)])
def test_what_somebody_else_deletes_is_left_to_them(uid: str | None, kept: JsonObject | None) -> None:
    with pytest.raises(TargetError, match="Pod shop/toolbox is being deleted by somebody else"):
        where_to_begin(GOING, uid, kept, None)


def test_a_stranger_under_the_same_name_is_left_alone() -> None:
    with pytest.raises(TargetError, match=r"another pod shop/toolbox than the one that an interrupted.*Nothing was"):
        where_to_begin(NEW, "old", OTHER, None)


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        (
            {"ownerReferences": [{"kind": "Job", "name": "sums", "uid": "j", "controller": True}]},
            "belongs to Job sums, which makes another one.*pod_delete",
        ),
        ({"annotations": {"kubernetes.io/config.mirror": "x"}}, "mirror of a static pod: .* on the node worker"),
    ],
)
def test_what_others_make_again(meta: JsonObject, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        require_replaceable(pod("toolbox", meta=meta))


def test_a_bare_pod_and_one_that_is_only_bound_to_an_owner() -> None:
    require_replaceable(OLD)
    require_replaceable(pod("toolbox", meta={"ownerReferences": [{"kind": "Shop", "name": "main", "uid": "s"}]}))
