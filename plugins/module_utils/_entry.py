# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What every module's main does around its work: options, the connection, and errors turned into fail_json."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._environment import with_environment
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
        "as-groups",
        "client-certificate",
        "client-id",
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

#: As Ansible shows the value of an option with no_log.
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
#: Shorter ones are hidden among the options only: a single digit would be hidden in every number of the result.
SHORTEST_SECRET = 4

Secrets = Callable[[Mapping[str, Any]], Iterable[str]]
Work = Callable[[ClusterApi, Clock, Mapping[str, Any], bool], dict[str, Any]]


def run_module(options: Options, work: Work, secrets: Secrets = lambda _params: (), **rules: Any) -> None:
    """Run one module to its end: `work(api, clock, params, check_mode)` returns the result.

    `options` are the module's own, authentication aside; `secrets` finds what must not be shown in their values, which
    may be of any type, since it is asked where they are wrong too; `rules` are AnsibleModule's (required_together ...).
    """
    spec = {**AUTH, **options}
    module = _Module(secrets, argument_spec=spec, supports_check_mode=True, **rules)
    if KUBERNETES_MISSING:
        module.fail_json(msg=missing_required_lib("kubernetes"), exception=KUBERNETES_MISSING)
    _require_time(module)
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


def _require_time(module: AnsibleModule) -> None:
    """Fail, before anything is asked, where nothing could be proven in time."""
    seconds = module.params.get("wait_timeout")
    if seconds is not None and seconds < 1 and module.params.get("wait", True):
        advice = " To change things and not wait, set wait to false." if "wait" in module.params else ""
        module.fail_json(msg=f"wait_timeout is {seconds}, and has to be 1 second or more.{advice} Nothing was touched.")


def _auth(module: AnsibleModule) -> dict[str, Any]:
    """The authentication options, with what the environment says of those that were not given."""
    auth = with_environment(AUTH, {name: module.params[name] for name in AUTH}, os.environ, module.boolean)
    headers = auth["proxy_headers"] or {}
    for options, values in ((AUTH, auth), (AUTH["proxy_headers"]["options"], headers)):
        secrets = [name for name, option in options.items() if option.get("no_log")]
        module.no_log_values.update(str(values[name]) for name in secrets if values.get(name))
    return auth


class _Module(AnsibleModule):
    """An AnsibleModule that knows the secrets of its parameters before it shows them to anybody."""

    def __init__(self, secrets: Secrets, **arguments: Any) -> None:
        self._secrets_of = secrets
        super().__init__(**arguments)  # type: ignore[no-untyped-call]

    def _hide_secrets(self) -> None:
        """Have Ansible mask them wherever they appear."""
        found = {value for value in self._secrets_of(self.params) if len(value) >= SHORTEST_SECRET}
        self.no_log_values.update(_secrets(self.params.get("kubeconfig")), found)

    def _shown(self) -> dict[str, Any]:
        """The parameters as they may be shown: without short secrets too."""
        short = {value for value in self._secrets_of(self.params) if 0 < len(value) < SHORTEST_SECRET}
        return {name: _masked(value, short) for name, value in self.params.items()}

    def _log_invocation(self) -> None:
        """Write them to the system's log."""
        self._hide_secrets()
        params, self.params = self.params, self._shown()
        super()._log_invocation()  # type: ignore[no-untyped-call]
        self.params = params

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """End; the parameters are returned with the result."""
        self.params = self._shown()
        super().exit_json(**kwargs)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Fail, also where the parameters are wrong and were not logged; they are returned with the error."""
        self._hide_secrets()
        self.params = self._shown()
        super().fail_json(msg, **kwargs)


def _masked(value: Any, secrets: set[str]) -> Any:
    """A copy of a nested value without what is a secret as a whole."""
    if isinstance(value, Mapping):
        return {name: _masked(entry, secrets) for name, entry in value.items()}
    if isinstance(value, list):
        return [_masked(entry, secrets) for entry in value]
    return MASK if not isinstance(value, bool) and str(value) in secrets else value


def _secrets(kubeconfig: object) -> set[str]:
    """What must not be shown of a kubeconfig that was given as a dictionary: what its users authenticate with.

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
