# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A service account's token, in files that only their owner can read. It is in no result and in no message."""

from __future__ import annotations

import base64
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.service_account import (
    Account,
    claims,
    kubeconfig,
    kubeconfig_token,
    plain_token,
    secret_object,
    serves_on,
    token_request,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import NotFound, TargetError
from ansible_collections.saferestart.k8s.plugins.module_utils._run.whole_file import require_writable, write_whole

#: The token controller writes into a new Secret within moments.
SECRET_SECONDS = 30.0
LOOK_SECONDS = 0.2
#: A server grants less than was asked for where its own limit is lower.
LESS = 0.9

#: The options that name a file, and how its token is read.
_FILES = {"token_path": plain_token, "kubeconfig_path": kubeconfig_token}


def require_files(params: Mapping[str, Any]) -> None:
    """Raises TargetError where a file could not be written, or is one that this module has not written."""
    for option, token_of in _FILES.items():
        if params[option] is None:
            continue
        path = Path(params[option])
        try:
            require_writable(option, path)
            if path.exists() and token_of(path.read_text(encoding="utf-8")) is None:
                raise TargetError(f"{option}: {path} holds something else, and is not replaced. Nothing was touched.")
        except (OSError, UnicodeDecodeError) as error:
            raise TargetError(f"{error}. Nothing was touched.") from error


class Credentials:
    """What the options token, token_path and kubeconfig_path ask for."""

    def __init__(self, api: ClusterApi, clock: Clock, account: Account, params: Mapping[str, Any]) -> None:
        self._api, self._clock, self._account, self._params = api, clock, account, params
        self._paths = {option: Path(params[option]) for option in _FILES if params[option] is not None}
        self.warnings: list[str] = []

    @property
    def wanted(self) -> bool:
        """Whether there is a file to be written."""
        return bool(self._paths)

    @property
    def lasting(self) -> bool:
        """Whether the token is to be one that does not expire, from a Secret."""
        return bool(self._params["token"] == "secret")  # noqa: S105  the name of a choice

    def write(self, account_uid: str, *, check_mode: bool) -> dict[str, Any]:
        """Write the files that have to be, and tell what was done, never the token. Raises ApiError and TargetError.

        A token of limited time that serves on is kept, see serves_on(). `account_uid` is empty where check mode has not
        made the account.
        """
        token = self._kept(account_uid)
        if token is None and not check_mode:
            token = self._from_secret() if self.lasting else self._requested()
        written = [
            option for option, path in self._paths.items() if token is None or self._differs(option, path, token)
        ]
        for option in written:
            if token is not None and not check_mode:
                write_whole(self._paths[option], self._content(option, token))
        return {
            "action": "written" if written else "kept",
            "expires": claims(token).get("exp") if token else None,
            **{option: str(path) for option, path in self._paths.items()},
        }

    def _kept(self, account_uid: str) -> str | None:
        """The token of a file, where it is good enough."""
        if not account_uid:
            return None
        if self.lasting:
            return self._secret_token()
        for option, path in self._paths.items():
            token = _FILES[option](path.read_text(encoding="utf-8")) if path.exists() else None
            if token and serves_on(token, account_uid, self._clock.now().timestamp()):
                return token
        return None

    def _requested(self) -> str:
        """A new token for a limited time: the TokenRequest API."""
        seconds = self._params["token_seconds"]
        resource, body = token_request(self._account, seconds)
        status = self._api.create(resource, self._account.namespace, body, dry_run=False)["status"]
        token = str(status["token"])
        granted = claims(token).get("exp", 0) - claims(token).get("iat", 0)
        if 0 < granted < LESS * seconds:
            self.warnings.append(f"The API server grants {granted} seconds to a token, and not {seconds}.")
        return token

    def _from_secret(self) -> str:
        """The token that the controller writes into the Secret. Raises TargetError when it does not."""
        deadline = Deadline(self._clock, SECRET_SECONDS)
        while (token := self._secret_token()) is None:
            if deadline.passed():
                raise TargetError(
                    f"{secret_object(self._account)} has no token after {SECRET_SECONDS:g} s: "
                    "the token controller (kube-controller-manager) has not written one. Run again later."
                )
            self._clock.sleep(LOOK_SECONDS)
        return token

    def _secret_token(self) -> str | None:
        """What is in the Secret; None as long as there is nothing."""
        wanted = secret_object(self._account)
        try:
            data = self._api.get(wanted.resource, wanted.namespace, wanted.name).get("data") or {}
        except NotFound:  # check mode has not made it
            return None
        return base64.b64decode(data["token"]).decode() if data.get("token") else None

    def _differs(self, option: str, path: Path, token: str) -> bool:
        """Whether the file is another one than it should be, or can be read by others."""
        if not path.exists() or stat.S_IMODE(path.stat().st_mode) != 0o600:
            return True
        return path.read_text(encoding="utf-8") != self._content(option, token)

    def _content(self, option: str, token: str) -> str:
        """The file's content."""
        if option == "token_path":
            return f"{token}\n"
        endpoint, namespaces = self._api.endpoint, self._params["namespaces"] or [self._account.namespace]
        return kubeconfig(
            self._account,
            self._params["server"] or endpoint.url,
            endpoint.ca_cert,
            token,
            verify=endpoint.verified,
            namespace=namespaces[0],
        )
