# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Whether a URL of the user's answers: the service's own word, from where the module runs."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

with suppress(ImportError):  # the entry reports it before anything here is called
    import urllib3

#: Redirects that are followed.
MOST_REDIRECTS = 5


def unanswered(url: str, seconds: float) -> str:
    """Why the URL does not answer within so many seconds; empty if it does, with a status from 200 to 399.

    Redirects are followed. Proxies come from the environment. Neither the URL nor what an error says of it is in the
    text: it may have a token.
    """
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    retries = urllib3.Retry(connect=0, read=0, status=0, other=0, redirect=MOST_REDIRECTS)
    try:
        with urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager() as pool:
            answer = pool.request("GET", url, timeout=seconds, retries=retries, preload_content=False)
            answer.close()
            return "" if answer.status < 400 else f"it answers with status {answer.status}"
    except urllib3.exceptions.MaxRetryError as error:
        return f"it does not answer ({type(error.reason).__name__})"
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return f"it does not answer ({type(error).__name__})"
