# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.image_alias import (
    NoAlias,
    find_alias,
    fits_better,
    full_name,
    image_patch,
    is_without_image,
    name_to_put_back,
    refusal,
    repository,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.process import ProcessFacts
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._model.signals import SignalMask
from ansible_collections.saferestart.k8s.tests.unit.objects import container, pod

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
CART = [f"docker.io/acme/cart@{A}", "docker.io/acme/cart:1"]
OTHER = [f"docker.io/acme/web@{B}", "docker.io/acme/web:1"]
NOBODY = SignalMask(0)
FACTS = ProcessFacts(1, "app", NOBODY, NOBODY, NOBODY, NOBODY, NOBODY)


def running(image: str = "acme/cart:1", image_id: str = "", **spec: Any) -> tuple[Pod, Container]:
    """A pod whose one container runs that image."""
    entry = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"} | spec
    made = Pod.from_object(pod("cart-1", containers=[container(imageID=image_id)], spec={"containers": [entry]}))
    return made, made.containers[0]


@pytest.mark.parametrize(
    ("name", "full", "repo"),
    [
        ("nginx", "docker.io/library/nginx:latest", "docker.io/library/nginx"),
        ("nginx:1.27", "docker.io/library/nginx:1.27", "docker.io/library/nginx"),
        ("acme/cart", "docker.io/acme/cart:latest", "docker.io/acme/cart"),
        ("localhost/cart:1", "localhost/cart:1", "localhost/cart"),
        ("reg:5000/cart", "reg:5000/cart:latest", "reg:5000/cart"),
        ("reg.example/a/b:2", "reg.example/a/b:2", "reg.example/a/b"),
        (f"nginx@{A}", f"docker.io/library/nginx@{A}", "docker.io/library/nginx"),
        (f"reg:5000/cart:1@{A}", f"reg:5000/cart@{A}", "reg:5000/cart"),
    ],
)
def test_full_names(name: str, full: str, repo: str) -> None:
    assert (full_name(name), repository(name)) == (full, repo)
    assert full_name(full) == full


IMPORTED = ["docker.io/library/import-2026-01-02@" + A, "localhost/cart:1", "localhost/cart:abc"]


@pytest.mark.parametrize(
    ("image", "image_id", "images", "alias"),
    [
        ("acme/cart:1", "", [OTHER, CART], CART[0]),
        (f"acme/cart@{A}", "", [CART], CART[1]),
        (f"acme/cart:1@{A}", "", [CART], CART[1]),
        ("acme/cart:1", CART[0], [CART], CART[0]),
        ("localhost/cart:1", IMPORTED[0], [IMPORTED], IMPORTED[2]),
        ("acme/cart:1", "sha256:1234", [["<none>@<none>", "acme/cart:1", "acme/cart:2"]], "acme/cart:2"),
        ("acme/cart:1", "", [["acme/cart:1", f"a.example/cart@{A}", f"acme/cart@{A}"]], f"acme/cart@{A}"),
        ("acme/cart:1", "", [["acme/cart:1", f"acme/cart@{B}", f"acme/cart@{A}"]], f"acme/cart@{A}"),
        ("acme/cart:1", CART[0], [[f"docker.io/acme/cart@{B}", "docker.io/acme/cart:1"], [CART[0]]], CART[0]),
        ("acme/cart:1", CART[0], [OTHER], CART[0]),
    ],
    ids=[
        "a digest for a tag",
        "and back",
        "with both the digest counts",
        "by what runs",
        "an imported image",
        "no digest",
        "its own repository before others",
        "the first of several digests",
        "the tag has moved on",
        "not among those that the node lists",
    ],
)
def test_the_alias(image: str, image_id: str, images: list[list[str]], alias: str) -> None:
    assert find_alias(*running(image, image_id), images, None) == alias


@pytest.mark.parametrize(
    ("image", "image_id", "images", "words"),
    [
        ("acme/cart:1", "", [OTHER], "by no other name of that repository$"),
        ("acme/cart:1", "sha256:1234", [], "by no other name of that repository$"),
        ("acme/cart:1", f"docker-pullable://acme/cart@{A}", [], "by no other name of that repository$"),
        ("acme/cart:1", IMPORTED[0], [[IMPORTED[0], "acme/cart:1"]], "by no other name of that repository$"),
        ("acme/cart:1", "", [["acme/cart:1", f"a.example/cart@{A}"]], "otherwise as a.example/cart@.*, to be named in"),
        ("acme/cart:1", "", [["docker.io/acme/cart:1"]], "by no other name"),
        (f"acme/cart@{A}", CART[0], [], "by no other name"),
        (
            "acme/cart:1",
            "sha256:1234",
            [CART],
            "it runs sha256:1234, and acme/cart:1 is another image by now, .*@sha256",
        ),
        (f"acme/cart@{A}", "", [[*CART, "docker.io/acme/cart:latest"]], "several tags, .*: .*cart:1, .*cart:latest"),
    ],
    ids=[
        "another image",
        "a bare ID",
        "a name of dockershim",
        "made up",
        "elsewhere",
        "only one",
        "only what runs",
        "one that was pulled since",
        "tags to choose from",
    ],
)
def test_no_alias(image: str, image_id: str, images: list[list[str]], words: str) -> None:
    with pytest.raises(NoAlias, match=words):
        find_alias(*running(image, image_id), images, None)


def test_a_name_that_is_asked_for() -> None:
    tags = [*CART, "docker.io/acme/cart:latest"]
    assert find_alias(*running(f"acme/cart@{A}"), [tags], "acme/cart") == "docker.io/acme/cart:latest"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("acme/cart:1", "its image is acme/cart:1 already"),
        ("acme/cart:2", f"acme/cart:2 is no name that its node has .*: it knows it as docker.io/acme/cart@{A}"),
        ("acme/web:1", "acme/web:1 is no name that its node has"),
        (f"acme/cart@{B}", "is no name that its node has"),
        ("", "is no name that its node has"),
    ],
    ids=["the present one", "unknown", "another image's", "another digest", "empty"],
)
def test_a_wrong_name_that_is_asked_for(wanted: str, words: str) -> None:
    with pytest.raises(NoAlias, match=words):
        find_alias(*running(), [OTHER, CART], wanted)


STATIC = pod("cart-1", meta={"annotations": {"kubernetes.io/config.mirror": "x"}})


def spec(**more: Any) -> JsonObject:
    """A pod whose one container has that in its spec."""
    return pod("cart-1", spec={"containers": [{"name": "app"} | more]})


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (STATIC, "static pod"),
        (spec(imagePullPolicy="Always"), "imagePullPolicy is Always"),
        (spec(restartPolicyRules=[{"action": "RestartAllContainers"}]), "RestartAllContainers"),
        (pod("cart-1", meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), "is terminating"),
        (pod("cart-1", containers=[container(state={"waiting": {}})]), "it is not running"),
    ],
)
def test_refused(obj: JsonObject, words: str) -> None:
    made = Pod.from_object(obj)
    assert words in str(refusal(made, made.containers[0]))


@pytest.mark.parametrize("more", [{"restartPolicy": "Never"}, {"shareProcessNamespace": True}])
def test_what_only_a_signal_is_refused_for(more: JsonObject) -> None:
    made = Pod.from_object(pod("cart-1", spec=more))
    assert refusal(made, made.containers[0]) is None


HOOK = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}


@pytest.mark.parametrize(
    ("obj", "facts", "no_way", "skip_prestop", "better"),
    [
        pytest.param(spec(), None, True, False, True, id="no shell"),
        pytest.param(spec(), None, False, False, False, id="a session that was cut"),
        pytest.param(spec(), dataclasses.replace(FACTS, may_signal=False), False, False, True, id="not permitted"),
        pytest.param(spec(**HOOK), FACTS, False, False, True, id="a hook"),
        pytest.param(spec(**HOOK), FACTS, False, True, False, id="a hook to be skipped"),
        pytest.param(spec(), FACTS, False, False, False, id="PID 1 does not act"),
        pytest.param(spec(restartPolicy="Never"), None, True, False, False, id="would not come back"),
    ],
)
def test_when_it_is_better_than_a_signal(
    obj: JsonObject, facts: ProcessFacts | None, no_way: bool, skip_prestop: bool, better: bool
) -> None:
    made = Pod.from_object(obj)
    assert fits_better(made, made.containers[0], facts, no_way=no_way, skip_prestop=skip_prestop) is better


KEY = "image.saferestart.k8s/app"


@pytest.mark.parametrize("former", ["acme/cart:latest", "acme/cart:gone"])
def test_the_former_name_comes_first(former: str) -> None:
    made, inside = running(f"acme/cart@{A}")
    made = dataclasses.replace(made, annotations={KEY: former})
    found = find_alias(made, inside, [[*CART, "docker.io/acme/cart:latest"]] if "latest" in former else [CART], None)
    assert found == ("acme/cart:latest" if "latest" in former else CART[1])


@pytest.mark.parametrize(
    ("annotations", "image", "more"),
    [
        (
            {},
            CART[0],
            [
                {"op": "test", "path": "/metadata/annotations", "value": None},
                {"op": "add", "path": "/metadata/annotations", "value": {KEY: "acme/cart:1"}},
            ],
        ),
        (
            {"a": "b"},
            CART[0],
            [{"op": "add", "path": "/metadata/annotations/image.saferestart.k8s~1app", "value": "acme/cart:1"}],
        ),
        ({KEY: "acme/cart:0"}, CART[0], []),
        ({KEY: CART[0]}, CART[0], [{"op": "remove", "path": "/metadata/annotations/image.saferestart.k8s~1app"}]),
    ],
    ids=["no annotations", "others", "a third name", "back"],
)
def test_the_patch_tests_what_it_was_decided_on(
    annotations: dict[str, str], image: str, more: list[JsonObject]
) -> None:
    made, inside = running()
    assert image_patch(made, annotations, inside, "acme/cart:1", image) == [
        {"op": "test", "path": "/metadata/uid", "value": "uid-cart-1"},
        {"op": "test", "path": "/spec/containers/0/name", "value": "app"},
        {"op": "test", "path": "/spec/containers/0/image", "value": "acme/cart:1"},
        {"op": "replace", "path": "/spec/containers/0/image", "value": image},
        *more,
    ]


@pytest.mark.parametrize(
    ("state", "without"),
    [
        ({"waiting": {"reason": "ErrImagePull"}}, True),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, False),
        ({"terminated": {"exitCode": 0, "reason": "ErrImagePull"}}, False),
    ],
)
def test_an_image_that_is_not_to_be_had(state: JsonObject, without: bool) -> None:
    made = Pod.from_object(pod("cart-1", containers=[container(state=state)]))
    assert is_without_image(made.containers[0]) is without


@pytest.mark.parametrize(
    ("reason", "former", "more", "name"),
    [
        ("ImagePullBackOff", "acme/cart:1", {}, "acme/cart:1"),
        ("ImagePullBackOff", "acme/cart:latest", {}, ""),
        ("ImagePullBackOff", "", {}, ""),
        ("CrashLoopBackOff", "acme/cart:1", {}, ""),
        ("ImagePullBackOff", "acme/cart:1", {"deletionTimestamp": "2026-01-02T03:04:05Z"}, ""),
    ],
    ids=["left without its image", "it has that name", "nobody renamed it", "it has its image", "it is going"],
)
def test_a_name_to_put_back(reason: str, former: str, more: JsonObject, name: str) -> None:
    notes = {"annotations": {KEY: former} if former else {}}
    status = container(state={"waiting": {"reason": reason}})
    entry = {"containers": [{"name": "app", "image": "docker.io/acme/cart:latest"}]}
    made = Pod.from_object(pod("cart-1", containers=[status], spec=entry, meta=notes | more))
    assert name_to_put_back(made, made.containers[0]) == name
