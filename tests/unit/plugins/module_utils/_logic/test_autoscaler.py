# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.autoscaler import pointing_at
from ansible_collections.saferestart.k8s.plugins.module_utils._model.workload import Workload
from ansible_collections.saferestart.k8s.tests.unit.objects import workload
from ansible_collections.saferestart.k8s.tests.unit.scale_script import scaler

CART = Workload.from_object(workload("Deployment"))


@pytest.mark.parametrize(
    ("target", "points"),
    [
        ({}, True),
        ({"apiVersion": "apps/v1beta1"}, True),
        ({"apiVersion": "argoproj.io/v1alpha1"}, False),
        ({"apiVersion": "v1"}, False),
        ({"kind": "StatefulSet"}, False),
        ({"name": "other"}, False),
    ],
)
def test_it_points_at_the_workload(target: dict[str, Any], points: bool) -> None:
    assert bool(pointing_at(CART, [scaler(**target)])) is points


@pytest.mark.parametrize(
    ("least", "count", "end"),
    [
        (2, 2, "goes on afterwards"),
        (2, 1, "goes on afterwards with its minimum, as 1 is less"),
        (2, 5, "goes on afterwards with its maximum, as 5 is more"),
        (None, 1, "goes on afterwards"),
        (0, 1, "may scale it up before the old pods are gone"),
    ],
)
def test_what_it_does(least: int | None, count: int, end: str) -> None:
    (found,) = pointing_at(CART, [scaler(least)])
    assert found.words(count).endswith(end)


def test_who_made_it() -> None:
    obj = scaler()
    obj["metadata"]["ownerReferences"] = [{"kind": "ScaledObject", "name": "cart", "controller": True}]
    (found,) = pointing_at(CART, [obj])
    assert "(2 to 4 pods, made by ScaledObject cart)" in found.words(2)
