# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.come_back import (
    MOST_IMAGES,
    Gate,
    Level,
    gone_node,
    judge,
    keys_of,
    needs_node,
    refusal,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Container, Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject
from ansible_collections.saferestart.k8s.tests.unit.objects import pod

WARN = dict.fromkeys(Gate, Level.WARN)
IMAGE = "acme.example/cart:1"
OTHER = [["acme.example/cart:2", "acme.example/cart@sha256:aa"]]


def made(**spec: Any) -> Container:
    """A container with that in its spec."""
    return Pod.from_object(pod("cart-1", spec={"containers": [{"name": "app"} | spec]})).containers[0]


def node(images: list[list[str]] | None = None, *, meta: JsonObject | None = None, **conditions: str) -> JsonObject:
    """A node that is Ready unless said otherwise."""
    found = [{"type": name, "status": status} for name, status in ({"Ready": "True"} | conditions).items()]
    return {
        "metadata": {"name": "worker", "uid": "uid-worker"} | (meta or {}),
        "status": {"conditions": found, "images": [{"names": names} for names in images or []]},
    }


def found_in(container: Container, keys: dict[Any, Any] | None = None, of: JsonObject | None = None) -> dict[str, str]:
    """The notes, by their gates."""
    return {note.gate.value: note.text for note in judge(container, WARN, keys or {}, of)}


def env(kind: str, key: str = "") -> JsonObject:
    """An environment that comes from an object named `db`."""
    if key:
        return {"env": [{"name": "X", "valueFrom": {f"{kind}KeyRef": {"name": "db", "key": key}}}]}
    return {"envFrom": [{f"{kind}Ref": {"name": "db"}}]}


@pytest.mark.parametrize(
    ("spec", "keys", "words"),
    [
        (env("secret", "user"), {("Secret", "db"): frozenset({"user"})}, ""),
        (env("secret", "user"), {("Secret", "db"): frozenset({"host"})}, "no key user in Secret db"),
        (env("secret", "user"), {("Secret", "db"): None}, "no Secret db"),
        (env("secret", "user"), {}, ""),
        (env("configMap"), {("ConfigMap", "db"): frozenset()}, ""),
        (env("configMap"), {("ConfigMap", "db"): None, ("Secret", "db"): frozenset()}, "no ConfigMap db"),
        (env("configMap", "a") | env("configMap"), {("ConfigMap", "db"): None}, "no ConfigMap db"),
    ],
    ids=["there", "no key", "no object", "not read", "empty, all taken", "other kind", "said once"],
)
def test_what_the_environment_comes_from(spec: JsonObject, keys: dict[Any, Any], words: str) -> None:
    found = found_in(made(**spec), keys)
    assert found == ({"env": f"there is {words}, which its environment variables come from"} if words else {})


def test_only_text_becomes_a_variable() -> None:
    assert keys_of({"data": {"a": "1"}, "binaryData": {"b": "MQ=="}}) == {"a"}
    assert keys_of({}) == frozenset()


@pytest.mark.parametrize(
    ("policy", "image", "images", "gate"),
    [
        ("Always", IMAGE, [[IMAGE]], "registry"),
        ("IfNotPresent", IMAGE, [[IMAGE]], ""),
        ("IfNotPresent", IMAGE, OTHER, "registry"),
        ("IfNotPresent", "acme.example/cart@sha256:aa", OTHER, ""),
        ("Never", IMAGE, OTHER, "image"),
        ("Never", IMAGE, [[IMAGE], *OTHER], ""),
        ("Never", "localhost/cart:1", OTHER, "image"),
        ("Never", "cart:1", OTHER, ""),
        ("Never", "acme/cart:1", OTHER, ""),
        ("Never", IMAGE, [], ""),
        ("Never", IMAGE, OTHER * MOST_IMAGES, ""),
        ("Never", IMAGE, [*OTHER, [f"acme.example/x:{tag}" for tag in range(5)]], ""),
    ],
)
def test_an_image(policy: str, image: str, images: list[list[str]], gate: str) -> None:
    found = found_in(made(image=image, imagePullPolicy=policy), of=node(images))
    assert list(found) == ([gate] if gate else [])


def test_a_node_that_was_not_read_tells_nothing() -> None:
    assert found_in(made(image=IMAGE, imagePullPolicy="Never")) == {}
    assert list(found_in(made(image=IMAGE, imagePullPolicy="Always"))) == ["registry"]


@pytest.mark.parametrize(
    ("of", "found"),
    [
        (node(), {}),
        (node(meta={"unschedulable": True}), {}),
        (node(Ready="False"), {"node": "its node worker is not Ready (it has not reported)"}),
        (node(Ready="Unknown"), {"node": "its node worker is not Ready (it has not reported)"}),
        (node(meta={"deletionTimestamp": "2026-01-02T03:04:05Z"}), {"node": "its node worker is being deleted"}),
        (gone_node("worker"), {"node": "its node worker no longer exists"}),
        (
            node(MemoryPressure="True", PIDPressure="True", DiskPressure="False"),
            {"pressure": "its node worker reports MemoryPressure, PIDPressure, and may evict the pod"},
        ),
    ],
)
def test_a_node(of: JsonObject, found: dict[str, str]) -> None:
    assert found_in(made(), of=of) == found


def test_a_node_says_why_it_is_not_ready() -> None:
    away = node()
    away["status"]["conditions"] = [{"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting."}]
    assert found_in(made(), of=away) == {"node": "its node worker is not Ready (Kubelet stopped posting)"}


def test_the_levels_decide() -> None:
    keys: dict[Any, Any] = {("Secret", "db"): None}
    container = made(imagePullPolicy="Always", **env("secret"))
    levels = WARN | {Gate.ENV: Level.REFUSE, Gate.PRESSURE: Level.IGNORE, Gate.NODE: Level.REFUSE}
    notes = judge(container, levels, keys, node(Ready="False", DiskPressure="True"))
    assert [note.to_plan()["level"] for note in notes] == ["refuse", "warn", "refuse"]
    assert refusal(notes) == (
        "it might stay down: there is no Secret db, which its environment variables come from, and its node worker "
        "is not Ready (it has not reported) (gates.env, gates.node can allow that)"
    )
    assert refusal(judge(container, WARN, keys, node())) is None
    assert judge(container, dict.fromkeys(Gate, Level.IGNORE), keys, node(Ready="False")) == ()


@pytest.mark.parametrize(("gate", "needed"), [("image", True), ("node", True), ("pressure", True), ("registry", False)])
def test_what_a_node_is_asked_for(gate: str, needed: bool) -> None:
    assert needs_node(dict.fromkeys(Gate, Level.IGNORE) | {Gate(gate): Level.WARN}) is needed
