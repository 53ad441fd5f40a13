# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What HTTP answers say, and from those and connection errors to errors that a person can act on. Pure."""

from __future__ import annotations

import json
import re

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    Unreachable,
    WatchExpired,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import JsonObject, Resource

#: The longest pause before another try, whatever a proxy's Retry-After says. Kubernetes says 1 to 30.
MOST_PAUSE = 60.0


def api_error(request: str, status: int, body: bytes, hint: str = "") -> ApiError:
    """The error for an answer that is not a success.

    `request` says what was asked, as in `patch Deployment shop/cart`; `body` is a Kubernetes Status or a proxy's page;
    `hint` is added where credentials were not accepted.
    """
    message, reason = _status(body)
    if status == 404:
        return NotFound(f"Cannot {request}: {message or 'not found'}.", status, reason)
    if status == 410:
        return WatchExpired(f"Cannot {request}: {message or 'too old'}.", status, reason)
    if status == 401:
        text = (
            f"Cannot {request}: the API server does not accept the credentials (401 Unauthorized): "
            f"the token or client certificate is wrong or has expired.{hint}"
        )
    elif status == 403:
        found = message.rstrip(" :") or "forbidden (403)"
        text = f"Cannot {request}: {found}. {hint.strip() or _advice(message)}".strip()
    else:
        words = " ".join(word for word in (str(status), reason) if word)
        text = f"Cannot {request}: the API server answered {words}{f': {message}' if message else ''}."
    return ApiError(text, status, reason)


def unnamed_right(status: int, body: bytes, path: str) -> str:
    """What a refused session lacks, where the server does not say it; `path` is that of the request.

    Besides `get`, the verb of a WebSocket, the server asks for `create` (by default since 1.35), and its refusal has
    only the authorizer's reason, which RBAC leaves empty: AuthorizePodWebsocketUpgradeCreatePermission, KEP 4006.
    """
    message, _reason = _status(body)
    if status != 403 or " cannot " in message or not message.endswith("forbidden:"):
        return ""
    *_root, namespace, plural, _pod, subresource = path.split("/")
    what = f'create resource "{plural}/{subresource}" in API group "" in the namespace "{namespace}"'
    return f"This user cannot {what}. {_advice('')}"


def no_json(request: str, body: bytes) -> ApiError:
    """The error for a success that does not come from an API server: a login page, for example."""
    start = body[:200].decode("utf-8", "replace").strip()
    text = f"Cannot {request}: the answer is no JSON but {start!r}. Is host the address of an API server?"
    return ApiError(text, 200)


def json_object(request: str, body: bytes) -> JsonObject:
    """A request's answer as JSON. Raises ApiError for what is none: something else than an API server answered."""
    try:
        answer: JsonObject = json.loads(body)
    except ValueError as error:
        raise no_json(request, body) from error
    return answer


def retry_after(said: str, otherwise: float) -> float:
    """Seconds to wait: what that header says, if it is a number (a proxy may send a date)."""
    return min(float(said), MOST_PAUSE) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", said) else otherwise


def called(resource: Resource, namespace: str, name: str) -> str:
    """An object in words; one of the whole cluster has no namespace."""
    return f"{resource.kind} {namespace and f'{namespace}/'}{name}"


def unreachable(host: str, error: BaseException, unsure: str = "") -> Unreachable:
    """The error for a request that got no answer. `error` may carry its cause in `reason`, as urllib3's do.

    `unsure` is the request if it may have been carried out all the same, as in `create Pod shop/cart`.
    """
    cause = getattr(error, "reason", None) or error
    text = str(cause)
    advice = "Check host, or the kubeconfig and context, and the network between this machine and the API server."
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        advice = "Check ca_cert and the server's certificate; its name and dates have to fit."
    elif "NO_CERTIFICATE_OR_CRL_FOUND" in text or "PEM lib" in text:
        advice = "Check ca_cert: that file holds no certificate (PEM). AWX fills it from 'Certificate Authority data'."
    doubt = f" Whether the request to {unsure} was carried out is not known." if unsure else ""
    return Unreachable(f"No answer from the API server at {host}: {_short(text)}. {advice}{doubt}")


def _advice(message: str) -> str:
    """What helps against a 403. Nothing where it is not about rights, as in `... is forbidden: exceeded quota`."""
    if " is forbidden: " in message and " cannot " not in message:
        return ""
    role = "ClusterRole" if "at the cluster scope" in message else "Role"
    return f"A {role} that allows this verb on this resource has to be bound to that user."


def _status(body: bytes) -> tuple[str, str]:
    """Message and reason of a Kubernetes Status; the start of the text if it is none."""
    try:
        status = json.loads(body)
        message = str(status.get("message") or "").strip().rstrip(".")
        # An eviction's answer names the disruption budget only there, a JSON patch's the path that does not exist.
        causes = [str(entry.get("message", "")) for entry in (status.get("details") or {}).get("causes") or []]
        message = ": ".join([message, *(cause.rstrip(".") for cause in causes if cause not in message)])
        return message, str(status.get("reason") or "")
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace").strip().rstrip("."), ""


def _short(text: str) -> str:
    """The end of a chain of exceptions: the part that says what happened."""
    return text.rsplit(">: ", maxsplit=1)[-1].rsplit("): ", maxsplit=1)[-1].strip().rstrip(".")
