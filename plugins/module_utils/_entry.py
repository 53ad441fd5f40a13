# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What every module's main does around its work: options, the connection, and errors turned into fail_json."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._environment import with_environment
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.command_line import names_a_secret
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, SystemClock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, SafeRestartError

try:
    import kubernetes  # noqa: F401 # pylint: disable=unused-import
except ImportError:
    KUBERNETES_MISSING: str | None = traceback.format_exc()
else:
    KUBERNETES_MISSING = None

#: Keys of a kubeconfig's user that hold names and paths, among them those of a program that gets a token (exec).
NO_SECRETS = frozenset(
    [
        "apiVersion",
        "as",
        "client-certificate",
        "client-key",
        "command",
        "installHint",
        "interactiveMode",
        "name",
        "tokenFile",
        "username",
    ]
)
#: Its arguments and variables are taken for secrets from this length on, since short ones are words like `get-token`.
SECRET_ARGUMENT = 16

Work = Callable[[ClusterApi, Clock, Mapping[str, Any], bool], dict[str, Any]]


def run_module(options: Options, work: Work, **rules: Any) -> None:
    """Run one module to its end: `work(api, clock, params, check_mode)` returns the result.

    `options` are the module's own, authentication aside; `rules` are AnsibleModule's (required_together ...).
    """
    spec = {**AUTH, **options}
    module = _Module(argument_spec=spec, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call]
    if KUBERNETES_MISSING:
        module.fail_json(msg=missing_required_lib("kubernetes"), exception=KUBERNETES_MISSING)
    clock = SystemClock()
    try:
        result = work(KubernetesApi(_auth(module), clock), clock, module.params, module.check_mode)
    except RestartFailed as error:
        _warn(module, error.result)
        module.fail_json(msg=str(error), **error.result)
    except SafeRestartError as error:
        module.fail_json(msg=str(error))
    _warn(module, result)
    module.exit_json(**result)


def _auth(module: AnsibleModule) -> dict[str, Any]:
    """The authentication options, with what the environment says of those that were not given."""
    auth = with_environment(AUTH, {name: module.params[name] for name in AUTH}, os.environ, module.boolean)
    headers = auth["proxy_headers"] or {}
    for options, values in ((AUTH, auth), (AUTH["proxy_headers"]["options"], headers)):
        secrets = [name for name, option in options.items() if option.get("no_log")]
        module.no_log_values.update(str(values[name]) for name in secrets if values.get(name))
    return auth


class _Module(AnsibleModule):
    """An AnsibleModule that knows the secrets in its parameters before it shows them to anybody."""

    def _log_invocation(self) -> None:
        """Write them to the system's log."""
        self.no_log_values.update(_secrets(self.params))
        super()._log_invocation()  # type: ignore[no-untyped-call]

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Fail, also where the parameters are wrong and were not logged; they are returned with the error."""
        self.no_log_values.update(_secrets(self.params))
        super().fail_json(msg, **kwargs)


def _secrets(params: Mapping[str, Any]) -> set[str]:
    """What must not be shown of parameters that are not no_log themselves, since most of them may be."""
    env = params.get("env")
    named = [env[name] for name in env if names_a_secret(str(name))] if isinstance(env, Mapping) else []
    return _kubeconfig_secrets(params.get("kubeconfig")) | {str(value) for value in named if value}


def _kubeconfig_secrets(kubeconfig: object) -> set[str]:
    """Of a kubeconfig that was given as a dictionary: what its users authenticate with.

    The option itself is not no_log, so that an error can name the file that was not found.
    """
    users = kubeconfig.get("users") if isinstance(kubeconfig, Mapping) else None
    return set(_texts([entry.get("user") for entry in users or [] if isinstance(entry, Mapping)]))


def _texts(value: object, shortest: int = 1) -> Iterator[str]:
    """The texts in a nested value, but not what is no secret: masked words would be missing in the result."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in NO_SECRETS:
                yield from _texts(entry, SECRET_ARGUMENT if key == "exec" else shortest)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry, shortest)
    elif isinstance(value, str) and len(value) >= shortest:
        yield value


def _warn(module: AnsibleModule, result: dict[str, Any]) -> None:
    """Hand the warnings over; in the result itself they are deprecated since ansible-core 2.19."""
    for warning in result.pop("warnings", []):
        module.warn(warning)
