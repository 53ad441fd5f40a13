# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import WatchEvent
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.pod_manifest import on_trial
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    ApiError,
    NotFound,
    TargetError,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import (
    CONFIG_MAP,
    NODE,
    POD,
    RESOURCE_QUOTA,
    JsonObject,
    Resource,
)
from ansible_collections.saferestart.k8s.tests.unit.fake_api import FakeApi
from ansible_collections.saferestart.k8s.tests.unit.objects import NAMESPACE
from ansible_collections.saferestart.k8s.tests.unit.replace_script import (
    NAME,
    NODES,
    ONLY,
    REFUSED_BY_QUOTA,
    bare,
    expect_checks,
    expect_delete,
    expect_gone,
    expect_look,
    expect_made,
    expect_removed,
    going,
    kept,
    manifest,
    run,
    stored,
    uids,
)

NONE = NotFound("no", 404)
FORBIDDEN = ApiError("forbidden.", 403, "Forbidden")
FULL = ApiError(f"Cannot create: {REFUSED_BY_QUOTA}.", 403, "Forbidden")
SECRET = Resource("v1", "Secret", "secrets")


def test_from_first_to_last(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api, grace=5)
    expect_gone(fake_api)
    expect_made(fake_api)
    expect_removed(fake_api)
    result = run(fake_api, grace_seconds=5)
    assert uids(result) == ("old", "new", "restarted")
    assert result["changed"]
    assert result["strategy"] == "resource_replace"
    assert result["workload"] is None
    assert result["plan"] == [
        {
            "pod": "toolbox",
            "action": "replace",
            "reason": f"deleted and made again, its manifest is kept in ConfigMap shop/{NAME} meanwhile",
        }
    ]
    assert result["summary"]["seconds"] == 3.0


def test_a_container_without_a_probe_has_to_stay_ready(fake_api: FakeApi) -> None:
    spec = {"containers": [{"name": "app"}]}
    live, new = bare(spec=spec), bare("new", spec=spec)
    expect_look(fake_api, None, stored(manifest(live)))
    fake_api.expect_create(POD, NAMESPACE, manifest(live), bare("new", ready=False, spec=spec))
    ready, lost = WatchEvent("MODIFIED", new), WatchEvent("MODIFIED", bare("new", ready=False, spec=spec))
    # A watch lasts as long as is left when it begins. One that ended at once is followed by a pause.
    watches: list[list[WatchEvent | float | Exception]] = [[ready], [1.0, lost], [ready], []]
    for events in watches:
        fake_api.expect_watch(POD, NAMESPACE, events, resource_version="10", field_selector=ONLY)
    expect_removed(fake_api)
    assert run(fake_api)["summary"]["seconds"] == 6.0


def test_check_mode_asks_the_server_alone(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    fake_api.expect_delete(POD, NAMESPACE, "toolbox", uid="old", dry_run=True)
    result = run(fake_api, check_mode=True)
    assert uids(result) == ("old", "old", "skipped")
    assert result["changed"]


def test_without_waiting_only_for_ready(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api, NONE)
    expect_gone(fake_api)
    fake_api.expect_create(POD, NAMESPACE, manifest(), bare("new", ready=False))
    expect_removed(fake_api)
    assert "it is not known whether it is Ready" in str(run(fake_api, wait=False)["pods"])


def test_a_definition_keeps_the_old_manifest_too(fake_api: FakeApi) -> None:
    wanted = bare(spec={"containers": [{"name": "app", "image": "new", "readinessProbe": {}}]})
    body = manifest(wanted)
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api, body)
    fake_api.expect_create(CONFIG_MAP, NAMESPACE, kept(body, previous=manifest()), stored(body))
    fake_api.expect_delete(POD, NAMESPACE, "toolbox", uid="old")
    expect_gone(fake_api)
    expect_made(fake_api, wanted=body)
    expect_removed(fake_api)
    assert uids(run(fake_api, pod=None, definition=wanted)) == ("old", "new", "restarted")


# Interrupted runs.


def test_gone_and_the_backup_is_there(fake_api: FakeApi) -> None:
    expect_look(fake_api, None, stored())
    expect_made(fake_api)
    expect_removed(fake_api)
    result = run(fake_api)
    assert uids(result) == ("old", "new", "restarted")
    assert result["plan"][0]["action"] == "resume"


def test_gone_in_check_mode(fake_api: FakeApi) -> None:
    expect_look(fake_api, None, stored())
    fake_api.expect_create(POD, NAMESPACE, manifest(), bare("new"), dry_run=True)
    assert run(fake_api, check_mode=True)["changed"]


def test_on_its_way_out_and_the_backup_is_there(fake_api: FakeApi) -> None:
    expect_look(fake_api, going(), stored())
    expect_gone(fake_api)
    expect_made(fake_api)
    expect_removed(fake_api)
    assert uids(run(fake_api)) == ("old", "new", "restarted")


def test_the_backup_was_all_that_was_done(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), stored())
    expect_checks(fake_api)
    body = kept()
    body["metadata"]["resourceVersion"] = "7"
    fake_api.expect_replace(CONFIG_MAP, NAMESPACE, NAME, body, stored())
    fake_api.expect_delete(POD, NAMESPACE, "toolbox", uid="old")
    expect_gone(fake_api)
    expect_made(fake_api)
    expect_removed(fake_api)
    assert run(fake_api)["plan"][0]["action"] == "replace"


def test_made_already(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare("new"), stored())
    expect_removed(fake_api)
    result = run(fake_api)
    assert uids(result) == ("old", "new", "restarted")
    assert result["changed"]


def test_a_backup_that_stays_is_a_warning(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare("new"), stored())
    fake_api.expect_delete(CONFIG_MAP, NAMESPACE, NAME, FORBIDDEN, uid="cm")
    result = run(fake_api)
    assert uids(result) == ("old", "new", "restarted")
    assert result["warnings"] == [
        f"Pod shop/toolbox: forbidden. Remove ConfigMap shop/{NAME}, or the next run takes this one for interrupted."
    ]


# Refused, nothing touched.


def test_a_pod_has_to_have_time_to_end(fake_api: FakeApi) -> None:
    with pytest.raises(TargetError, match="grace_seconds has to be 1 or more"):
        run(fake_api, grace_seconds=0)


@pytest.mark.parametrize("name", ["", "Big", "../secrets"])
def test_what_is_no_name(fake_api: FakeApi, name: str) -> None:
    with pytest.raises(TargetError, match="is no name"):
        run(fake_api, pod=name)


def test_no_pod_and_no_backup(fake_api: FakeApi) -> None:
    expect_look(fake_api, None, NONE)
    fake_api.expect_namespace(NAMESPACE, True)
    with pytest.raises(TargetError, match="Pod toolbox does not exist in namespace shop, and there is no backup"):
        run(fake_api)


def test_the_server_would_refuse_it(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    refused = ApiError("Cannot create: no service account.", 403, "Forbidden")
    fake_api.expect_create(POD, NAMESPACE, on_trial(manifest()), refused, dry_run=True)
    with pytest.raises(TargetError, match=r"would not be made again: .* no service account\. Nothing was touched"):
        run(fake_api)


def quota(used: str) -> JsonObject:
    status = {"hard": {"pods": "1"}, "used": {"pods": used}}
    return {"metadata": {"name": "team"}, "spec": {}, "status": status}


@pytest.mark.parametrize(
    ("quotas", "words"),
    [
        ([quota("2")], "would not be made again: ResourceQuota team limits pods to 1, and 2 are used"),
        (FORBIDDEN, "Whether it fits without the old pod is not known: forbidden"),
    ],
)
def test_a_quota_that_leaves_no_room(fake_api: FakeApi, quotas: Any, words: str) -> None:
    expect_look(fake_api, bare(), NONE)
    fake_api.expect_create(POD, NAMESPACE, on_trial(manifest()), FULL, dry_run=True)
    fake_api.expect_list(RESOURCE_QUOTA, NAMESPACE, quotas)
    with pytest.raises(TargetError, match=f"{words}.* Nothing was touched"):
        run(fake_api)


def test_a_quota_that_the_old_pod_fills_is_released_late(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    fake_api.expect_create(POD, NAMESPACE, on_trial(manifest()), FULL, dry_run=True)
    fake_api.expect_list(RESOURCE_QUOTA, NAMESPACE, [quota("1")])
    fake_api.expect_list(NODE, "", NODES)
    expect_delete(fake_api)
    expect_gone(fake_api)
    fake_api.expect_create(POD, NAMESPACE, manifest(), FULL)
    expect_made(fake_api)
    expect_removed(fake_api)
    assert uids(run(fake_api)) == ("old", "new", "restarted")
    assert fake_api.clock.slept == [1.0]


def test_no_node_takes_it(fake_api: FakeApi) -> None:
    wanted = bare(spec={"nodeSelector": {"disk": "ssd"}})
    expect_look(fake_api, wanted, NONE)
    expect_checks(fake_api, manifest(wanted))
    with pytest.raises(TargetError, match="would not run again: 1 of 1 does not match the node selector disk=ssd"):
        run(fake_api)


ENV = [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "keys"}}]
CONFIGURED = bare(spec={"containers": [{"name": "app", "readinessProbe": {}, "envFrom": ENV}]})


def test_what_it_needs_is_missing(fake_api: FakeApi) -> None:
    expect_look(fake_api, CONFIGURED, NONE)
    expect_checks(fake_api, manifest(CONFIGURED))
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, "settings", NONE)
    fake_api.expect_get(SECRET, NAMESPACE, "keys", {})
    with pytest.raises(TargetError, match="would not start again: there is no ConfigMap settings"):
        run(fake_api)


def test_what_may_not_be_asked_is_a_warning(fake_api: FakeApi) -> None:
    expect_look(fake_api, CONFIGURED, NONE)
    made = manifest(CONFIGURED)
    fake_api.expect_create(POD, NAMESPACE, on_trial(made), made, dry_run=True)
    fake_api.expect_list(NODE, "", FORBIDDEN)
    fake_api.expect_get(CONFIG_MAP, NAMESPACE, "settings", {})
    fake_api.expect_get(SECRET, NAMESPACE, "keys", FORBIDDEN)
    fake_api.expect_delete(POD, NAMESPACE, "toolbox", uid="old", dry_run=True)
    assert run(fake_api, check_mode=True)["warnings"] == [
        "Pod shop/toolbox: whether a node takes it was not checked, these credentials may not list nodes.",
        "Pod shop/toolbox: not checked, these credentials may not read it: Secret keys.",
    ]


SHOP = Resource("shop.example/v1", "Shop", "shops")


@pytest.mark.parametrize(
    ("found", "stays"), [(NONE, False), ({"metadata": {"uid": "other"}}, False), ({"metadata": {"uid": "s"}}, True)]
)
def test_an_owner_that_is_gone_is_left_out(fake_api: FakeApi, found: Any, stays: bool) -> None:
    owner = {"apiVersion": "shop.example/v1", "kind": "Shop", "name": "main", "uid": "s"}
    live = bare(meta={"ownerReferences": [owner]})
    made = manifest(live)
    if not stays:
        made["metadata"]["ownerReferences"] = []
    expect_look(fake_api, live, NONE)
    fake_api.expect_discover("shop.example/v1", "Shop", SHOP)
    fake_api.expect_get(SHOP, NAMESPACE, "main", found)
    expect_checks(fake_api, made)
    fake_api.expect_delete(POD, NAMESPACE, "toolbox", uid="old", dry_run=True)
    warnings = run(fake_api, check_mode=True)["warnings"]
    assert ["its owner Shop main no longer exists" in text for text in warnings] == ([] if stays else [True])


@pytest.mark.parametrize("answer", [ApiError("Cannot delete: forbidden.", 403), ApiError("Cannot: conflict.", 409)])
def test_a_delete_that_is_refused_takes_the_backup_back(fake_api: FakeApi, answer: ApiError) -> None:
    expect_look(fake_api, bare(), NONE)
    expect_checks(fake_api)
    expect_delete(fake_api, answer)
    expect_removed(fake_api)
    with pytest.raises(TargetError, match=r"Pod shop/toolbox was not deleted: .* Nothing was touched"):
        run(fake_api)


def test_a_pod_that_is_not_selected_is_not_touched(fake_api: FakeApi) -> None:
    expect_look(fake_api, bare(), NONE)
    result = run(fake_api, select="status.containerStatuses[?restartCount > `5`]")
    assert not result["changed"]
    assert result["plan"][0]["action"] == "skip"
