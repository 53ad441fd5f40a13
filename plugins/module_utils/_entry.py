# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What every module's main does around its work: options, the connection, and errors turned into fail_json."""

from __future__ import annotations

import gc
import json
import os
import platform
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.saferestart.k8s.plugins.module_utils._api.client import KubernetesApi
from ansible_collections.saferestart.k8s.plugins.module_utils._argspec import AUTH, Options
from ansible_collections.saferestart.k8s.plugins.module_utils._environment import unchecked, with_environment
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.asked import asked
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.packed_result import packed
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import SystemClock
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import RestartFailed, SafeRestartError
from ansible_collections.saferestart.k8s.plugins.module_utils._model.moment import time_text
from ansible_collections.saferestart.k8s.plugins.module_utils._model.version import VERSION
from ansible_collections.saferestart.k8s.plugins.module_utils._run.holder import this_run
from ansible_collections.saferestart.k8s.plugins.module_utils._run.whole_file import require_writable, write_whole

try:
    import kubernetes
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

if TYPE_CHECKING:
    from ansible_collections.saferestart.k8s.plugins.module_utils._run.account import Work

#: As Ansible shows the value of an option with no_log.
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
#: Shorter ones are hidden among the options only: a single digit would be hidden in every number of the result.
SHORTEST_SECRET = 4

#: Python looks for cycles of objects that nobody needs after so many new ones. By default it does so after 700, which
#: doubles the time that it takes to read the JSON of thousands of pods, none of which is in a cycle.
OBJECTS_BETWEEN_COLLECTIONS = 100_000

Secrets = Callable[[Mapping[str, Any]], Iterable[str]]


def run_module(options: Options, work: Work, secrets: Secrets = lambda _params: (), **rules: Any) -> None:
    """Run one module to its end: `work(api, clock, params, check_mode)` returns the result.

    `options` are the module's own, authentication aside; `secrets` finds what must not be shown in their values, which
    may be of any type, since it is asked where they are wrong too; `rules` are AnsibleModule's (required_together ...).
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 50, 50)
    spec = {**AUTH, **options}
    module = _Module(secrets, argument_spec=spec, supports_check_mode=True, **rules)
    if KUBERNETES_MISSING:
        module.fail_json(msg=missing_required_lib("kubernetes"), exception=KUBERNETES_MISSING)
    _require_time(module)
    record, clock = _Record(module), SystemClock()
    if "lock" in options:
        # Only here, because reading twenty files more is a tenth of what a task takes that looks and does nothing.
        from ansible_collections.saferestart.k8s.plugins.module_utils._run.account import accounted

        work = accounted(work, record.holder)
    try:
        result = work(KubernetesApi(_auth(module), clock), clock, module.params, module.check_mode)
    except SafeRestartError as error:
        result = error.result if isinstance(error, RestartFailed) else {}
        record.write(result, str(error))
        _warn(module, result)
        module.fail_json(msg=str(error), **_returned(module, result))
    except Exception as error:
        record.write({}, f"unexpected: {type(error).__name__}: {error}")
        raise
    record.write(result)
    _warn(module, result)
    module.exit_json(**_returned(module, result))


class _Record:
    """The file that the option `record` asks for, if it does."""

    def __init__(self, module: _Module) -> None:
        """Fails, before anything is asked, where it could not be written."""
        self.holder = this_run(os.environ)
        self._module, self._began = module, SystemClock().now()
        path = module.params.get("record")
        self._path = Path(path) if path and not module.check_mode else None
        if self._path:
            try:
                require_writable("record", self._path)
            except OSError as error:
                module.fail_json(msg=f"{error}. Nothing was touched.")

    def write(self, result: Mapping[str, Any], error: str | None = None) -> None:
        """Write it, without what Ansible masks; a run that is over does not fail because of it."""
        if self._path is None:
            return
        module = self._module
        content = {
            "module": module.called,
            "who": self.holder.identity,
            "why": module.params.get("reason"),
            "asked": asked(module.params),
            "began": time_text(self._began),
            "ended": time_text(SystemClock().now()),
            "versions": {
                "saferestart.k8s": VERSION,
                "ansible-core": ansible_version,
                "kubernetes": kubernetes.__version__,
                "python": platform.python_version(),
            },
            "error": error,
            "result": dict(result),
        }
        try:
            write_whole(self._path, json.dumps(remove_values(content, module.no_log_values), indent=2) + "\n")
        except OSError as problem:
            module.warn(f"record: {self._path} could not be written: {problem}")


def _returned(module: AnsibleModule, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result, packed where that was asked for; what Ansible masks could not be found in it later."""
    if module.params.get("result") != "packed":
        return result
    return packed(remove_values(dict(result), module.no_log_values))


def _require_time(module: AnsibleModule) -> None:
    """Fail, before anything is asked, where nothing could be proven in time."""
    seconds = module.params.get("wait_timeout")
    if seconds is not None and seconds < 1 and module.params.get("wait", True):
        advice = " To change things and not wait, set wait to false." if "wait" in module.params else ""
        module.fail_json(msg=f"wait_timeout is {seconds}, and has to be 1 second or more.{advice} Nothing was touched.")


def _auth(module: AnsibleModule) -> dict[str, Any]:
    """The authentication options, with what the environment says of those that were not given."""
    given = {name: module.params[name] for name in AUTH}
    auth = with_environment(AUTH, given, os.environ, module.boolean)
    if warning := unchecked(given, auth, os.environ):
        module.warn(warning)
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

    @property
    def called(self) -> str:
        """The name that the task has for the module."""
        return str(self._name)

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
