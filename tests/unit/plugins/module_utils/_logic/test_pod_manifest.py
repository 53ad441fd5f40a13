# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import (
    clean,
    on_trial,
    references,
    shown,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject

BARE: JsonObject = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"namespace": "shop", "name": "toolbox"},
    "spec": {"containers": [{"name": "app", "image": "toolbox:1"}]},
}
TOKEN = {"name": "kube-api-access-x7k2p", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
MOUNT = {"name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
SETTINGS = {"name": "settings", "mountPath": "/settings"}
DEFAULTS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]


def with_(meta: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **top: Any) -> JsonObject:
    obj = copy.deepcopy(BARE)
    obj["metadata"] |= meta or {}
    obj["spec"] |= spec or {}
    return obj | top


@pytest.mark.parametrize(
    ("obj", "left"),
    [
        (with_(status={"phase": "Running"}), BARE),
        (
            with_(
                {
                    "uid": "u",
                    "resourceVersion": "1",
                    "creationTimestamp": "t",
                    "generation": 1,
                    "managedFields": [{}],
                    "selfLink": "/",
                    "deletionTimestamp": "t",
                    "deletionGracePeriodSeconds": 30,
                }
            ),
            BARE,
        ),
        (with_(spec={"nodeName": "worker"}), BARE),
        (with_(spec={"priority": 0, "preemptionPolicy": "PreemptLowerPriority"}), BARE),
        (
            with_(spec={"priority": 1000, "priorityClassName": "high"}),
            with_(spec={"priorityClassName": "high"}),
        ),
        (
            with_(spec={"serviceAccount": "shop", "serviceAccountName": "shop"}),
            with_(spec={"serviceAccountName": "shop"}),
        ),
        (with_(spec={"serviceAccount": "old"}), with_(spec={"serviceAccount": "old"})),
        (with_(spec={"tolerations": DEFAULTS}), BARE),
        (
            with_(spec={"tolerations": [*DEFAULTS[:1], DEFAULTS[1] | {"tolerationSeconds": 30}]}),
            with_(spec={"tolerations": [DEFAULTS[1] | {"tolerationSeconds": 30}]}),
        ),
        (
            with_(
                {
                    "annotations": {
                        "cni.projectcalico.org/podIP": "10.0.0.1/32",
                        "cni.projectcalico.org/containerID": "c",
                        "k8s.v1.cni.cncf.io/network-status": "[]",
                        "k8s.v1.cni.cncf.io/networks-status": "[]",
                        "k8s.ovn.org/pod-networks": "{}",
                    }
                }
            ),
            BARE,
        ),
        # What a person wrote stays, kubectl apply's own note too.
        *(
            (entry, entry)
            for entry in (
                with_({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}),
                with_({"annotations": {"k8s.v1.cni.cncf.io/networks": "fast"}}),
                with_({"labels": {"app": "toolbox"}, "finalizers": ["shop.example/wait"]}),
                with_({"ownerReferences": [{"kind": "Shop", "name": "main", "uid": "s"}]}),
            )
        ),
        (with_({"labels": {"app": "x", "topology.kubernetes.io/zone": "a"}}), with_({"labels": {"app": "x"}})),
        (
            with_(
                spec={
                    "volumes": [TOKEN, {"name": "settings", "configMap": {"name": "settings"}}],
                    "containers": [{"name": "app", "volumeMounts": [SETTINGS, MOUNT]}],
                    "initContainers": [{"name": "first", "volumeMounts": [MOUNT]}],
                }
            ),
            with_(
                spec={
                    "volumes": [{"name": "settings", "configMap": {"name": "settings"}}],
                    "containers": [{"name": "app", "volumeMounts": [SETTINGS]}],
                    "initContainers": [{"name": "first"}],
                }
            ),
        ),
    ],
)
def test_what_is_left(obj: JsonObject, left: JsonObject) -> None:
    before = copy.deepcopy(obj)
    assert clean(obj, keep_node=False) == (left, [])
    assert obj == before


def test_the_node_is_kept_if_asked() -> None:
    obj = with_({"labels": {"topology.kubernetes.io/zone": "a"}}, {"nodeName": "worker"})
    assert clean(obj, keep_node=True) == (obj, [])


def test_ephemeral_containers_are_lost_and_told_of() -> None:
    manifest, lost = clean(with_(spec={"ephemeralContainers": [{"name": "debug"}, {"name": "more"}]}), keep_node=False)
    assert manifest == BARE
    assert lost == ["The ephemeral containers debug, more are lost: a new pod cannot have any."]


@pytest.mark.parametrize(("name", "prefix"), [("toolbox", "toolbox-"), ("x" * 80, "x" * 57 + "-")])
def test_on_trial_it_has_another_name(name: str, prefix: str) -> None:
    trial = on_trial(with_({"name": name, "labels": {"app": "x"}}))
    assert trial["metadata"] == {"namespace": "shop", "generateName": prefix, "labels": {"app": "x"}}
    assert trial["spec"] == BARE["spec"]


def test_references() -> None:
    spec = {
        "containers": [
            {
                "name": "app",
                "envFrom": [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}],
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "k"}}},
                    {"name": "C", "valueFrom": {"secretKeyRef": {"name": "c", "key": "k"}}},
                    {"name": "D", "valueFrom": {"secretKeyRef": {"name": "no", "key": "k", "optional": True}}},
                    {"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                ],
            }
        ],
        "initContainers": [{"name": "first", "envFrom": [{"configMapRef": {"name": "d"}}]}],
        "volumes": [
            {"name": "1", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "2", "configMap": {"name": "e"}},
            {"name": "3", "secret": {"secretName": "f"}},
            {"name": "4", "projected": {"sources": [{"configMap": {"name": "g"}}, {"secret": {"name": "h"}}, {}]}},
            {"name": "5", "configMap": {"name": "no", "optional": True}},
            {"name": "6", "emptyDir": {}},
        ],
    }
    assert [str(entry) for entry in references(with_(spec=spec))] == [
        *(f"ConfigMap {name}" for name in "adeg"),
        "PersistentVolumeClaim data",
        *(f"Secret {name}" for name in "bcfh"),
    ]
    assert references(BARE) == []


def test_a_diff_has_no_secrets() -> None:
    env = [{"name": "PASSWORD", "value": "geheim"}]
    obj = with_(
        {"uid": "u", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "geheim", "a": "b"}},
        {"containers": [{"name": "app", "env": env}]},
        status={},
    )
    visible = shown(obj)
    assert "geheim" not in str(visible)
    assert visible["metadata"] == {"namespace": "shop", "name": "toolbox", "annotations": {"a": "b"}}
    assert "status" not in visible
