# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a URL of the user's answers: the service's own word, from where the module runs."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import TargetError


def require_url(option: str, url: str) -> None:
    """Raises TargetError for anything but http and https with a host; what the URL says is not repeated."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise TargetError(f"{option} is no http or https URL with a host. Nothing was sent.")


def unanswered(url: str, seconds: float) -> str:
    """Why the URL does not answer within so many seconds; empty if it does, with a status from 200 to 399.

    A redirect is followed. Proxies come from the environment. The URL is not in the text: it may have a token.
    """
    try:
        with urlopen(Request(url, method="GET"), timeout=seconds):  # noqa: S310  see require_url
            return ""
    except HTTPError as error:
        with error:
            return f"it answers with status {error.code}"
    except URLError as error:
        return f"it does not answer ({error.reason})"
    except (OSError, ValueError) as error:
        return f"it does not answer ({error})"
