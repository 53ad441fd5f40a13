# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""restart_account: a service account that may restart workloads and nothing else, and its credentials in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.http_url import is_http_url
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import (
    CLUSTER_SCOPED,
    in_cluster,
    in_namespace,
    needed,
    permissions,
    rules,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.service_account import (
    Account,
    Wanted,
    comparable,
    is_ours,
    namespace_object,
    secret_object,
    wanted_objects,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    CONFLICT,
    ApiError,
    NotFound,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    APPLY_PATCH,
    NAMESPACE,
    SERVICE_ACCOUNT,
    JsonObject,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._run.credentials import Credentials, require_files
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import require_name

#: API servers make no token that ends earlier.
LEAST_TOKEN_SECONDS = 600


@dataclass(slots=True)
class _Run:
    """What was done so far."""

    api: ClusterApi
    check_mode: bool
    done: list[dict[str, Any]] = field(default_factory=list)
    before: list[JsonObject] = field(default_factory=list)
    after: list[JsonObject] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)  # namespaces that check mode does not make
    warnings: list[str] = field(default_factory=list)

    def note(self, wanted: Wanted, action: str, before: JsonObject | None, after: JsonObject | None) -> None:
        """Keep what was done with one object, and what it was and is."""
        self.done.append(
            {"kind": wanted.resource.kind, "namespace": wanted.namespace, "name": wanted.name, "action": action}
        )
        if action != "unchanged":
            self.before += [comparable(before)] if before else []
            self.after += [comparable(after)] if after else []

    @property
    def changed(self) -> bool:
        """Whether any object was changed."""
        return any(entry["action"] != "unchanged" for entry in self.done)


def restart_account(api: ClusterApi, clock: Clock, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Bring the account and what allows it something to what `params` say, and write its credentials.

    Objects are applied by the server (server-side apply), so that a second run changes nothing, and fields that another
    program has written are an error that names it. Raises TargetError and ApiError.
    """
    account = Account(params["namespace"], params["name"])
    namespaces = list(dict.fromkeys(params["namespaces"] or [account.namespace]))
    for option, names in (("namespace", [account.namespace]), ("name", [account.name]), ("namespaces", namespaces)):
        for name in names:
            require_name(option, name)
    _require_sense(params)
    run = _Run(api, check_mode)
    allowed = permissions(params["strategies"], params["features"])
    if not params["nodes"]:
        run.warnings += _without_nodes(params["strategies"])
        allowed = in_namespace(allowed)
    credentials = Credentials(api, clock, account, params)
    present = params["state"] == "present"
    token: dict[str, Any] | None = None
    if present:
        require_files(params)
        _make_namespaces(run, [account.namespace, *namespaces], create=params["create_namespaces"])
        for wanted in wanted_objects(account, namespaces, allowed):
            _apply(run, wanted)
        token = _write_credentials(run, credentials, account)
    else:
        _remove(run, account, namespaces)
    endpoint = api.endpoint
    result = {
        "changed": run.changed or bool(token and token["action"] == "written"),
        "account": {"namespace": account.namespace, "name": account.name, "user": account.user},
        "objects": run.done,
        "rules": rules(in_namespace(allowed)) if present else [],
        "cluster_rules": rules(in_cluster(allowed)) if present else [],
        "token": token,
        "server": params["server"] or endpoint.url,
        "ca_cert": endpoint.ca_cert,
        "warnings": run.warnings + credentials.warnings,
    }
    if run.changed:
        result["diff"] = {"before": _shown(run.before), "after": _shown(run.after)}
    return result


def _require_sense(params: Mapping[str, Any]) -> None:
    """Raises TargetError for what no API server takes (pkg/apis/authentication/validation), or nobody could reach."""
    if params["token"] == "request" and params["token_seconds"] < LEAST_TOKEN_SECONDS:  # noqa: S105  a way, no token
        words = f"token_seconds is {params['token_seconds']}, and has to be {LEAST_TOKEN_SECONDS} or more"
        raise TargetError(f"{words}. Nothing was touched.")
    if params["server"] and not is_http_url(params["server"]):
        raise TargetError("server has to be an http or https URL with a host. Nothing was touched.")


def _without_nodes(strategies: Iterable[str]) -> list[str]:
    """A warning for each strategy that is no use without what a ClusterRole alone can grant."""
    names = [name for name in strategies if any(each.resource in CLUSTER_SCOPED for each in needed(name))]
    return [f"{name} needs get on nodes, which is not granted: set nodes to true." for name in dict.fromkeys(names)]


def _make_namespaces(run: _Run, namespaces: Iterable[str], *, create: bool) -> None:
    """Make those that are not there. Raises TargetError unless that is wanted."""
    for name in dict.fromkeys(namespaces):
        if run.api.namespace_exists(name) is not False:
            continue
        if not create:
            raise TargetError(
                f"Namespace {name} does not exist. Make it, or set create_namespaces. Nothing was touched."
            )
        wanted = namespace_object(name)
        after = run.api.patch(NAMESPACE, "", name, wanted.body, APPLY_PATCH, dry_run=run.check_mode)
        if run.check_mode:
            run.missing.add(name)
        run.note(wanted, "created", None, after)


def _apply(run: _Run, wanted: Wanted) -> None:
    """Bring one object to what is wanted, and note whether that changed it. Raises ApiError."""
    if wanted.namespace in run.missing:  # the server accepts nothing in a namespace that is not there, nor in a dry run
        run.note(wanted, "created", None, wanted.body)
        return
    before = _get(run.api, wanted)
    if before is not None and not is_ours(before):
        raise TargetError(f"{wanted} was not made by this collection: choose another name, or delete it.")
    try:
        after = run.api.patch(
            wanted.resource, wanted.namespace, wanted.name, wanted.body, APPLY_PATCH, dry_run=run.check_mode
        )
    except ApiError as error:
        if error.status != CONFLICT:
            raise
        advice = "It was made or changed by somebody else: choose another name, or delete it."
        raise ApiError(f"{error} {advice}", error.status, error.reason) from error
    if before is None:
        run.note(wanted, "created", None, after)
    else:
        run.note(wanted, "unchanged" if comparable(before) == comparable(after) else "changed", before, after)


def _write_credentials(run: _Run, credentials: Credentials, account: Account) -> dict[str, Any] | None:
    """Have a token, and put it where it is wanted; None where it is not."""
    if not credentials.wanted:
        return None
    if credentials.lasting:
        _apply(run, secret_object(account))
    made = run.check_mode and any(each["kind"] == "ServiceAccount" and each["action"] == "created" for each in run.done)
    live = None if made else run.api.get(SERVICE_ACCOUNT, account.namespace, account.name)
    return credentials.write(str(live["metadata"]["uid"]) if live else "", check_mode=run.check_mode)


def _remove(run: _Run, account: Account, namespaces: Iterable[str]) -> None:
    """Delete what this module makes for the account, whatever it is allowed; the namespaces stay.

    Raises TargetError, with nothing deleted, where something of that name was made by somebody else.
    """
    every = wanted_objects(account, [*namespaces], permissions(["image_alias"], []))
    found = []
    for wanted in reversed([*every, secret_object(account)]):
        try:
            live = _get(run.api, wanted)
        except ApiError:
            if wanted.namespace:
                raise
            continue  # who may not even look at a ClusterRole has not made one
        if live is not None and not is_ours(live):
            raise TargetError(f"{wanted} was not made by this collection. Nothing was deleted.")
        if live is not None:
            found.append((wanted, live))
    for wanted, live in found:
        uid = live["metadata"]["uid"]
        run.api.delete(wanted.resource, wanted.namespace, wanted.name, uid=uid, dry_run=run.check_mode)
        run.note(wanted, "deleted", live, None)


def _get(api: ClusterApi, wanted: Wanted) -> JsonObject | None:
    """The object as it is; None where it is not there."""
    try:
        return api.get(wanted.resource, wanted.namespace, wanted.name)
    except NotFound:
        return None


def _shown(objects: Iterable[JsonObject]) -> str:
    """Objects as a text for a difference; a Secret's data is not part of it."""
    return "".join(
        json.dumps({name: value for name, value in obj.items() if name != "data"}, indent=2, sort_keys=True) + "\n"
        for obj in objects
    )
