# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the authentication options to the client library's Configuration.

The options, their names, environment variables and precedence are those of kubernetes.core, so that credentials made
for it work unchanged. The kubeconfig itself is read by the client library.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import Endpoint
from ansible_collections.saferestart.k8s.plugins.module_utils._api.kubeconfig import those_there
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import SafeRestartError

try:
    import yaml
    from kubernetes import config
    from kubernetes.client import Configuration
except ImportError:  # the entry reports it before anything here is called
    pass


def load_configuration(auth: Mapping[str, Any]) -> Configuration:
    """The client's Configuration for these options.

    Enough options for a direct connection win; then a kubeconfig or context that was named; then the pod's own service
    account; then the default kubeconfig. Raises SafeRestartError when none of them can be used.
    """
    configuration = Configuration()
    configuration.keep_alive = True  # a watch that an idle proxy dropped is noticed, where the client can do it
    if auth.get("proxy"):
        configuration.proxy = auth["proxy"]
    if not _is_direct(auth):
        _load_found(configuration, auth)
    _apply_options(configuration, auth)
    _keep_options(configuration, auth)
    if not configuration.host.startswith(("http://", "https://")):
        raise SafeRestartError(f"host: {configuration.host} is no URL; it begins with https:// or http://.")
    for attribute, option in (("cert_file", "client_cert"), ("key_file", "client_key"), ("ssl_ca_cert", "ca_cert")):
        path = getattr(configuration, attribute)
        if path and not os.access(path, os.R_OK):
            raise SafeRestartError(f"{option}: the file {path} cannot be read on {os.uname().nodename}.")
    return configuration


def request_headers(auth: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headers of every request that do not come from the Configuration: impersonation."""
    user, groups = auth.get("impersonate_user"), auth.get("impersonate_groups") or []
    return [*([("Impersonate-User", user)] if user else []), *(("Impersonate-Group", group) for group in groups)]


def authorization(configuration: Configuration) -> str | None:
    """The Authorization header's value, refreshed as the kubeconfig says; None where a certificate is all there is."""
    if "authorization" in configuration.api_key or "BearerToken" in configuration.api_key:
        token: str | None = configuration.auth_settings()["BearerToken"]["value"]
        return token
    if configuration.username and configuration.password:
        basic: str | None = configuration.get_basic_auth_token()
        return basic
    return None


def endpoint_of(configuration: Configuration) -> Endpoint:
    """Where it leads to, and how that is made sure of. Raises OSError."""
    path = configuration.ssl_ca_cert
    ca_cert = Path(path).read_text(encoding="utf-8") if path else ""
    return Endpoint(configuration.host, ca_cert, bool(configuration.verify_ssl))


def credentials_hint(configuration: Configuration, status: int) -> str:
    """What is wrong with the credentials, as far as it can be told where an answer has that status."""
    if status not in (401, 403):
        return ""
    header = authorization(configuration) or ""
    if not header and not configuration.cert_file:
        return (
            " No credentials were sent: neither the options nor the kubeconfig's user have any, "
            "or the program that the kubeconfig names for them failed."
        )
    if status == 403:
        return ""
    now = datetime.now(UTC)
    for what, end in (
        ("client certificate", _certificate_end(configuration.cert_file)),
        ("token", _token_end(header)),
    ):
        if end is not None and end < now:
            return f" The {what} expired on {end:%Y-%m-%d %H:%M:%S} UTC: get a new one."
    return ""


def _apply_options(configuration: Configuration, auth: Mapping[str, Any]) -> None:
    """Options override what was found."""
    if auth.get("host"):
        configuration.host = auth["host"].rstrip("/")
    if auth.get("api_key"):
        configuration.api_key = {"authorization": f"Bearer {auth['api_key']}"}
        configuration.api_key_prefix = {}
    for option, attribute in (
        ("username", "username"),
        ("password", "password"),
        ("client_cert", "cert_file"),
        ("client_key", "key_file"),
        ("ca_cert", "ssl_ca_cert"),
        ("proxy", "proxy"),
        ("no_proxy", "no_proxy"),
    ):
        if auth.get(option):
            setattr(configuration, attribute, auth[option])
    if auth.get("validate_certs") is not None:
        configuration.verify_ssl = auth["validate_certs"]
    configuration.proxy_headers = _proxy_headers(auth.get("proxy_headers") or {}) or configuration.proxy_headers


def _keep_options(configuration: Configuration, auth: Mapping[str, Any]) -> None:
    """The client's hook that refreshes a token sets all that the kubeconfig says anew: options have to follow it."""
    hooked: Any = configuration  # the client declares the hook as None
    refresh = hooked.refresh_api_key_hook
    if refresh is None:
        return

    def refresh_and_apply(refreshed: Any) -> None:
        refresh(refreshed)  # which also puts itself back
        refreshed.refresh_api_key_hook = refresh_and_apply
        _apply_options(refreshed, auth)

    hooked.refresh_api_key_hook = None if auth.get("api_key") else refresh_and_apply


def _is_direct(auth: Mapping[str, Any]) -> bool:
    """True if the options alone are enough to connect, so that no kubeconfig is read."""
    credentials = (("api_key",), ("username", "password"), ("client_cert", "client_key"))
    return bool(auth.get("host")) and any(all(auth.get(option) for option in group) for group in credentials)


def _load_found(configuration: Configuration, auth: Mapping[str, Any]) -> None:
    """Read the kubeconfig that was named, or else what is found where clients look."""
    kubeconfig, context = auth.get("kubeconfig"), auth.get("context")
    options = {
        "context": context,
        "client_configuration": configuration,
        "persist_config": bool(auth.get("persist_config")),
    }
    try:
        if isinstance(kubeconfig, Mapping):
            config.load_kube_config_from_dict(dict(kubeconfig), **options)
        elif kubeconfig:
            config.load_kube_config(os.path.expanduser(str(kubeconfig)), **options)  # noqa: PTH111  as in may_exist
        elif context:
            config.load_kube_config(**options)
        else:
            _load_default(configuration, options)
    except config.ConfigException as error:
        # The client library calls it invalid where there is none.
        missing = not isinstance(kubeconfig, Mapping) and not those_there(_paths(kubeconfig))
        found = "there is no such file" if missing else str(error)
        raise SafeRestartError(_no_configuration(kubeconfig, context, found)) from error
    except yaml.YAMLError as error:  # its text quotes the file, secrets and all: only the place is told
        mark = getattr(error, "problem_mark", None)
        found = f"no YAML (line {mark.line + 1}, column {mark.column + 1})." if mark else "no YAML."
        raise SafeRestartError(_no_configuration(kubeconfig, context, found)) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:  # a kubeconfig that is not one
        raise SafeRestartError(_no_configuration(kubeconfig, context, f"{type(error).__name__}: {error}")) from error


def _load_default(configuration: Configuration, options: dict[str, Any]) -> None:
    """The pod's own service account, or the default kubeconfig."""
    try:
        config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException:
        config.load_kube_config(**options)


def _paths(kubeconfig: object) -> str:
    """Where the client library looks: one path, or several as in PATH."""
    return str(kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config")


def _no_configuration(kubeconfig: object, context: str | None, found: str) -> str:
    """One message for every way in which there is no usable kubeconfig."""
    given = isinstance(kubeconfig, Mapping)
    where = "the kubeconfig given as a dictionary" if given else _paths(kubeconfig)
    wanted = f"context {context} of {where}" if context else where
    return (
        f"No usable cluster configuration in {wanted}: {found.strip().rstrip('.')}. "
        "Set kubeconfig (or K8S_AUTH_KUBECONFIG or KUBECONFIG) and context, or host with api_key."
    )


def _proxy_headers(options: Mapping[str, Any]) -> dict[str, str]:
    """Headers for the proxy, from the option proxy_headers."""
    headers = {}
    for option, header in (("proxy_basic_auth", "proxy-authorization"), ("basic_auth", "authorization")):
        if options.get(option):
            headers[header] = "Basic " + base64.b64encode(options[option].encode()).decode()
    if options.get("user_agent"):
        headers["user-agent"] = options["user_agent"]
    return headers


def _certificate_end(path: str | None) -> datetime | None:
    """When the certificate in a PEM file ends; None where that cannot be told."""
    if not path:
        return None
    try:
        from cryptography import x509  # comes with ansible-core; only ever used to say more in an error

        return x509.load_pem_x509_certificate(Path(path).read_bytes()).not_valid_after_utc
    except (ImportError, AttributeError, OSError, ValueError):
        return None


def _token_end(header: str) -> datetime | None:
    """The `exp` claim of a JSON Web Token (RFC 7519); None for any other token."""
    try:
        payload = header.removeprefix("Bearer ").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError):
        return None
