# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The objects of a service account that may restart workloads, and what its credentials look like. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import (
    Permission,
    in_cluster,
    in_namespace,
    rules,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    NAMESPACE,
    ROLE,
    ROLE_BINDING,
    SECRET,
    SERVICE_ACCOUNT,
    JsonObject,
    Resource,
)

MANAGER = "saferestart.k8s"
LABELS = {"app.kubernetes.io/managed-by": MANAGER}
#: What the server writes into every object, and changes with each change of it.
_WRITTEN = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"})


@dataclass(frozen=True, slots=True)
class Account:
    """A service account; all objects that belong to it have its name."""

    namespace: str
    name: str

    @property
    def user(self) -> str:
        """As the API server calls it, in an error for example."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def cluster_name(self) -> str:
        """Of what belongs to no namespace."""
        return f"saferestart:{self.namespace}:{self.name}"

    @property
    def secret_name(self) -> str:
        """Of the Secret with a token that does not expire."""
        return f"{self.name}-token"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object as it is to be."""

    resource: Resource
    namespace: str
    body: JsonObject

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.body["metadata"]["name"])

    def __str__(self) -> str:
        return f"{self.resource.kind} {self.namespace and f'{self.namespace}/'}{self.name}"


def wanted_objects(account: Account, namespaces: Sequence[str], allowed: Iterable[Permission]) -> list[Wanted]:
    """The service account, and what allows it this in each of the namespaces, in the order in which they can be made.

    A ClusterRole and its binding are only among them where a permission belongs to no namespace.
    """
    allowed = frozenset(allowed)
    made = [_wanted(SERVICE_ACCOUNT, account.namespace, account.name)]
    for namespace in namespaces:
        made += _role(ROLE, ROLE_BINDING, namespace, account.name, account, in_namespace(allowed))
    if cluster := in_cluster(allowed):
        made += _role(CLUSTER_ROLE, CLUSTER_ROLE_BINDING, "", account.cluster_name, account, cluster)
    return made


def namespace_object(name: str) -> Wanted:
    """A namespace."""
    return _wanted(NAMESPACE, "", name)


def secret_object(account: Account) -> Wanted:
    """A Secret that the token controller writes a token into, one that does not expire."""
    wanted = _wanted(SECRET, account.namespace, account.secret_name, type="kubernetes.io/service-account-token")
    wanted.body["metadata"]["annotations"] = {"kubernetes.io/service-account.name": account.name}
    return wanted


def token_request(account: Account, seconds: int) -> tuple[Resource, JsonObject]:
    """What has to be created to get a token for that time."""
    resource = Resource("v1", "TokenRequest", f"serviceaccounts/{account.name}/token")
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"name": account.name},
        "spec": {"expirationSeconds": seconds},
    }
    return resource, body


def comparable(obj: JsonObject | None) -> JsonObject:
    """An object without what the server writes, so that two that are the same are equal. Empty where there is none."""
    if obj is None:
        return {}
    meta = {name: value for name, value in obj["metadata"].items() if name not in _WRITTEN}
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": meta}


def is_ours(obj: JsonObject) -> bool:
    """Whether this collection has made it."""
    return bool((obj["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by") == MANAGER)


def kubeconfig(account: Account, server: str, ca_cert: str, token: str, *, verify: bool, namespace: str) -> str:
    """A kubeconfig with that token, in JSON, which is YAML too."""
    cluster: JsonObject = {"server": server}
    if ca_cert:
        cluster["certificate-authority-data"] = base64.b64encode(ca_cert.encode()).decode()
    if not verify:
        cluster = {"server": server, "insecure-skip-tls-verify": True}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": account.user, "user": {"token": token}}],
        "contexts": [
            {
                "name": account.name,
                "context": {"cluster": "cluster", "user": account.user, "namespace": namespace},
            }
        ],
        "current-context": account.name,
    }
    return json.dumps(content, indent=2) + "\n"


def kubeconfig_token(text: str) -> str | None:
    """The token in a kubeconfig that kubeconfig() has made for a service account; None for any other text."""
    try:
        (user,) = json.loads(text)["users"]
        token = user["user"]["token"]
    except (ValueError, KeyError, TypeError):
        return None
    return token if str(user.get("name")).startswith("system:serviceaccount:") and isinstance(token, str) else None


def plain_token(text: str) -> str | None:
    """A file's content as a token; None where it is none: it has to look like a JSON Web Token (RFC 7519)."""
    return text.strip() if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\s*", text, re.ASCII) else None


def claims(token: str) -> Mapping[str, Any]:
    """What a token says of itself, unverified; empty for what is none."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def serves_on(token: str, account_uid: str, now: float) -> bool:
    """Whether a token of limited time is this account's, and a third of its time or more is left.

    With the account every token of it is deleted: one that was made again has another UID.
    """
    found = claims(token)
    try:
        uid = found["kubernetes.io"]["serviceaccount"]["uid"]
        issued, end = float(found["iat"]), float(found["exp"])
    except (KeyError, TypeError, ValueError):
        return False
    return bool(uid == account_uid and end - now >= (end - issued) / 3)


def _role(
    role: Resource,
    binding: Resource,
    namespace: str,
    name: str,
    account: Account,
    allowed: Iterable[Permission],
) -> list[Wanted]:
    """What allows it, and its binding to the account."""
    subject = {"kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": role.kind, "name": name}
    return [
        _wanted(role, namespace, name, rules=rules(allowed)),
        _wanted(binding, namespace, name, roleRef=reference, subjects=[subject]),
    ]


def _wanted(resource: Resource, namespace: str, name: str, **content: Any) -> Wanted:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), "labels": dict(LABELS)}
    body = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta, **content}
    return Wanted(resource, namespace, body)
