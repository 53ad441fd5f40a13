# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach a cluster."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - URL of the API server. Together with credentials it is enough to connect, and no kubeconfig is read.
      - Also taken from E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Bearer token.
      - Also taken from E(K8S_AUTH_API_KEY).
    type: str
  kubeconfig:
    description:
      - Path of a kubeconfig file, or its content as a dictionary.
      - Without it, and without O(host) and credentials, the pod's own service account is used when the module runs
        in a pod, and otherwise the file that E(KUBECONFIG) names or C(~/.kube/config).
      - Also taken from E(K8S_AUTH_KUBECONFIG).
    type: raw
  context:
    description:
      - Context of the kubeconfig. Its current context by default.
      - Also taken from E(K8S_AUTH_CONTEXT).
    type: str
  username:
    description:
      - User name for HTTP basic authentication, which some proxies before an API server ask for.
      - Also taken from E(K8S_AUTH_USERNAME).
    type: str
  password:
    description:
      - Password for HTTP basic authentication.
      - Also taken from E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - Path of a client certificate, PEM.
      - Also taken from E(K8S_AUTH_CLIENT_CERT) or E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the client certificate's key, PEM.
      - Also taken from E(K8S_AUTH_CLIENT_KEY) or E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of the certificate authority's certificate that the API server's certificate is checked with, PEM.
      - Also taken from E(K8S_AUTH_CA_CERT) or E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether to check the API server's certificate. It is checked unless this, or the kubeconfig, says otherwise.
      - Also taken from E(K8S_AUTH_VALIDATE_CERTS) or E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - URL of an HTTP or SOCKS proxy.
      - Also taken from E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Hosts that are reached without the proxy, separated by commas.
      - Also taken from E(K8S_AUTH_NO_PROXY).
    type: str
  proxy_headers:
    description: What to tell the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description:
          - C(user:password) for the proxy.
          - Also taken from E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      basic_auth:
        description:
          - C(user:password) for the server behind the proxy.
          - Also taken from E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      user_agent:
        description:
          - User-Agent to send.
          - Also taken from E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  persist_config:
    description:
      - Whether a token that had to be refreshed is written back to the kubeconfig file.
      - Also taken from E(K8S_AUTH_PERSIST_CONFIG).
    type: bool
  impersonate_user:
    description:
      - User to act as.
      - Also taken from E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups to act as.
      - Also taken from E(K8S_AUTH_IMPERSONATE_GROUPS).
    type: list
    elements: str
requirements:
  - python >= 3.11
  - kubernetes >= 29.0.0
notes:
  - Names, aliases and environment variables of the authentication options are those of the collection kubernetes.core.
  - The module runs on the host of the task, usually V(localhost), and needs the Python library there.
"""
