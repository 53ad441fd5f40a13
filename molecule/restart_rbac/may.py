# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an account may do exactly what these rules say: may.py KUBECONFIG NAMESPACE, rules as JSON on standard input.

The API server is asked (SelfSubjectRulesReview) until it says so, since its authorizer learns of Roles from a watch.
What every authenticated user may do is left out: system:basic-user, that is reviews of oneself.
"""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.saferestart.k8s.plugins.module_utils._logic.permissions import Permission, granted
from kubernetes import client, config

SECONDS = 60.0


def main(kubeconfig: str, namespace: str) -> None:
    """Print what differs, and fail unless nothing does."""
    expected = granted(json.load(sys.stdin))
    config.load_kube_config(kubeconfig)
    api = client.AuthorizationV1Api()
    end = time.monotonic() + SECONDS
    while (found := allowed(api, namespace)) != expected:
        if time.monotonic() > end:
            too_much, too_little = map(str, sorted(found - expected)), map(str, sorted(expected - found))
            sys.exit(f"too much: {', '.join(too_much) or 'nothing'}; too little: {', '.join(too_little) or 'nothing'}")
        time.sleep(0.5)
    print("ok")


def allowed(api: client.AuthorizationV1Api, namespace: str) -> frozenset[Permission]:
    """Return what the API server says of this user."""
    body = client.V1SelfSubjectRulesReview(spec=client.V1SelfSubjectRulesReviewSpec(namespace=namespace))
    status = api.create_self_subject_rules_review(body).status
    rules = status.resource_rules if status else []
    plain = [{"apiGroups": rule.api_groups, "resources": rule.resources, "verbs": rule.verbs} for rule in rules]
    return frozenset(each for each in granted(plain) if not each.resource.startswith("selfsubject"))


if __name__ == "__main__":
    main(*sys.argv[1:])
