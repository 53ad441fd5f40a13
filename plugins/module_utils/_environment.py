# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Authentication options from K8S_AUTH_* variables, as kubernetes.core takes them.

Not by AnsibleModule's fallback, which an option that is given as null would switch off, and which fails on a boolean
variable that is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PREFIX = "K8S_AUTH_"
DIRECT = ("host", "api_key", "username", "password", "client_cert", "client_key")
PROXY_HEADERS = ("proxy_basic_auth", "basic_auth", "user_agent")


def with_environment(
    options: Mapping[str, Mapping[str, Any]],
    params: Mapping[str, Any],
    environment: Mapping[str, str],
    boolean: Callable[[str], bool],
) -> dict[str, Any]:
    """The parameters, with those that are not given taken from the environment.

    Each option is looked for by its name and then by its aliases; an empty variable counts as none. `boolean` turns a
    text into a truth value, and raises for what is none. A cluster that was chosen by option, with kubeconfig or
    context, is not changed for another one by a variable that is left over; kubernetes.core would do that.
    """
    merged = dict(params)
    chosen = params.get("kubeconfig") is not None or params.get("context") is not None
    for name, option in options.items():
        if chosen and name in DIRECT:
            continue
        names = [name, *option.get("aliases", [])]
        found = next((text for alias in names if (text := environment.get(PREFIX + alias.upper()))), None)
        if merged.get(name) is None and found is not None:
            merged[name] = _typed(found, option["type"], boolean)
    headers = {name: environment.get(f"{PREFIX}PROXY_HEADERS_{name.upper()}") for name in PROXY_HEADERS}
    if merged.get("proxy_headers") is None and any(headers.values()):
        merged["proxy_headers"] = headers
    return merged


def unchecked(params: Mapping[str, Any], auth: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """A warning where the API server's certificate is not checked, and nobody may have meant that.

    AWX's credential "OpenShift or Kubernetes API Bearer Token" sends K8S_AUTH_VERIFY_SSL=False also where its "Verify
    SSL" is on and no certificate authority is given: awx/main/models/credential/injectors.py.
    """
    asked = params.get("validate_certs") is not None or environment.get(f"{PREFIX}VALIDATE_CERTS")
    if asked or auth.get("validate_certs") is not False or str(auth.get("host") or "").startswith("http://"):
        return None
    return (
        "The API server's certificate is not checked, because K8S_AUTH_VERIFY_SSL is false: whoever is in between gets "
        "the token. AWX sends that also where a credential has 'Verify SSL' on and its 'Certificate Authority data' is "
        "empty: put the cluster's CA certificate there. If it is meant, set validate_certs to false."
    )


def _typed(text: str, kind: str, boolean: Callable[[str], bool]) -> Any:
    """A variable's text as its option's type has it."""
    if kind == "bool":
        return boolean(text)
    if kind == "list":
        return [word.strip() for word in text.split(",")]
    return str(Path(text).expanduser()) if kind == "path" else text
